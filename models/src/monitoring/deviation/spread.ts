import { kept, real, whole } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { endsOf, markEnds } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { monitorKind, watchParameters } from '../monitor/monitor.ts';
import { UsualLevel } from '../usual/usual-level.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 2000 },
  sensitivity: { ...watchParameters.sensitivity, default: 6 },
  window: { doc: 'readings over which a variance is a mean', form: 'integer', default: 100, minimum: 2 },
} as const satisfies ParameterTable;

/** Readings between the two of which a difference is taken: a band each, as of a block's octaves. */
const LAGS = [1, 8, 64] as const;
const LONGEST = 64;
/** Readings over which the usual spread is a mean. */
const MEMORY = 2000;
/** The least deviation of a spread's logarithm: a twentieth more or less is no news. */
const LEAST = 0.05;
/** A change counts as at most so many usual ones: one outlier is another monitor's business. */
const FARTHEST = 5;
/** Before any is usual, its square counts as at most this, so that no mean of them is infinite. */
const LARGEST = 1e300;
/** Readings that a spread is flagged before it is taken for the usual one from then on. */
const PATIENCE = 1000;
/** What rounding leaves of a channel that rests, as a share of its magnitude. */
const ROUNDING = 1e-9;

/** The band of the k-th level, for people. */
function overOf(k: number): string {
  const lag = LAGS[k % LAGS.length]!;
  return lag === 1 ? 'from reading to reading' : `over ${lag} readings`;
}

/**
 * Spread: how much channels vary, in three bands: the mean square of differences over 1, 8 and 64 readings. Score = the
 * largest distance of a band's logarithm from where that usually lies, in mean deviations; more and less are both news.
 */
export const spread = monitorKind({
  type: 'spread',
  title: 'unusual variation',
  about: 'whether readings vary much more or much less than usual',
  parameters,
  channelBytes: 2048,

  prepare({ window, normalFor, warmUp }, { channels }) {
    const { length } = channels;
    const usual = new UsualLevel(length * LAGS.length, { memory: MEMORY, least: LEAST, normalFor });
    const past = new Float64Array(length * LONGEST);
    const squares = new Float64Array(length * LAGS.length);
    const levels = new Float64Array(length * LAGS.length);
    /** Readings for which each has been flagged. */
    const flaggedFor = new Float64Array(length * LAGS.length);
    /** [readings taken] */
    const taken = new Float64Array(1);
    /** Readings taken before the last jump of each channel: a longer difference over it says nothing of its spread. */
    const since = new Float64Array(length);
    const evidence = new Float64Array(2 * levels.length);
    let worst = 0;

    function take(sample: Float64Array): void {
      const now = taken[0]!;
      for (let c = 0; c < length; c++) {
        for (const [band, lag] of LAGS.entries()) {
          const k = c * LAGS.length + band;
          if (now < lag || (lag > 1 && now < since[c]! + lag)) continue;
          const change = sample[c]! - past[c * LONGEST + ((now - lag) % LONGEST)]!;
          const most = usual.isNew(k) ? LARGEST : Math.min(LARGEST, (FARTHEST * Math.exp(usual.centre(k))) ** 2);
          // Where such changes come again and again, they are how it varies.
          if (lag === 1 && change * change > Math.max(most, FARTHEST ** 2 * squares[k]!)) since[c] = now;
          squares[k]! +=
            (Math.min(change * change, most) - squares[k]!) / Math.min(now - lag + 1, Math.max(window, lag));
          levels[k] = Math.log(Math.sqrt(squares[k]!) + ROUNDING * Math.abs(sample[c]!) + Number.MIN_VALUE);
        }
        past[c * LONGEST + (now % LONGEST)] = sample[c]!;
      }
      taken[0] = now + 1;
    }

    /** What varies so much more or less in one band of a channel may do so in all of them. */
    function acceptEnds(flagged: Float64Array, sensitivity: number): void {
      for (let first = 0; first < levels.length; first += LAGS.length) {
        const bands = LAGS.map((_, band) => first + band);
        const distances = bands.map((k) => {
          const [low, high] = endsOf(flagged, k) ?? [usual.centre(k), usual.centre(k)];
          return Math.max(usual.centre(k) - low, high - usual.centre(k));
        });
        const most = Math.max(...distances);
        for (const k of bands) usual.accept(k, usual.centre(k) - most, usual.centre(k) + most, sensitivity);
      }
    }

    return {
      read({ sample }, { learning, sensitivity }) {
        if (sample === undefined) return undefined;
        take(sample);
        let score = 0;
        for (let k = 0; k < levels.length; k++) {
          // A mean over fewer readings than its window varies more than it will.
          markEnds(evidence, k, 0, false);
          if (taken[0]! < 2 * window + LAGS[k % LAGS.length]!) continue;
          const own = usual.score(k, levels[k]!, sensitivity);
          if (own > score) worst = k;
          score = Math.max(score, own);
          markEnds(evidence, k, levels[k]!, own > sensitivity);
          flaggedFor[k] = own > sensitivity ? flaggedFor[k]! + 1 : 0;
          const isUsual = own <= sensitivity || taken[0]! <= warmUp || flaggedFor[k]! > PATIENCE;
          if (learning && isUsual) usual.learn(k, levels[k]!);
        }
        return score;
      },
      flaggedChannels: () => [channels[Math.floor(worst / LAGS.length)]!],
      reason() {
        const ratio = Math.exp(levels[worst]! - usual.centre(worst));
        const more = `${shortNumber(Math.max(ratio, 1 / ratio))} times ${ratio > 1 ? 'as much' : 'less'}`;
        const channel = channels[Math.floor(worst / LAGS.length)];
        return `${channel} varies ${more} ${overOf(worst)} ${ratio > 1 ? 'as' : 'than'} usual`;
      },
      evidence,
      leavesOutRare: true,
      accept(flagged, { name, sensitivity }) {
        const limits = Array.from(levels, (_, k) => ({
          of: `${channels[Math.floor(k / LAGS.length)]} ${overOf(k)}`,
          value: () => Math.exp(sensitivity * usual.usual(k)),
        }));
        return limitChanges(name, limits, () => acceptEnds(flagged, sensitivity), ' times as usual');
      },
      accepted: usual.accepted,
      state: {
        past: kept(past, real()),
        squares: kept(squares, real(0)),
        levels: kept(levels, real()),
        flaggedFor: kept(flaggedFor, whole()),
        taken: kept(taken, whole()),
        since: kept(since, whole()),
        ...usual.state,
      },
    };
  },
});

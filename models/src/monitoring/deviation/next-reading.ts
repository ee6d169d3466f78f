import { SpikewireError } from '../../error.ts';
import { flag, kept, real, whole } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { NOTHING } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { type Attention, monitorKind, watchParameters } from '../monitor/monitor.ts';
import { type Level, NewLevel } from '../monitor/new-level.ts';
import { UsualSizes, usualQuantile } from '../usual/usual-sizes.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 100 },
  quantile: { ...usualQuantile, doc: 'the usual error is this running quantile of its magnitude' },
  sensitivity: { ...watchParameters.sensitivity, default: 6 },
} as const satisfies ParameterTable;

/**
 * The least size of a usual error, in normalised units (a channel's range is −1…1): half a step of an 8-bit input.
 * Below it an error is rounding and not news.
 */
const LEAST_ERROR = 0.5 / 127;

/**
 * Errors of a channel, or those of a shorter warm-up, before it is known how large they usually are: one or two may be
 * nearly nothing, and of many channels some are.
 */
const LEAST_ERRORS = 10;

/** Readings after a flag whose errors may be a part of what was flagged, also at a level that was adopted. */
const SETTLED = 30;
/** Readings in a row without a flag, of any monitor, before a large error is one that the machine makes. */
const CALM = 300;

/** A channel's range, −1…1. */
const WHOLE_RANGE = 2;
/** An error of so many learned ones, if it is also as wide as the range, is none that comes. */
const OUT_OF_REACH = 100;

/**
 * Error of prediction: the net predicts the next sample of its own input, and what it could not foresee is unusual.
 * Score = max over channels of |error| over the usual size of that channel's error.
 *
 * With `whileFlagged: "hold"` an error that is flagged teaches nothing. A shadow learns meanwhile ({@link NewLevel}),
 * and where that finds a new level it is adopted: the range moves there, and the net may learn until it is quiet.
 * Errors that have been too large for hundreds of readings, without any level, are the usual ones from then on.
 */
export const nextReading = monitorKind({
  type: 'next-reading',
  title: 'unexpected value',
  about: 'how far a reading is from what the net expected',
  parameters,
  predicts: true,
  channelBytes: 3840,

  prepare({ quantile, normalFor, whileFlagged, warmUp }, { where, channels, outputs }) {
    const { length } = channels;
    if (outputs !== length) {
      const problem = `has ${outputs} outputs for ${length} channels`;
      throw new SpikewireError('graph', where, problem, 'one output per channel');
    }
    const usual = new UsualSizes(length, { quantile, least: LEAST_ERROR, normalFor, settles: true, remembers: true });
    const least = Math.min(LEAST_ERRORS, warmUp);
    const shadow = new NewLevel(length);
    const lastError = new Float64Array(length);
    const flags = new Uint8Array(length);
    const [limits, errors] = [new Float64Array(length), new Float64Array(length)];
    const evidence = new Float64Array(length);
    /** Half widths of the channels' ranges at first, in sensor units. */
    const units = new Float64Array(length).fill(1);
    /** [1 while the net learns what was adopted] */
    const released = new Float64Array(1);
    /** [readings until what is usual is settled again after a flag] */
    const unsettled = new Float64Array(1);
    /** [readings in a row without a flag, at most `CALM`] */
    const calm = new Float64Array(1);
    let adopted: Level | undefined;
    let [worst, measured, foreseen] = [0, Number.NaN, Number.NaN];

    /** The score of each channel's error, and where it is too large. */
    function judge(error: Float64Array, sensitivity: number): number {
      let score = 0;
      for (let channel = 0; channel < length; channel++) {
        const isKnown = usual.count(channel) >= least;
        const own = isKnown ? usual.score(channel, Math.abs(error[channel]!), sensitivity) : 0;
        if (own > score) worst = channel;
        score = Math.max(score, own);
        flags[channel] = own > sensitivity ? 1 : 0;
        evidence[channel] = own > sensitivity ? Math.abs(error[channel]!) : NOTHING;
      }
      return score;
    }

    /** What follows a flag is a part of what was flagged, and no usual error, unless it goes on for too long. */
    function learn(error: Float64Array, sample: Float64Array, { sensitivity, isWarm, isUnusual }: Attention): void {
      unsettled[0] = isWarm && flags.includes(1) ? SETTLED : Math.max(0, unsettled[0]! - 1);
      calm[0] = flags.includes(1) || isUnusual ? 0 : Math.min(CALM, calm[0]! + 1);
      const isUsual = whileFlagged === 'learn' || !shadow.isOpen || shadow.isRough;
      for (let channel = 0; channel < length; channel++) {
        const size = Math.abs(error[channel]!);
        const isOrdinary = isUsual && !isUnusual && (whileFlagged === 'learn' || flags[channel] === 0);
        const teaches = isOrdinary && !usual.isOnlyRemembered(channel, size, sensitivity);
        usual.remember(channel, size, sensitivity, isOrdinary && calm[0] === CALM);
        if (teaches) usual.learn(channel, size);
        else if (shadow.isRough && shadow.moves(channel, sample))
          usual.learn(channel, sensitivity * usual.learned(channel));
        if (isWarm) usual.settle(channel, size, sensitivity, unsettled[0]! > 0, teaches);
      }
    }

    /** While it flags, only its shadow learns. */
    function follow(
      error: Float64Array,
      sample: Float64Array,
      halfWidths: Float64Array,
      { learning, sensitivity }: Attention,
    ): void {
      for (let channel = 0; channel < length; channel++) {
        limits[channel] = sensitivity * usual.learned(channel) * halfWidths[channel]!;
        errors[channel] = Math.abs(error[channel]!) * halfWidths[channel]!;
      }
      adopted = shadow.take(sample, { errors, limits, flags }, learning);
      if (adopted !== undefined) released[0] = 1;
      else if (!flags.includes(1)) released[0] = 0;
    }

    return {
      read({ error, sample, expected, halfWidths }, attention) {
        adopted = undefined;
        if (error === undefined) return undefined;
        if (halfWidths !== undefined) units.set(halfWidths);
        const score = judge(error, attention.sensitivity);
        measured = sample?.[worst] ?? Number.NaN;
        foreseen = expected?.[worst] ?? Number.NaN;
        lastError.set(error);
        if (attention.learning) {
          learn(error, sample!, attention);
          if (whileFlagged === 'hold' && halfWidths !== undefined && attention.isWarm)
            follow(error, sample!, halfWidths, attention);
        }
        return score;
      },
      get adopted() {
        return adopted;
      },
      // The error that led to what is adopted is none of it: the net learns from the next one on.
      get mayHold() {
        return released[0] === 0 || adopted !== undefined;
      },
      usualError: (channel) => (usual.count(channel) > 0 ? usual.learned(channel) : LEAST_ERROR),
      flaggedChannels: () => [channels[worst]!],
      reason: () => `${channels[worst]} is ${shortNumber(measured)} where ${shortNumber(foreseen)} was expected`,
      evidence,
      leavesOutRare: true,
      accept(sizes, { name, sensitivity }) {
        const named = channels.map((of, c) => ({ of, value: () => sensitivity * usual.at(c) * units[c]! }));
        return limitChanges(name, named, () => {
          for (let c = 0; c < length; c++) usual.accept(c, sizes[c]!, sensitivity);
        });
      },
      accepted: usual.accepted,
      get taught() {
        return usual.taught;
      },
      get remembers() {
        return usual.remembers;
      },
      forgetRemembered: () => usual.forgetRemembered(),
      // A sensor that has left its range makes errors wider than that.
      isMuted: (sensitivity) =>
        channels.every((_, channel) => {
          const limit = sensitivity * usual.withoutMemory(channel);
          return limit >= WHOLE_RANGE && limit >= OUT_OF_REACH * usual.learned(channel);
        }),
      state: {
        lastError: kept(lastError, real()),
        released: kept(released, flag),
        units: kept(units, real(0)),
        unsettled: kept(unsettled, whole(0, SETTLED)),
        calm: kept(calm, whole(0, CALM)),
        ...usual.state,
        ...shadow.state,
      },
    };
  },
});

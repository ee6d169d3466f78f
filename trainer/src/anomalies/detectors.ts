import { type MonitoredReading, monitorKindOf, Watch } from '@spikewire/models';
import type { AnomalyScore } from '../baselines/anomaly-score.ts';
import { cusum } from '../baselines/cusum.ts';
import { halfSpaceTrees } from '../baselines/half-space-trees.ts';
import { isolationForest } from '../baselines/isolation-forest.ts';
import { runningZScore } from '../baselines/running-z-score.ts';

/** A detector of the comparison. */
export interface Detector {
  readonly name: string;
  /** Whether its scores depend on the seed. */
  readonly isRandom: boolean;
  start(channels: number, seed: number): AnomalyScore;
}

/** Above every score of the others, where the extremum flags. */
const FLAGGED = 1e6;

/** A monitor of spikewire, as a session has it, without the net: it flags nothing in its warm-up. */
export function monitorScore(
  type: string,
  channels: number,
  parameters: Readonly<Record<string, number>> = {},
): AnomalyScore & { readonly watch: Watch } {
  const watch = new Watch({ type, parameters }, { channels: namesOf(channels), outputs: channels });
  return {
    watch,
    scoreOf(values) {
      const score = watch.read(readingOf(values), true)?.score ?? 0;
      return Number.isNaN(score) ? 0 : score;
    },
  };
}

const namesOf = (channels: number) => Array.from({ length: channels }, (_, channel) => `channel ${channel}`);

function readingOf(values: ArrayLike<number>): MonitoredReading {
  const sample = Float64Array.from(values);
  const nothing = { normalised: undefined, expected: undefined, error: undefined };
  return { time: Number.NaN, interval: Number.NaN, values: sample, sample, ...nothing };
}

/** A detector and the extremum side by side, which has a sensitivity of its own. */
function withExtremum({ name, isRandom, start }: Detector): Detector {
  return {
    name: `${name} + extremum`,
    isRandom,
    start(channels, seed) {
      const [one, extremum] = [start(channels, seed), monitorScore('extremum', channels)];
      return {
        scoreOf(values) {
          const score = one.scoreOf(values);
          return extremum.scoreOf(values) > extremum.watch.sensitivity ? FLAGGED : score;
        },
      };
    },
  };
}

/**
 * Monitors for each channel, which know only what came in the first readings; the mean of their scores. Several of each
 * differ in their seeds alone.
 */
export function frozenAfter(readings: number, type: string, each = 1): Detector {
  const kind = monitorKindOf(type, type);
  const isRandom = 'seed' in kind.parameters;
  return {
    name: `${each === 1 ? '' : `${each} × `}${type} of each sensor, mean`,
    isRandom,
    start(channels, seed) {
      const monitors = Array.from({ length: each * channels }, (_, k) => {
        return kind.prepare(isRandom ? { seed: 100 * seed + k } : {}, { channels: [''], outputs: 1 });
      });
      let count = 0;
      return {
        scoreOf(values) {
          const learning = count++ < readings;
          const attention = { learning, sensitivity: Number.POSITIVE_INFINITY, isWarm: false, isUnusual: false };
          const scores = monitors.map(
            (monitor, k) => monitor.read?.(readingOf([values[k % channels]!]), attention) ?? 0,
          );
          return scores.reduce((sum, score) => sum + score, 0) / scores.length;
        },
      };
    },
  };
}

const seeded = (name: string): Detector => ({
  name,
  isRandom: true,
  start: (channels, seed) => monitorScore(name, channels, { seed }),
});
const fixed = (name: string, start: (channels: number) => AnomalyScore): Detector => ({ name, isRandom: false, start });

const slowZ = fixed('slow z of an EMA', (channels) => runningZScore(channels, 5));

/** What spikewire itself recommends: the first. */
export const ours: readonly Detector[] = [
  withExtremum(seeded('sequence')),
  seeded('sequence'),
  fixed('surprise', (channels) => monitorScore('surprise', channels)),
];

/** What others score with. */
export const othersScores: readonly Detector[] = [
  slowZ,
  fixed('z-score', (channels) => runningZScore(channels)),
  fixed('CUSUM', cusum),
  { name: 'isolation forest', isRandom: true, start: (channels, seed) => isolationForest(channels, seed) },
  { name: 'half-space trees', isRandom: true, start: (channels, seed) => halfSpaceTrees(channels, seed) },
];

export const anomalyBaselines: readonly Detector[] = [
  fixed('novel extremum', (channels) => monitorScore('extremum', channels)),
  withExtremum(seeded('pair-novelty')),
  seeded('pair-novelty'),
  withExtremum(slowZ),
  ...othersScores,
];

/** The score of every reading of a series. */
export function scoresOf(series: readonly Float64Array[], detector: AnomalyScore): Float64Array {
  return Float64Array.from(series, (values) => detector.scoreOf(values));
}

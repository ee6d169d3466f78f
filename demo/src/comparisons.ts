import { createRequire } from 'node:module';
import type { MonitorDeclaration } from '@spikewire/models';
import type { Plant } from './plant.ts';
import { absoluteError, type Score, Scorecard } from './scorecard.ts';

/** A row of the comparison: who, and how it did. */
export interface ComparedScore {
  readonly name: string;
  readonly score: Score;
}

/** What the trainer package brings; named here because the demo does without it where it is not installed. */
interface Baselines {
  movingZScore(options: { channels: number; sigmas: number }): Detector;
  movingAverage(channels: number): unknown;
  persistence(): unknown;
  forecastDetector(forecast: unknown, channels: number, rangeWarmUp: number, monitor: MonitorDeclaration): Detector;
}

interface Detector {
  readonly name: string;
  observe(values: ArrayLike<number>): { readonly anomaly: boolean; readonly expected: Float64Array | undefined };
}

/**
 * Settings among which the best wide z-score is chosen, with the labels in sight: it is given the benefit of every
 * doubt.
 */
const WIDE_SIGMAS = [4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 80];

export interface ComparisonOptions {
  readonly monitor: MonitorDeclaration;
  readonly rangeWarmUp: number;
  readonly scoring: { readonly warmUp: number; readonly holdOff: number };
}

/**
 * The honest comparisons on the same streams; undefined where the trainer package, which has them, is not installed.
 */
export async function compareBaselines(
  plant: Plant,
  { monitor, rangeWarmUp, scoring }: ComparisonOptions,
): Promise<ComparedScore[] | undefined> {
  const baselines = await baselinesHere();
  if (baselines === undefined) return undefined;
  const channels = 2;
  const judge = (make: () => Detector) => scoreDetector(plant, make, scoring);
  const zScore = (sigmas: number) => judge(() => baselines.movingZScore({ channels, sigmas }));
  const wide = bestOf(WIDE_SIGMAS.map(zScore));
  return [
    zScore(3),
    { ...wide, name: `${wide.name} (best for these labels)` },
    judge(() => baselines.forecastDetector(baselines.movingAverage(channels), channels, rangeWarmUp, monitor)),
    judge(() => baselines.forecastDetector(baselines.persistence(), channels, rangeWarmUp, monitor)),
  ];
}

/** By a name that no compiler follows: the demo does without the trainer where it is not installed. */
async function baselinesHere(): Promise<Baselines | undefined> {
  const name = '@spikewire/trainer';
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
  return import(`${name}/baselines`);
}

function scoreDetector(plant: Plant, make: () => Detector, scoring: ComparisonOptions['scoring']): ComparedScore {
  const card = new Scorecard(plant.streams, plant.moved, scoring);
  let name = '';
  for (const stream of plant.streams) {
    const detector = make();
    name = detector.name;
    for (const index of stream.readings.keys()) {
      const { values } = plant.reading(stream, index)!;
      const { anomaly, expected } = detector.observe(values);
      card.take(stream.id, index, { anomaly, error: absoluteError(expected, values) });
    }
  }
  return { name, score: card.score() };
}

/** Most events found, then fewest false episodes, then fewest flags. */
function bestOf(candidates: readonly ComparedScore[]): ComparedScore {
  return candidates.reduce((best, candidate) => (isBetter(candidate.score, best.score) ? candidate : best));
}

function isBetter(a: Score, b: Score): boolean {
  if (a.found !== b.found) return a.found > b.found;
  if (a.falseEpisodes !== b.falseEpisodes) return a.falseEpisodes < b.falseEpisodes;
  return a.flagged < b.flagged;
}

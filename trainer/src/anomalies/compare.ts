import type { TaskOptions } from '../stream-eval/task.ts';
import { type Detector, scoresOf } from './detectors.ts';
import type { HeldOut } from './halves.ts';

/** A detector and its figures, each of them by a name. */
export interface Compared {
  readonly detector: string;
  readonly figures: Readonly<Record<string, HeldOut>>;
}

/** A stream of the comparison: its readings, each with a number per channel. */
export interface Stream {
  readonly rows: readonly Float64Array[];
}

/**
 * Every detector over every stream, started anew for each, and what `figuresOf` makes of the scores of all of them.
 * Where a detector depends on its seed: means over as many as the options say.
 */
export async function compare(
  detectors: readonly Detector[],
  streams: readonly Stream[],
  { seed, fronts, progress, signal }: TaskOptions,
  figuresOf: (scores: readonly Float64Array[]) => Readonly<Record<string, HeldOut>>,
): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const { name, isRandom, start } of detectors) {
    const all: Readonly<Record<string, HeldOut>>[] = [];
    for (let k = 0; k < (isRandom ? fronts : 1); k++) {
      progress(`${name}, seed ${seed + k}`);
      const scores: Float64Array[] = [];
      for (const { rows } of streams) {
        scores.push(scoresOf(rows, start(rows[0]!.length, seed + k)));
        await new Promise(setImmediate);
        signal.throwIfAborted();
      }
      all.push(figuresOf(scores));
    }
    const keys = Object.keys(all[0]!);
    const figures = Object.fromEntries(keys.map((key) => [key, meanOf(all.map((each) => each[key]!))]));
    compared.push({ detector: name, figures });
  }
  return compared;
}

function meanOf(all: readonly HeldOut[]): HeldOut {
  const mean = (of: (each: HeldOut) => number) => all.reduce((sum, each) => sum + of(each), 0) / all.length;
  return {
    mean: mean((each) => each.mean),
    deviation: mean((each) => each.deviation),
    inSample: mean((each) => each.inSample),
    beside: all[0]!.beside.map((_, k) => mean((each) => each.beside[k]!)),
  };
}

/** For programs: by detector and figure, rounded. */
export function documentOf(compared: readonly Compared[], digits: number) {
  const rounded = (value: number) => Number(value.toFixed(digits));
  return Object.fromEntries(
    compared.map(({ detector, figures }) => [
      detector,
      Object.fromEntries(
        Object.entries(figures).map(([key, { mean, deviation, inSample, beside }]) => {
          const others = beside.length > 0 ? { beside: beside.map(rounded) } : {};
          return [key, { mean: rounded(mean), deviation: rounded(deviation), inSample: rounded(inSample), ...others }];
        }),
      ),
    ]),
  );
}

/** For people. */
export function shown({ mean, deviation }: HeldOut, digits: number): string {
  return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}

import { InputStage, OutputStage } from '@spikewire/engine/coding';
import { type Model, SpikewireError, writeModel } from '@spikewire/models';
import { type LeastSquaresNumbers, readoutOfSums, type SumLimits, type Sums } from '@spikewire/models/aggregation';
import type { NetModel } from '../../session/net-model.ts';
import { canRepeat } from '../../session/net-stream.ts';
import { LEAST_LESSONS, MOST_LESSONS } from './part.ts';

/** The read-out of a base whose inputs are the same on all devices: sums of lessons add up. */
export interface BaseReadout {
  /** Names of the classes, in the order of targets. */
  readonly classes: readonly string[];
  /** Inputs with x₀ = 1, which count no neuron. */
  readonly inputs: number;
  readonly numbers: LeastSquaresNumbers;
  /** Writes spike counts in the scale of the base. */
  scale(counts: ArrayLike<number>, x: Float64Array): void;
  /** What sums of lessons keep to: counts are 0 to 255. */
  readonly limits: SumLimits;
}

const MOST_COUNT = 255;

/**
 * Throws `unsupported` where lessons of several devices do not add up: the base knows no classes yet, its read-out is
 * not one of least squares with one view, or devices fit its inputs to what they read.
 */
export function readoutOf({ model, graph }: NetModel): BaseReadout {
  const output = new OutputStage(model, graph, 1);
  const { teachable } = output;
  const numbers = numbersOf(output);
  if (teachable === undefined || !teachable.hasBase || teachable.fixed === undefined || numbers === undefined)
    throw unsupported(
      'has no read-out that was taught',
      'a base with a decoder "teachable" by least squares, of one view',
    );
  const input = new InputStage(model, graph, 1, canRepeat(model, teachable));
  if (input.warmsUp || input.scaled !== undefined)
    throw unsupported('takes readings in a scale that each device finds by itself', 'features with fixed scales');
  const { middle, unit } = teachable.fixed.experts[0]!;
  const ends = (count: number) => Float64Array.from([1, ...middle.map((mean, i) => (count - mean) / unit[i]!)]);
  return {
    classes: [...teachable.classes],
    inputs: middle.length + 1,
    numbers,
    scale(counts, x) {
      x[0] = 1;
      for (let i = 0; i < middle.length; i++) x[i + 1] = (counts[i]! - middle[i]!) / unit[i]!;
    },
    limits: { fewest: LEAST_LESSONS, most: MOST_LESSONS, lowest: ends(0), highest: ends(MOST_COUNT) },
  };
}

/**
 * The file of the base with another read-out, which the sums of its own lessons and of others give. All else is the
 * same; `origin` is told in its provenance.
 * @param lessons of each class, those that were added
 */
export function baseWithSums(
  { model, graph }: NetModel,
  sums: Sums,
  lessons: readonly number[],
  origin: Model['provenance'],
): Uint8Array {
  const output = new OutputStage(model, graph, 1);
  const { teachable, state } = output;
  const name = nameOf(output);
  const view = (key: string) => state[`decoder.${name}.${key}`]!.view;
  const { upper, diagonal, weights, samples } = readoutOfSums(sums, teachable!.mostClasses);
  view('adapted.0.upper').set(upper);
  view('adapted.0.diagonal').set(diagonal);
  view('adapted.0.weights').set(weights);
  view('adapted.0.samples')[0] = samples;
  for (const [c, count] of lessons.entries()) view('taught')[c]! += count;
  view('counts')[0]! += lessons.reduce((sum, count) => sum + count, 0);
  teachable!.settle();
  return writeModel({ ...model, base: output.base!, provenance: { ...model.provenance, ...origin } });
}

function nameOf(output: OutputStage): string {
  const [name] = output.base!.keys();
  return name!;
}

function numbersOf(output: OutputStage): LeastSquaresNumbers | undefined {
  if (output.teachable === undefined) return undefined;
  const own = `decoder.${nameOf(output)}.adapted`;
  const viewOf = (key: string) => output.state[`${own}.${key}`]?.view;
  const [upper, diagonal, weights, samples] = ['0.upper', '0.diagonal', '0.weights', '0.samples'].map(viewOf);
  if (!(upper && diagonal && weights && samples) || viewOf('1.weights') !== undefined) return undefined;
  return { upper, diagonal, weights, samples: samples[0]! } as LeastSquaresNumbers;
}

function unsupported(problem: string, expected: string): SpikewireError {
  return new SpikewireError('unsupported', 'base', problem, expected);
}

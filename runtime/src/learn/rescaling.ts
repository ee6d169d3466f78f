import type { Connectivity, LearningDeclaration, TensorData } from '@spikewire/models';
import type { SparseActivity } from './sparse-activity.ts';
import { Trace } from './trace.ts';
import type { LearnedWeights, WeightRows } from './weights.ts';

/**
 * Multiplies all weights that lead to an output (or to a channel of a convolution) by one number, every so many steps:
 * - normalisation (Diehl and Cook 2015): so that their magnitudes add up to `sum`;
 * - homeostasis (synaptic scaling; van Rossum, Bi and Turrigiano 2000): dw/dt = strength·(rate − ρ)·w, ρ the low-passed rate of the target.
 */
export class Rescaling {
  /** Everything that changes, by name; views, not copies. */
  readonly state: ReadonlyMap<string, TensorData>;
  readonly bytes: number;
  readonly #normalize: { readonly sum: number; readonly every: number } | undefined;
  readonly #homeostasis: { readonly rate: number; readonly growth: number; readonly every: number } | undefined;
  readonly #rates: Trace | undefined;
  readonly #rows: WeightRows;
  /** One number per row, for whatever is at work. */
  readonly #factors: Float64Array;
  /** The row of each output, and how many outputs a row has. */
  readonly #rowOfOutput: Int32Array;
  readonly #outputsOfRow: Int32Array;

  constructor(
    { normalize, homeostasis }: LearningDeclaration,
    connectivity: Connectivity,
    dt: number,
    sampleSteps: number,
  ) {
    const { outputs } = connectivity;
    this.#normalize = normalize && { sum: normalize.sum, every: normalize.every ?? sampleSteps };
    if (homeostasis !== undefined) {
      const every = homeostasis.every ?? sampleSteps;
      this.#homeostasis = { rate: homeostasis.rate, growth: homeostasis.strength * dt * every, every };
      this.#rates = new Trace({ name: 'rate', side: 'post', mode: 'rate', tau: homeostasis.tau }, outputs, dt);
    }
    this.#rows = weightRows(connectivity);
    this.#factors = new Float64Array(this.#rows.count);
    this.#rowOfOutput = Int32Array.from({ length: outputs }, (_, output) => connectivity.groupOf(output));
    this.#outputsOfRow = new Int32Array(this.#rows.count);
    for (const row of this.#rowOfOutput) this.#outputsOfRow[row]!++;
    const rates = this.#rates;
    this.state = new Map<string, TensorData>(
      rates === undefined
        ? []
        : [
            ['rates', rates.values],
            ['rates.scale', rates.scaling],
          ],
    );
    const arrays = [this.#factors, this.#rowOfOutput, this.#outputsOfRow];
    const own = arrays.reduce((sum, { byteLength }) => sum + byteLength, this.#rows.rowOf?.byteLength ?? 0);
    this.bytes = own + (rates?.bytes ?? 0);
  }

  get needsPost(): boolean {
    return this.#homeostasis !== undefined;
  }

  /** The first step from `step` on at whose end weights are scaled. */
  next(step: number): number {
    const nextOf = (every: number | undefined) =>
      every === undefined ? Number.POSITIVE_INFINITY : step + every - 1 - (step % every);
    return Math.min(nextOf(this.#normalize?.every), nextOf(this.#homeostasis?.every));
  }

  /** Lets `steps` steps pass in which the target is silent. */
  pass(steps: number): void {
    this.#rates?.decay(steps);
  }

  takeUp(post: SparseActivity): void {
    this.#rates?.decay();
    this.#rates?.takeUp(post);
  }

  /** At the end of step `step`. */
  rescale(step: number, weights: LearnedWeights): void {
    if (this.#normalize !== undefined && (step + 1) % this.#normalize.every === 0) this.#normalise(weights);
    if (this.#homeostasis !== undefined && (step + 1) % this.#homeostasis.every === 0) this.#keepRate(weights);
  }

  reset(): void {
    this.#rates?.reset();
  }

  /** To be called after `state` was overwritten from outside. */
  restored(): void {
    this.#rates?.restored();
  }

  #normalise(weights: LearnedWeights): void {
    const factors = this.#factors;
    factors.fill(0);
    weights.addSizes(factors, this.#rows);
    for (let row = 0; row < factors.length; row++) {
      factors[row] = finiteFactor(this.#normalize!.sum / factors[row]!);
    }
    weights.scaleRows(factors, this.#rows);
  }

  #keepRate(weights: LearnedWeights): void {
    const factors = this.#factors;
    factors.fill(0);
    for (let output = 0; output < this.#rowOfOutput.length; output++) {
      const row = this.#rowOfOutput[output]!;
      factors[row]! += this.#rates!.at(output) / this.#outputsOfRow[row]!;
    }
    const { rate, growth } = this.#homeostasis!;
    for (let row = 0; row < factors.length; row++) {
      factors[row] = finiteFactor(Math.max(0, 1 + growth * (rate - factors[row]!)));
    }
    weights.scaleRows(factors, this.#rows);
  }
}

/** Weights of nothing, or too near to it, have no size to be scaled to. */
function finiteFactor(factor: number): number {
  return Number.isFinite(factor) ? factor : 1;
}

function weightRows(connectivity: Connectivity): WeightRows {
  const { structure, inputs, outputs, groupOf } = connectivity;
  const count = outputs === 0 ? 0 : groupOf(outputs - 1) + 1;
  const { length } = connectivity.weights!;
  if (structure !== 'sparse') return { count, rowLength: length / count, rowOf: undefined };
  const rowOf = new Int32Array(length);
  for (let input = 0; input < inputs; input++) {
    connectivity.forEachSynapse(input, (output, k) => {
      rowOf[k] = groupOf(output);
    });
  }
  return { count, rowLength: undefined, rowOf };
}

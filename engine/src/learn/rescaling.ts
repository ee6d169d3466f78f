import {
  type Connectivity,
  type KeptState,
  type LearningDeclaration,
  type Scaling,
  scalingsOf,
} from '@spikewire/models';
import type { SparseActivity } from './sparse-activity.ts';
import { RealTrace } from './trace.ts';
import type { LearnedWeights, WeightRows } from './weights/weights.ts';

interface ScalingAtWork {
  readonly scaling: Scaling;
  readonly trace: RealTrace | undefined;
}

/**
 * Multiplies all weights that lead to an output (or to a channel of a convolution) by one number, every so many steps,
 * as the mechanisms beside a rule say: normalisation, homeostasis.
 */
export class Rescaling {
  /** Everything that changes, by name. */
  readonly state: KeptState;
  readonly bytes: number;
  readonly #atWork: readonly ScalingAtWork[];
  readonly #traces: readonly RealTrace[];
  readonly #rows: WeightRows;
  /** One number per row, for whatever is at work. */
  readonly #factors: Float64Array;
  /** The row of each output, and how many outputs a row has. */
  readonly #rowOfOutput: Int32Array;
  readonly #outputsOfRow: Int32Array;

  /** Undefined where no mechanism of the declaration scales weights. */
  static of(
    declaration: LearningDeclaration,
    connectivity: Connectivity,
    dt: number,
    sampleSteps: number,
  ): Rescaling | undefined {
    const scalings = scalingsOf(declaration, { dt, sampleSteps });
    return scalings.length === 0 ? undefined : new Rescaling(scalings, connectivity, dt);
  }

  private constructor(scalings: readonly Scaling[], connectivity: Connectivity, dt: number) {
    const { outputs } = connectivity;
    this.#atWork = scalings.map((scaling) => {
      return { scaling, trace: scaling.trace && new RealTrace(scaling.trace, outputs, dt) };
    });
    this.#traces = this.#atWork.flatMap(({ trace }) => trace ?? []);
    this.#rows = weightRows(connectivity);
    this.#factors = new Float64Array(this.#rows.count);
    this.#rowOfOutput = Int32Array.from({ length: outputs }, (_, output) => connectivity.groupOf(output));
    this.#outputsOfRow = new Int32Array(this.#rows.count);
    for (const row of this.#rowOfOutput) this.#outputsOfRow[row]!++;
    this.state = Object.assign({}, ...this.#traces.map((trace) => trace.kept(trace.declaration.name)));
    const arrays = [this.#factors, this.#rowOfOutput, this.#outputsOfRow];
    const own = arrays.reduce((sum, { byteLength }) => sum + byteLength, this.#rows.rowOf?.byteLength ?? 0);
    this.bytes = this.#traces.reduce((sum, { bytes }) => sum + bytes, own);
  }

  get needsPost(): boolean {
    return this.#traces.length > 0;
  }

  /** The first step from `step` on at whose end weights are scaled. */
  next(step: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { scaling } of this.#atWork) next = Math.min(next, step + scaling.every - 1 - (step % scaling.every));
    return next;
  }

  /** Lets `steps` steps pass in which the target is silent. */
  pass(steps: number): void {
    for (const trace of this.#traces) trace.decay(steps);
  }

  takeUp(post: SparseActivity): void {
    for (const trace of this.#traces) {
      trace.decay();
      trace.takeUp(post);
    }
  }

  /** At the end of step `step`. */
  rescale(step: number, weights: LearnedWeights): void {
    for (const { scaling, trace } of this.#atWork) {
      if ((step + 1) % scaling.every !== 0) continue;
      const factors = this.#factors;
      factors.fill(0);
      if (trace === undefined) weights.addSizes(factors, this.#rows);
      else this.#addMeans(trace);
      for (let row = 0; row < factors.length; row++) factors[row] = finiteFactor(scaling.factor(factors[row]!));
      weights.scaleRows(factors, this.#rows);
    }
  }

  reset(): void {
    for (const trace of this.#traces) trace.reset();
  }

  /** To be called after `state` was overwritten from outside. */
  restored(): void {
    for (const trace of this.#traces) trace.restored();
  }

  /** Adds the mean of the trace over the outputs of each row. */
  #addMeans(trace: RealTrace): void {
    for (let output = 0; output < this.#rowOfOutput.length; output++) {
      const row = this.#rowOfOutput[output]!;
      this.#factors[row]! += trace.at(output) / this.#outputsOfRow[row]!;
    }
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

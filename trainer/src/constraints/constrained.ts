import type { DataSet } from '@spikewire/engine/data';
import { elementCount, type Model } from '@spikewire/models';
import type { NumberArrays } from '../backend/backend.ts';
import { given, type Value } from '../graph/operations/value.ts';
import type { Constraint } from './constraint.ts';

/** Steps after which the arrays of constraints are set anew; between them they stay. */
const EVERY = 25;

const arrayOf = (parameter: string, { key }: Constraint) => `${parameter}/${key}`;

/** What connections compute with in the place of a parameter, behind all that holds it, first to last. */
export function constrained(constraints: readonly Constraint[], name: string, weights: Value): Value {
  return constraints.reduce((value, constraint) => {
    const shape = constraint.shapes.get(name);
    return shape === undefined ? value : constraint.lower(name, value, given(arrayOf(name, constraint), shape));
  }, weights);
}

/** A parameter as the model gets it. */
export function foldedWeights(
  constraints: readonly Constraint[],
  name: string,
  arrays: ReadonlyMap<string, Float32Array>,
): Float32Array {
  return constraints.reduce((weights, constraint) => {
    const array = arrays.get(arrayOf(name, constraint));
    return array === undefined ? weights : (constraint.fold?.(weights, array) ?? weights);
  }, arrays.get(name)!);
}

/** The arrays of constraints in a training. */
export class ConstraintArrays {
  /** By the names under which the program is given them. */
  readonly arrays: NumberArrays;
  readonly #constraints: readonly Constraint[];

  constructor(constraints: readonly Constraint[]) {
    this.#constraints = constraints;
    this.arrays = Object.fromEntries(
      constraints.flatMap((constraint) =>
        [...constraint.shapes].map(([name, shape]) => [
          arrayOf(name, constraint),
          new Float32Array(elementCount(shape)).fill(1),
        ]),
      ),
    );
  }

  /** Before step `step` ≥ 1 of so many. */
  before(step: number, steps: number, learned: NumberArrays, model: () => Model): void {
    if ((step - 1) % EVERY === 0) this.set((step - 1) / steps, learned, model);
  }

  /** Sets all arrays, first to last, by what was learned. */
  set(progress: number, learned: NumberArrays, model: () => Model): void {
    for (const constraint of this.#constraints) {
      constraint.set({
        array: (name) => this.arrays[arrayOf(name, constraint)]!,
        learned: (name) => learned[name]!,
        model,
        progress,
      });
    }
  }

  /** Whether something will be held more than it is at this share of all steps. */
  pending(progress: number): boolean {
    return this.#constraints.some((constraint) => constraint.pending?.(progress) ?? false);
  }
}

/** A trained model in the form that it was trained for. */
export function finished(constraints: readonly Constraint[], model: Model, data: DataSet): Model {
  return constraints.reduce((whole, constraint) => constraint.finish?.(whole, data) ?? whole, model);
}

import type { ConstantInput } from '../flow/constant-input.ts';

type State = Readonly<Record<string, Float64Array>>;

/** How the neurons of a population without a closed form move while nothing arrives, as far as tables know it. */
export interface SilentFlow {
  /** Steps in which neuron i does not spike if nothing arrives: 0 where that is not known, Infinity for ever. */
  quietSteps(i: number): number;
  /** Brings neuron i forward by at most `most` steps and returns by how many; 0 where the tables do not hold. */
  forward(i: number, most: number): number;
}

/** The tables of a population. */
export interface Tables {
  readonly bytes: number;
  /** For people: which neurons have none, and why; undefined where all have one. */
  readonly lacking?: string | undefined;
  /** For neurons in this state, under what is there all the time, by port. */
  over(state: State, constants: readonly ConstantInput[]): SilentFlow;
}

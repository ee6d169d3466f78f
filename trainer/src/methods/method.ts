import type { NeuronRecipe } from '../network/neurons.ts';

/** Everything that a method chooses; what is a name stands in the index of its kind. */
export interface Recipe {
  readonly neuron: NeuronRecipe;
  /** Name of the input code. */
  readonly encoder: string;
  readonly surrogate: string;
  readonly readOut: string;
  readonly schedule: string;
  /** The highest of the schedule. */
  readonly learningRate: number;
  /** Samples per step. */
  readonly batch: number;
  /** Epochs without a better validation after which training ends. */
  readonly patience: number;
}

/** A way to train: a recipe over the shared parts. One file, one line in the index. */
export interface Method {
  readonly name: string;
  /** One line, with its source. */
  readonly summary: string;
  readonly recipe: Recipe;
}

import { inputCodes } from '../encoding/input-codes.ts';
import type { Recipe } from '../methods/method.ts';
import { named } from '../named.ts';
import { parseArchitecture, type Task } from '../network/architecture.ts';
import type { NetworkPlan } from '../network/network.ts';
import { readOuts } from '../readouts/read-outs.ts';
import { surrogates } from '../surrogates/surrogates.ts';

/** What decides a training, bit by bit; stands in the run folder as JSON. */
export interface TrainingConfiguration {
  readonly method: string;
  /** The method's choices, with what the caller changed. */
  readonly recipe: Recipe;
  /** Address of the data set: `mnist`, `csv:FILE`. */
  readonly data: string;
  readonly architecture: string;
  /** Of a sample. */
  readonly steps: number;
  readonly epochs: number;
  readonly seed: number;
}

/** The net of a configuration. Throws `usage` for names and words that are not known. */
export function planOf({ recipe, architecture, steps }: TrainingConfiguration, task: Task): NetworkPlan {
  return {
    layers: parseArchitecture(architecture, task),
    neuron: recipe.neuron,
    encoder: named('encoder', inputCodes, recipe.encoder),
    surrogate: named('surrogate', surrogates, recipe.surrogate),
    readOut: named('read-out', readOuts, recipe.readOut),
    steps,
  };
}

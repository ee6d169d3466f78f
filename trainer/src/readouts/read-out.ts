import type { GraphNode } from '@spikewire/models';
import type { Value } from '../graph/value.ts';
import type { NeuronRecipe, NeuronTraining } from '../network/neurons.ts';

/**
 * How the last population answers. Its answer is decoded by `count`, the sum over the sample of what the population emits, so
 * that training and device decide by the same numbers.
 */
export interface ReadOut {
  readonly name: string;
  /** From the current of the last layer to [batch, classes], proportional to the sums that the device decides by. */
  logits(current: Value, held: boolean, recipe: NeuronRecipe, training: NeuronTraining): Value;
  /** The node of the population. */
  node(recipe: NeuronRecipe): GraphNode;
}

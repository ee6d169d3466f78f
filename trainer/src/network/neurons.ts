import { type GraphNode, type Semantics, scalar } from '@spikewire/models';
import { type SpikingAttributes, spikesOf } from '../graph/spiking.ts';
import type { Value } from '../graph/value.ts';
import type { Surrogate } from '../surrogates/surrogate.ts';

/** Length of a step of trained nets; only the ratio to τ matters to them. */
export const DT = 0.001;

/** LIF neurons (NIR `LIF`) with R such that the membrane takes up the current of a step as it is. */
export interface NeuronRecipe {
  /** Membrane time constant in seconds, > dt. */
  readonly tau: number;
  readonly threshold: number;
  readonly reset: 'subtract' | 'value';
  readonly integrate: 'euler' | 'exact';
}

/** β, the membrane that is left after a step: 1 − dt/τ by forward Euler, e^(−dt/τ) exactly. */
export function decayOf({ tau, integrate }: NeuronRecipe): number {
  return integrate === 'euler' ? 1 - DT / tau : Math.exp(-DT / tau);
}

/** R = 1/(1 − β): a current I adds (1 − β)·R·I = I. */
export function resistanceOf(recipe: NeuronRecipe): number {
  return 1 / (1 - decayOf(recipe));
}

/** How neurons learn: over how many steps, and what stands for the derivative of a spike. */
export interface NeuronTraining {
  readonly steps: number;
  readonly surrogate: Surrogate;
}

/** Spikes [steps·batch, …] of a population, the same as the model's nodes give. */
export function neuronSpikes(
  current: Value,
  held: boolean,
  recipe: NeuronRecipe,
  { steps, surrogate }: NeuronTraining,
): Value {
  const { threshold, reset } = recipe;
  const attributes: SpikingAttributes = {
    steps,
    decay: decayOf(recipe),
    threshold,
    reset,
    held,
    surrogate,
    detachReset: true,
  };
  return spikesOf(current, attributes);
}

/** The node of a population. */
export function neuronNode(recipe: NeuronRecipe): GraphNode {
  const { tau, threshold } = recipe;
  const r = resistanceOf(recipe);
  const parameters = { tau: scalar(tau), r: scalar(r), v_leak: scalar(0), v_threshold: scalar(threshold) };
  return { type: 'LIF', parameters };
}

/** The choices by which engines compute what was trained. */
export function neuronSemantics({ reset, integrate }: NeuronRecipe): Semantics {
  return { dt: DT, integrate, threshold: 'gt', reset, spikesPerStep: 'one' };
}

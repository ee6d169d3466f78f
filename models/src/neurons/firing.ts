import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { elementsOf, numbersOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { broadcast, type StateArray } from '../tensor.ts';

/** How a population compares, resets and rests; the same for every model that has a threshold. */
export interface Firing {
  readonly threshold: Float64Array;
  readonly comparison: 'gt' | 'ge';
  readonly reset: 'value' | 'subtract';
  readonly resetValue: Float64Array;
  readonly spikesPerStep: 'one' | 'many';
  /** Steps after a spike's step in which the membrane stays and arrivals are lost. */
  readonly refractorySteps: Int32Array;
  /** The same time as it was given, in seconds, for an engine without steps; absent where only steps are known. */
  readonly refractorySeconds?: Float64Array;
  /** The membrane never falls below this; absent where there is no floor. */
  readonly minimum: Float64Array | undefined;
}

/** The parameters of threshold, reset and rest, under NIR's names. */
export const firingParameters = {
  v_threshold: { doc: 'spike threshold θ', form: 'elements' },
  v_reset: { doc: 'membrane after a spike', form: 'elements', default: 0 },
  tau_ref: {
    doc: 'refractory time, rounded to whole steps',
    unit: 's',
    form: 'elements',
    time: 'rest',
    default: 0,
    minimum: 0,
  },
  v_min: { doc: 'lowest membrane', form: 'elements', optional: true },
  spike_shape: {
    doc: 'membrane that recordings show from the step of a spike on, one value per step',
    form: 'array',
    optional: true,
  },
} as const satisfies ParameterTable;

/**
 * `key` names the parameter that is the threshold. Throws `parameter` where a spike would not lower the membrane and
 * `many` are wanted.
 */
export function prepareFiring(node: GraphNode, size: number, semantics: Semantics, key = 'v_threshold'): Firing {
  const threshold = broadcast(numbersOf(node, key)!, size);
  const { v_reset: resetValue, tau_ref: rest, v_min: minimum } = elementsOf(node, size, firingParameters);
  if (semantics.spikesPerStep === 'many' && threshold.some((theta, i) => theta <= resetValue[i]!)) {
    throw new SpikewireError(
      'parameter',
      node.type,
      'v_threshold is not above v_reset with spikesPerStep "many"',
      'v_threshold > v_reset',
    );
  }
  return {
    threshold,
    comparison: semantics.threshold,
    reset: semantics.reset,
    resetValue,
    spikesPerStep: semantics.spikesPerStep,
    refractorySteps: Int32Array.from(rest, (seconds) => Math.round(seconds / semantics.dt)),
    refractorySeconds: rest,
    minimum,
  };
}

/** The `crossing` of a kind whose threshold stays. */
export function fixedThreshold(node: GraphNode, size: number, semantics: Semantics): { readonly firing: Firing } {
  return { firing: prepareFiring(node, size, semantics) };
}

/** True while neuron `i` rests after a spike; counts the rest down by this step. */
export function isResting(i: number, refractory: StateArray): boolean {
  if (refractory[i]! <= 0) return false;
  refractory[i]! -= 1;
  return true;
}

/**
 * Floor, compare, emit, reset (docs/semantics.md §1): the part of a step after the membrane was integrated. Returns the
 * spikes.
 */
export function fire(firing: Firing, i: number, v: StateArray, refractory: StateArray): number {
  const { minimum } = firing;
  if (minimum !== undefined && v[i]! < minimum[i]!) v[i] = minimum[i]!;
  const spikes = spikeCount(firing, i, v);
  if (spikes === 0) return 0;
  const step = firing.threshold[i]! - firing.resetValue[i]!;
  v[i] = firing.reset === 'value' ? firing.resetValue[i]! : v[i]! - spikes * step;
  if (minimum !== undefined && v[i]! < minimum[i]!) v[i] = minimum[i]!;
  refractory[i] = firing.refractorySteps[i]!;
  return spikes;
}

/** Whether the membrane of neuron `i` is a spike. */
export function isAbove({ threshold, comparison }: Firing, i: number, v: StateArray): boolean {
  return comparison === 'gt' ? v[i]! > threshold[i]! : v[i]! >= threshold[i]!;
}

function spikeCount(firing: Firing, i: number, membrane: StateArray): number {
  if (!isAbove(firing, i, membrane)) return 0;
  if (firing.spikesPerStep === 'one') return 1;
  const v = membrane[i]!;
  const multiples = (v - firing.resetValue[i]!) / (firing.threshold[i]! - firing.resetValue[i]!);
  return firing.comparison === 'ge' ? Math.max(1, Math.floor(multiples)) : Math.max(1, Math.ceil(multiples) - 1);
}

import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf, type ParameterTable } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
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
  /** The membrane never falls below this; absent where there is no floor. */
  readonly minimum: Float64Array | undefined;
}

/** The parameters of threshold, reset and rest, under NIR's names. */
export const firingParameters: ParameterTable = {
  v_threshold: { doc: 'spike threshold θ', form: 'elements' },
  v_reset: { doc: 'membrane after a spike', form: 'elements', default: 0 },
  tau_ref: { doc: 'refractory time, rounded to whole steps', unit: 's', form: 'elements', default: 0, minimum: 0 },
  v_min: { doc: 'lowest membrane', form: 'elements', optional: true },
};

export function prepareFiring(node: GraphNode, size: number, semantics: Semantics): Firing {
  const elements = (key: string) => broadcast(numbersOf(node, key)!, size);
  const threshold = elements('v_threshold');
  const resetValue = node.parameters.v_reset === undefined ? new Float64Array(size) : elements('v_reset');
  if (semantics.spikesPerStep === 'many' && threshold.some((theta, i) => theta <= resetValue[i]!)) {
    throw new SpikewireError(
      'parameter',
      node.type,
      'v_threshold is not above v_reset with spikesPerStep "many"',
      'v_threshold > v_reset',
    );
  }
  const rest = node.parameters.tau_ref === undefined ? new Float64Array(size) : elements('tau_ref');
  return {
    threshold,
    comparison: semantics.threshold,
    reset: semantics.reset,
    resetValue,
    spikesPerStep: semantics.spikesPerStep,
    refractorySteps: Int32Array.from(rest, (seconds) => Math.round(seconds / semantics.dt)),
    minimum: node.parameters.v_min === undefined ? undefined : elements('v_min'),
  };
}

/** True while neuron `i` rests after a spike; counts the rest down by this step. */
export function isResting(i: number, refractory: StateArray): boolean {
  if (refractory[i]! <= 0) return false;
  refractory[i]! -= 1;
  return true;
}

/** Floor, compare, emit, reset (SEMANTICS section 1): the part of a step after the membrane was integrated. Returns the spikes. */
export function fire(firing: Firing, i: number, v: StateArray, refractory: StateArray): number {
  const floor = firing.minimum?.[i] ?? Number.NEGATIVE_INFINITY;
  if (v[i]! < floor) v[i] = floor;
  const spikes = spikeCount(firing, i, v[i]!);
  if (spikes === 0) return 0;
  const step = firing.threshold[i]! - firing.resetValue[i]!;
  v[i] = firing.reset === 'value' ? firing.resetValue[i]! : v[i]! - spikes * step;
  if (v[i]! < floor) v[i] = floor;
  refractory[i] = firing.refractorySteps[i]!;
  return spikes;
}

function spikeCount(firing: Firing, i: number, v: number): number {
  const theta = firing.threshold[i]!;
  const above = firing.comparison === 'gt' ? v > theta : v >= theta;
  if (!above) return 0;
  if (firing.spikesPerStep === 'one') return 1;
  const multiples = (v - firing.resetValue[i]!) / (theta - firing.resetValue[i]!);
  return firing.comparison === 'ge' ? Math.max(1, Math.floor(multiples)) : Math.max(1, Math.ceil(multiples) - 1);
}

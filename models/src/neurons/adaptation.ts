import type { GraphNode } from '../graph/graph.ts';
import { elementsOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { StateArray } from '../tensor.ts';
import type { Firing } from './firing.ts';
import { decayOf } from './ode.ts';

/** The parameters of a threshold that rises with every spike and falls back. */
export const adaptationParameters = {
  theta_plus: { doc: 'rise of the threshold at a spike', form: 'elements', default: 0 },
  tau_theta: {
    doc: 'time constant with which the threshold falls back (default never)',
    unit: 's',
    form: 'elements',
    time: 'decay',
    above: 0,
    optional: true,
  },
  theta_initial: { doc: 'what the threshold is raised by at the start', form: 'elements', default: 0 },
} as const satisfies ParameterTable;

/**
 * A threshold v_threshold + theta: theta falls back in every step, then the membrane is compared, then a spike raises
 * it.
 */
export interface Adaptation {
  readonly initial: Float64Array;
  readonly rise: Float64Array;
  /** What a step leaves of theta. */
  readonly decay: Float64Array;
}

export function prepareAdaptation(node: GraphNode, size: number, semantics: Semantics): Adaptation {
  const { theta_initial, theta_plus, tau_theta } = elementsOf(node, size, adaptationParameters);
  const decay = tau_theta === undefined ? new Float64Array(size).fill(1) : decayOf(tau_theta, semantics);
  return { initial: theta_initial, rise: theta_plus, decay };
}

/**
 * Floor, compare with the raised threshold, emit, reset and raise; at most one spike. With reset `subtract` the
 * membrane loses the raised threshold less v_reset. Returns the spikes.
 */
export function fireAdapting(
  firing: Firing,
  { rise }: Adaptation,
  i: number,
  v: StateArray,
  theta: StateArray,
  refractory: StateArray,
): number {
  const { minimum, threshold, resetValue } = firing;
  if (minimum !== undefined && v[i]! < minimum[i]!) v[i] = minimum[i]!;
  const raised = threshold[i]! + theta[i]!;
  if (firing.comparison === 'gt' ? !(v[i]! > raised) : !(v[i]! >= raised)) return 0;
  v[i] = firing.reset === 'value' ? resetValue[i]! : v[i]! - (raised - resetValue[i]!);
  if (minimum !== undefined && v[i]! < minimum[i]!) v[i] = minimum[i]!;
  theta[i]! += rise[i]!;
  refractory[i] = firing.refractorySteps[i]!;
  return 1;
}

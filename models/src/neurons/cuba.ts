import type { GraphNode } from '../graph/graph.ts';
import { elementsOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { StateArray } from '../tensor.ts';
import type { LinearDynamics } from './neuron-kind.ts';

/** The parameters of a leaky membrane behind an exponential synapse, under NIR's names. */
export const cubaParameters = {
  tau_syn: { doc: 'time constant of the synaptic current', unit: 's', form: 'elements', time: 'decay', above: 0 },
  tau_mem: { doc: 'membrane time constant', unit: 's', form: 'elements', time: 'decay', above: 0 },
  r: { doc: 'resistance R, the gain from current to membrane', form: 'elements', default: 1 },
  v_leak: { doc: 'membrane at rest', form: 'elements', default: 0 },
  w_in: { doc: 'gain from what arrives to the current', form: 'elements', default: 1 },
  v_initial: { doc: 'membrane at the start (default v_leak)', form: 'elements', optional: true },
  i_initial: { doc: 'current at the start', form: 'elements', default: 0 },
} as const satisfies ParameterTable;

function cubaNumbers(node: GraphNode, size: number) {
  const { tau_syn, tau_mem, r, v_leak, w_in, v_initial, i_initial } = elementsOf(node, size, cubaParameters);
  return {
    tauSyn: tau_syn,
    tauMem: tau_mem,
    resistance: r,
    leak: v_leak,
    inputGain: w_in,
    initial: { v: v_initial ?? v_leak.slice(), i: i_initial },
  };
}

/** How τ dx/dt = x∞ − x moves x in a step, as a share of the way to x∞. */
function shareOf(tau: Float64Array, { dt, integrate }: Semantics): Float64Array {
  return tau.map((seconds) => (integrate === 'euler' ? dt / seconds : -Math.expm1(-dt / seconds)));
}

/**
 * τ_syn di/dt = w_in·x − i, then τ_mem dv/dt = (v_leak − v) + R·i with the new current, which counts as constant over
 * the step. Both by forward Euler, or by the exponential solution.
 */
export function cubaEquations(node: GraphNode, size: number, semantics: Semantics) {
  const { tauSyn, tauMem, resistance, leak, inputGain, initial } = cubaNumbers(node, size);
  const [synapse, membrane] = [shareOf(tauSyn, semantics), shareOf(tauMem, semantics)];
  return {
    initial,
    constants: [synapse, membrane, resistance, leak, inputGain],
    enter(n: number, arriving: StateArray, i: StateArray): void {
      i[n]! += synapse[n]! * (inputGain[n]! * arriving[n]! - i[n]!);
    },
    integrate(n: number, v: StateArray, i: StateArray): void {
      v[n]! += membrane[n]! * (leak[n]! - v[n]! + resistance[n]! * i[n]!);
    },
  };
}

/** The same step as j ← decay·j + gain·x, v ← decay·v + gain·j + bias. */
export function cubaLinear(node: GraphNode, size: number, semantics: Semantics): LinearDynamics {
  const { tauSyn, tauMem, resistance, leak, inputGain, initial } = cubaNumbers(node, size);
  const [synapse, membrane] = [shareOf(tauSyn, semantics), shareOf(tauMem, semantics)];
  return {
    decay: membrane.map((share) => 1 - share),
    gain: membrane.map((share, n) => share * resistance[n]!),
    bias: membrane.map((share, n) => share * leak[n]!),
    current: {
      decay: synapse.map((share) => 1 - share),
      gain: synapse.map((share, n) => share * inputGain[n]!),
    },
    initial,
  };
}

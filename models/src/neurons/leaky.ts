import type { GraphNode } from '../graph/graph.ts';
import { elementsOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { StateArray } from '../tensor.ts';
import type { LinearDynamics, NeuronKind } from './neuron-kind.ts';
import { decayOf } from './ode.ts';

/** The parameters of a leaky membrane, under NIR's names. */
export const leakyParameters = {
  tau: { doc: 'membrane time constant τ', unit: 's', form: 'elements', time: 'decay', above: 0 },
  r: { doc: 'resistance R, the gain of the input', form: 'elements', default: 1 },
  v_leak: { doc: 'membrane at rest', form: 'elements', default: 0 },
  v_initial: { doc: 'membrane at the start (default v_leak)', form: 'elements', optional: true },
} as const satisfies ParameterTable;

function leakyNumbers(node: GraphNode, size: number) {
  const { tau, r, v_leak, v_initial } = elementsOf(node, size, leakyParameters);
  return { tau, resistance: r, leak: v_leak, initial: v_initial ?? v_leak.slice() };
}

/**
 * τ dv/dt = (v_leak − v) + R·I over one step of neuron i, as written: forward Euler, or the exponential solution for a
 * constant input. Membrane and input are arrays, because numbers that functions return are allocated.
 */
export function leakyEquations(node: GraphNode, size: number, semantics: Semantics) {
  const { tau, resistance, leak, initial } = leakyNumbers(node, size);
  const constants = [tau, resistance, leak];
  const { dt, integrate } = semantics;
  const euler = (i: number, v: StateArray, input: StateArray): void => {
    v[i]! += (dt / tau[i]!) * (leak[i]! - v[i]! + resistance[i]! * input[i]!);
  };
  if (integrate === 'euler') return { initial, constants, integrate: euler };
  const decay = decayOf(tau, semantics);
  const exact = (i: number, v: StateArray, input: StateArray): void => {
    const settled = leak[i]! + resistance[i]! * input[i]!;
    v[i] = settled + (v[i]! - settled) * decay[i]!;
  };
  return { initial, constants: [...constants, decay], integrate: exact };
}

/** The same step as v ← decay·v + gain·x + bias. */
export function leakyLinear(node: GraphNode, size: number, semantics: Semantics): LinearDynamics {
  const { tau, resistance, leak, initial } = leakyNumbers(node, size);
  const decay = decayOf(tau, semantics);
  return {
    decay,
    gain: decay.map((factor, i) => (1 - factor) * resistance[i]!),
    bias: decay.map((factor, i) => (1 - factor) * leak[i]!),
    initial: { v: initial },
  };
}

/** The step of a read-out: integrates, never fires, emits v after the update. */
export const leakyReadOut: Pick<NeuronKind, 'prepare' | 'linear'> = {
  prepare(node, size, semantics) {
    const { initial, constants, integrate } = leakyEquations(node, size, semantics);
    return {
      initial: { v: initial },
      constants,
      step(i, [current], { v }) {
        integrate(i, v!, current!);
        return v![i]!;
      },
    };
  },
  linear: leakyLinear,
};

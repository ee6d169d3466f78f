import type { GraphNode } from '../graph/graph.ts';
import type { LinearDynamics, NeuronKind } from '../graph/kind.ts';
import type { ParameterTable } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { StateArray } from '../tensor.ts';
import { elementsOf } from './elements.ts';

/** The parameters of a leaky membrane, under NIR's names. */
export const leakyParameters: ParameterTable = {
  tau: { doc: 'membrane time constant τ', unit: 's', form: 'elements', time: 'decay', above: 0 },
  r: { doc: 'resistance R, the gain of the input', form: 'elements', default: 1 },
  v_leak: { doc: 'membrane at rest', form: 'elements', default: 0 },
  v_initial: { doc: 'membrane at the start; v_leak where absent', form: 'elements', optional: true },
};

function leakyNumbers(node: GraphNode, size: number) {
  const leak = elementsOf(node, 'v_leak', size, 0);
  return {
    tau: elementsOf(node, 'tau', size),
    resistance: elementsOf(node, 'r', size, 1),
    leak,
    initial: elementsOf(node, 'v_initial', size, leak),
  };
}

/**
 * τ dv/dt = (v_leak − v) + R·I over one step of neuron i, as written: forward Euler, or the exponential solution for a constant input.
 * Membrane and input are arrays, because numbers that functions return are allocated.
 */
export function leakyEquations(node: GraphNode, size: number, { dt, integrate }: Semantics) {
  const { tau, resistance, leak, initial } = leakyNumbers(node, size);
  const constants = [tau, resistance, leak];
  const euler = (i: number, v: StateArray, input: StateArray): void => {
    v[i]! += (dt / tau[i]!) * (leak[i]! - v[i]! + resistance[i]! * input[i]!);
  };
  if (integrate === 'euler') return { initial, constants, integrate: euler };
  const kept = tau.map((seconds) => Math.exp(-dt / seconds));
  const exact = (i: number, v: StateArray, input: StateArray): void => {
    const settled = leak[i]! + resistance[i]! * input[i]!;
    v[i] = settled + (v[i]! - settled) * kept[i]!;
  };
  return { initial, constants: [...constants, kept], integrate: exact };
}

/** The same step as v ← decay·v + gain·x + bias. */
export function leakyLinear(node: GraphNode, size: number, { dt, integrate }: Semantics): LinearDynamics {
  const { tau, resistance, leak, initial } = leakyNumbers(node, size);
  const decay = tau.map((seconds) => (integrate === 'euler' ? 1 - dt / seconds : Math.exp(-dt / seconds)));
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

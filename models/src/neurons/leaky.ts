import type { GraphNode } from '../graph/graph.ts';
import type { LinearDynamics, NeuronKind } from '../graph/kind.ts';
import { numbersOf, type ParameterTable } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import { broadcast } from '../tensor.ts';

/** The parameters of a leaky membrane, under NIR's names. */
export const leakyParameters: ParameterTable = {
  tau: { doc: 'membrane time constant τ', unit: 's', form: 'elements', above: 0 },
  r: { doc: 'resistance R, the gain of the input', form: 'elements', default: 1 },
  v_leak: { doc: 'membrane at rest', form: 'elements', default: 0 },
  v_initial: { doc: 'membrane at the start; v_leak where absent', form: 'elements', optional: true },
};

function leakyNumbers(node: GraphNode, size: number) {
  const elements = (key: string, otherwise: number) => {
    const value = numbersOf(node, key);
    return value === undefined ? new Float64Array(size).fill(otherwise) : broadcast(value, size);
  };
  const leak = elements('v_leak', 0);
  const initial = numbersOf(node, 'v_initial');
  return {
    tau: elements('tau', 1),
    resistance: elements('r', 1),
    leak,
    initial: initial === undefined ? leak.slice() : broadcast(initial, size),
  };
}

/** τ dv/dt = (v_leak − v) + R·I over one step, as written: forward Euler, or the exponential solution for a constant input. */
export function leakyEquations(node: GraphNode, size: number, { dt, integrate }: Semantics) {
  const { tau, resistance, leak, initial } = leakyNumbers(node, size);
  const euler = (i: number, v: number, input: number) => v + (dt / tau[i]!) * (leak[i]! - v + resistance[i]! * input);
  const exact = (i: number, v: number, input: number) => {
    const settled = leak[i]! + resistance[i]! * input;
    return settled + (v - settled) * Math.exp(-dt / tau[i]!);
  };
  return { initial, integrate: integrate === 'euler' ? euler : exact };
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
    const { initial, integrate } = leakyEquations(node, size, semantics);
    return {
      initial: { v: initial },
      step(i, [current], { v }) {
        v![i] = integrate(i, v![i]!, current![i]!);
        return v![i]!;
      },
    };
  },
  linear: leakyLinear,
};

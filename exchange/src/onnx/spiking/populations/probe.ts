import { elementCount, type NeuronKind, type ResolvedNode, scalar } from '@spikewire/models';

/** Every state variable after a step, one number per neuron. */
export type Response = Readonly<Record<string, Float64Array>>;

/**
 * What a step of a population without rest, floor and spikes makes of one state variable that is 1, or of an arriving
 * 1, where all else is 0: the coefficients of filters, from the equations as their kind runs them.
 */
export function responseTo(
  { node, shape, semantics }: ResolvedNode,
  kind: NeuronKind,
  { variable, arriving = 0 }: { readonly variable?: string; readonly arriving?: number },
): Response {
  const size = elementCount(shape);
  const { v_min: _, ...parameters } = node.parameters;
  const silent = { ...parameters, v_leak: scalar(0), v_threshold: scalar(Number.MAX_VALUE) };
  const { initial, step } = kind.prepare({ ...node, parameters: silent }, size, semantics);
  const state = Object.fromEntries(
    Object.keys(initial).map((name) => [name, new Float64Array(size).fill(name === variable ? 1 : 0)]),
  );
  const inputs = Array.from({ length: Math.max(1, kind.ports?.length ?? 0) }, () =>
    new Float64Array(size).fill(arriving),
  );
  for (let i = 0; i < size; i++) step(i, inputs, state);
  return state;
}

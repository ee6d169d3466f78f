import { type GraphNode, numbersOf, type Tensor, tensor } from '@spikewire/models';

/**
 * A parameter computed from others, neuron by neuron; one number stands for all. Throws nothing: sizes were checked.
 *
 * @param keys the parameters in the order of the function's words; one that is absent is 0
 */
export function computed(node: GraphNode, keys: readonly string[], compute: (...values: number[]) => number): Tensor {
  const values = keys.map((key) => numbersOf(node, key));
  const longest = values.reduce<Tensor | undefined>(
    (most, each) => (each !== undefined && each.data.length > (most?.data.length ?? 0) ? each : most),
    undefined,
  );
  const size = longest?.data.length ?? 1;
  const at = (value: Tensor | undefined, i: number) => value?.data[value.data.length === 1 ? 0 : i] ?? 0;
  const data = Float64Array.from({ length: size }, (_, i) => compute(...values.map((value) => at(value, i))));
  return tensor(data, longest?.shape ?? []);
}

/** A node with a parameter that the framework sets, whatever the file says; a note where that is something else. */
export function forced(
  node: GraphNode,
  key: string,
  value: Tensor,
  why: string,
  place: string,
  notes: string[],
): GraphNode {
  const old = numbersOf(node, key);
  const stands = old ?? tensor(Float64Array.of(0), []);
  const isSame = Array.from({ length: Math.max(stands.data.length, value.data.length) }).every((_, i) => {
    const [a, b] = [stands, value].map(({ data }) => data[data.length === 1 ? 0 : i]!) as [number, number];
    return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  });
  if (isSame) return node;
  notes.push(`${place}.${key}: ${why}`);
  return { ...node, parameters: { ...node.parameters, [key]: value } };
}

import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import { broadcast } from '../tensor.ts';

/** A parameter with one value per neuron; where the node has none, what its kind takes instead. */
export function elementsOf(
  node: GraphNode,
  key: string,
  size: number,
  otherwise: number | Float64Array = 0,
): Float64Array {
  const value = numbersOf(node, key);
  if (value !== undefined) return broadcast(value, size);
  return typeof otherwise === 'number' ? new Float64Array(size).fill(otherwise) : otherwise.slice();
}

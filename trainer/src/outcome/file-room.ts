import { type Model, numbersOf, resolveGraph, type Tensor, writeModel } from '@spikewire/models';

/** Bytes that a net takes as a .spike file, before and after it became one of whole numbers. */
export interface FileRoom {
  readonly float: number;
  readonly integer: number;
  /** What of these is weights that became whole numbers. */
  readonly weights: { readonly float: number; readonly integer: number };
}

/** @param bytes of the file of the integer model */
export function fileRoom(float: Model, integer: Model, bytes: number): FileRoom {
  const names = new Set(integer.quantization!.connections.keys());
  return {
    float: writeModel(float).length,
    integer: bytes,
    weights: { float: weightBytes(float, names), integer: weightBytes(integer, names) },
  };
}

function weightBytes({ graph, semantics }: Model, names: ReadonlySet<string>): number {
  return resolveGraph(graph, semantics)
    .nodes.filter(({ name }) => names.has(name))
    .map(({ node }) => numbersOf(node, 'weight') ?? numbersOf(node, 'scale'))
    .reduce((sum, weights) => sum + (isArray(weights) ? weights.data.byteLength : 0), 0);
}

/** A single number for all stands in the text of the graph. */
function isArray(numbers: Tensor | undefined): numbers is Tensor {
  return numbers !== undefined && numbers.shape.length > 0;
}

/** What takes the room where the file of whole numbers is the larger one; empty where it is not. */
export function whyLarger({ float, integer, weights }: FileRoom): string {
  if (integer <= float) return '';
  const others = integer - weights.integer - (float - weights.float);
  const saved = `weights take ${weights.integer} instead of ${weights.float}`;
  const added = `constants of neurons, their names and the card ${others} more`;
  return `${integer - float} more than with real numbers: ${saved}, ${added}`;
}

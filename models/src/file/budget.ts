import { SpikewireError } from '../error.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { ResolvedGraph, ResolvedNode } from '../graph/resolve.ts';
import { elementCount } from '../tensor.ts';

/** What a device can carry. A model beyond it is refused before anything is allocated for it. */
export interface Budget {
  readonly neurons: number;
  readonly synapses: number;
  /** Bytes that running takes at least: parameters as stored, one float64 per element and per step of delay. */
  readonly bytes: number;
}

/** Far beyond any device this is made for; it refuses what could only be an attack or a mistake. */
export const defaultBudget: Budget = { neurons: 2 ** 22, synapses: 2 ** 31, bytes: 2 ** 29 };

/** What a graph asks for. Windows that reach into the padding count as synapses; bytes are a lower bound. */
export function demandOf({ nodes, edges }: ResolvedGraph): Budget {
  const parameters = sum(nodes, parameterBytes);
  const elements = sum(nodes, ({ shape }) => elementCount(shape));
  const delayed =
    sum(edges, ({ source, delay }) => delay * elementCount(nodes[source]!.shape)) +
    sum(nodes, ({ kind, node, shape }) =>
      kind.role === 'connection' ? (kind.longestDelay?.(node) ?? 0) * elementCount(shape) : 0,
    );
  return {
    neurons: sum(nodes, ({ kind, shape }) => (kind.role === 'neuron' ? elementCount(shape) : 0)),
    synapses: sum(nodes, synapses),
    bytes: parameters + Float64Array.BYTES_PER_ELEMENT * (elements + delayed),
  };
}

/** Refuses with `budget` what asks for more than a device has. */
export function checkBudget(graph: ResolvedGraph, budget: Partial<Budget>): void {
  const demand = demandOf(graph);
  const allowed = { ...defaultBudget, ...budget };
  for (const key of ['neurons', 'synapses', 'bytes'] as const) {
    if (demand[key] <= allowed[key]) continue;
    throw new SpikewireError('budget', 'model', `needs ${demand[key]} ${key}`, `at most ${allowed[key]}`);
  }
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

function parameterBytes({ node }: ResolvedNode): number {
  return sum(Object.values(node.parameters), (value) => (typeof value === 'string' ? 0 : value.data.byteLength));
}

/** Counted and not connected: connecting allocates, and a short file can claim a large image. */
function synapses({ kind, node, inputShape, shape }: ResolvedNode): number {
  if (kind.role !== 'connection') return 0;
  if (kind.synapseCount !== undefined) return kind.synapseCount(node, inputShape);
  return numbersOf(node, 'weight')?.data.length ?? elementCount(shape);
}

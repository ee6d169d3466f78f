import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';

/** Throws `graph` for a bias whose length is neither 1 nor one of `lengths`: of outputs, or of their channels. */
export function checkBias(node: GraphNode, ...lengths: readonly number[]): void {
  const length = numbersOf(node, 'bias')?.data.length ?? 1;
  const allowed = [...new Set([1, ...lengths])];
  if (allowed.includes(length)) return;
  throw new SpikewireError('graph', node.type, `has a bias of ${length} values`, allowed.join(' or '));
}

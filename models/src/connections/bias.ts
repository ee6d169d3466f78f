import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';

/** Throws `graph` for a bias that is neither one number nor one per output (or channel). */
export function checkBias(node: GraphNode, outputs: number): void {
  const length = numbersOf(node, 'bias')?.data.length ?? 1;
  if (length === 1 || length === outputs) return;
  throw new SpikewireError('graph', node.type, `has a bias of ${length} values`, `1 or ${outputs}`);
}

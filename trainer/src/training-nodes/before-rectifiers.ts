import { type Model, resolveGraph, SpikewireError } from '@spikewire/models';
import type { Placement } from '../lowering/placed.ts';
import type { TrainingNode } from '../lowering/training-node.ts';

/**
 * By the name of each ReLU node the connection in front of it, behind which a node of training may stand for another
 * activation: one that is not below 0 passes through the rectifier as it is. Throws `unsupported` where several nodes
 * lead to a rectifier.
 */
export function beforeRectifiers({ graph, semantics }: Model): ReadonlyMap<string, string> {
  const { nodes, edges } = resolveGraph(graph, semantics);
  const found = nodes.flatMap(({ name, kind }, index) => {
    if (kind.type !== 'ReLU') return [];
    const [first, ...others] = edges.filter(({ target }) => target === index);
    if (first !== undefined && others.length === 0) return [[name, nodes[first.source]!.name] as const];
    throw new SpikewireError('unsupported', `node "${name}" (ReLU)`, 'is not behind one connection alone', 'a chain');
  });
  return new Map(found);
}

/** A node of training as the activation of every rectifier; throws as `beforeRectifiers`. */
export function inPlaceOfRectifiers(model: Model, node: TrainingNode): Placement[] {
  return [...beforeRectifiers(model).values()].map((behind) => ({ behind, node }));
}

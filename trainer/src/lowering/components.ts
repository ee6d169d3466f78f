import type { ResolvedGraph } from '@spikewire/models';

/** Nodes that depend on each other, by their indices in the graph; one alone where it does not depend on itself. */
export interface Component {
  readonly members: readonly number[];
  readonly isCycle: boolean;
}

/**
 * The strongly connected components of a graph (Tarjan 1972), delays counted as edges, each after those it gets its
 * values from and its nodes in the order of a step. What lies in no cycle can be computed over all steps at once.
 */
export function componentsOf({ nodes, edges }: ResolvedGraph): Component[] {
  const sources = nodes.map((_, node) => edges.filter(({ target }) => target === node).map(({ source }) => source));
  const index = new Map<number, number>();
  const lowest = new Map<number, number>();
  const stack: number[] = [];
  const components: Component[] = [];
  const visit = (node: number): void => {
    index.set(node, index.size);
    lowest.set(node, index.get(node)!);
    stack.push(node);
    for (const source of sources[node]!) {
      if (!index.has(source)) visit(source);
      if (stack.includes(source)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(source)!));
    }
    if (lowest.get(node) !== index.get(node)) return;
    const members = stack.splice(stack.indexOf(node)).sort((a, b) => a - b);
    components.push({ members, isCycle: members.length > 1 || sources[node]!.includes(node) });
  };
  for (let node = 0; node < nodes.length; node++) if (!index.has(node)) visit(node);
  return components;
}

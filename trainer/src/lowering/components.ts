import type { ResolvedGraph } from '@spikewire/models';

/** Nodes that depend on each other, by their places in the graph; one alone where it does not depend on itself. */
export interface Component {
  readonly places: readonly number[];
  readonly isCycle: boolean;
}

/**
 * The strongly connected components of a graph (Tarjan 1972), delays counted as edges, each after those it gets its
 * values from and its nodes in the order of a step. What lies in no cycle can be computed over all steps at once.
 */
export function componentsOf({ nodes, edges }: ResolvedGraph): Component[] {
  const sources = nodes.map((_, place) => edges.filter(({ target }) => target === place).map(({ source }) => source));
  const index = new Map<number, number>();
  const lowest = new Map<number, number>();
  const stack: number[] = [];
  const components: Component[] = [];
  const visit = (place: number): void => {
    index.set(place, index.size);
    lowest.set(place, index.get(place)!);
    stack.push(place);
    for (const source of sources[place]!) {
      if (!index.has(source)) visit(source);
      if (stack.includes(source)) lowest.set(place, Math.min(lowest.get(place)!, lowest.get(source)!));
    }
    if (lowest.get(place) !== index.get(place)) return;
    const places = stack.splice(stack.indexOf(place)).sort((a, b) => a - b);
    components.push({ places, isCycle: places.length > 1 || sources[place]!.includes(place) });
  };
  for (let place = 0; place < nodes.length; place++) if (!index.has(place)) visit(place);
  return components;
}

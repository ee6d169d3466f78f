import { type ResolvedGraph, SpikewireError } from '@spikewire/models';

/** The place of a node by its name. Throws `input` for one that is not in the graph. */
export function placeOf({ nodes }: ResolvedGraph, node: string): number {
  const place = nodes.findIndex(({ name }) => name === node);
  if (place < 0) throw new SpikewireError('input', `node "${node}"`, 'is not in the graph');
  return place;
}

export function refuseState(node: string, variable: string, known: readonly string[]): never {
  throw new SpikewireError('input', `node "${node}"`, `has no state "${variable}"`, known.join(', ') || 'none');
}

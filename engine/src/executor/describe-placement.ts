import type { PlacedNode } from './executor.ts';

/** Names in a line, and reasons; of more, it is said how many. */
const MOST_NAMES = 24;
const MOST_REASONS = 8;

/**
 * For people, a line each: which nodes lie where, and why nodes are not on the board. None where all are in one place.
 */
export function describePlacement(nodes: readonly PlacedNode[]): string[] {
  const places = named(nodes, ({ on }) => on);
  const reasons = [...named(nodes, ({ because }) => because)];
  const left = reasons.slice(MOST_REASONS).flatMap(([, names]) => names);
  return [
    ...[...places].map(([place, names]) => `on ${place}: ${listed(names)}`),
    ...reasons.slice(0, MOST_REASONS).map(([reason, names]) => `not on the board: ${listed(names)}; ${reason}`),
    ...(left.length === 0 ? [] : [`not on the board for other reasons: ${listed(left)}`]),
  ];
}

/** The names of nodes by what is said of them. */
function named(nodes: readonly PlacedNode[], of: (node: PlacedNode) => string | undefined): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const node of nodes) {
    const key = of(node);
    if (key === undefined) continue;
    const list = names.get(key) ?? [];
    list.push(node.name);
    names.set(key, list);
  }
  return names;
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

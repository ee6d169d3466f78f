import { SpikewireError, type Wiring } from '@spikewire/models';
import { type Link, linksOf, reachOf } from './links.ts';

/** Populations and Outputs that one executor runs as one net. */
export interface Part {
  readonly onBoard: boolean;
  /** Indices of its populations and Outputs in the whole net, ascending. */
  readonly targets: readonly number[];
}

/** A net in parts, in the order in which they run. */
export interface Cut {
  readonly parts: readonly Part[];
  /** Links between parts; those to an earlier part, or within a cycle that is cut, are late. */
  readonly crossing: readonly (Link & { readonly from: number; readonly to: number; readonly isLate: boolean })[];
  /**
   * Most steps that a part may run before the others follow: the shortest delay of a late link, Infinity where there is
   * none.
   */
  readonly stride: number;
}

/**
 * Cuts a net at the edges between the nodes on a board and the others. Parts follow each other through a whole window
 * where nothing leads back; where a cycle is cut, in strides as long as its delays. Throws `unsupported` where an edge
 * that leads back has no delay.
 */
export function cutOf(wiring: Wiring, isOnBoard: (node: number) => boolean): Cut {
  const { nodes } = wiring.graph;
  const links = linksOf(wiring);
  const stages = stagesOf(nodes.length, links, isOnBoard);
  const parts: Part[] = [];
  const partOf = new Map<number, number>();
  const targets = nodes.map((_, node) => node).filter((node) => isTarget(wiring, node));
  for (const stage of [...new Set(targets.map((node) => stages[node]!))].sort((a, b) => a - b)) {
    for (const onBoard of [false, true]) {
      const own = targets.filter((node) => stages[node] === stage && isOnBoard(node) === onBoard);
      if (own.length === 0) continue;
      for (const node of own) partOf.set(node, parts.length);
      parts.push({ onBoard, targets: own });
    }
  }
  const crossing = links.flatMap((link) => {
    const [from, to] = [partOf.get(link.source), partOf.get(link.target)!];
    return from === undefined || from === to ? [] : [{ ...link, from, to, isLate: from > to }];
  });
  const late = crossing.filter(({ isLate }) => isLate);
  const hasNoTime = late.find(({ delay }) => delay === 0);
  if (hasNoTime !== undefined)
    throw new SpikewireError(
      'unsupported',
      `node "${nodes[hasNoTime.source]!.name}"`,
      `leads back to "${nodes[hasNoTime.target]!.name}" without a delay on the edge that leaves it`,
      'a delay of at least 1 step there, or both on one side',
    );
  return { parts, crossing, stride: Math.min(Number.POSITIVE_INFINITY, ...late.map(({ delay }) => delay)) };
}

function isTarget({ graph, connectivity }: Wiring, node: number): boolean {
  return connectivity[node] === undefined && graph.nodes[node]!.kind.role !== 'input';
}

/**
 * The stage of each node: behind those that it gets events from, and one behind them where these are elsewhere. In a
 * cycle the links that lead back in the order of a step do not count; a cycle that is on one side has one stage.
 */
function stagesOf(count: number, links: readonly Link[], isOnBoard: (node: number) => boolean): number[] {
  const reach = reachOf(count, links);
  const isInCycle = (a: number, b: number) => reach[a]!.has(b) && reach[b]!.has(a);
  const cycles = reach.map((reached, node) => [...reached].filter((other) => isInCycle(node, other)));
  const isUncut = cycles.map((cycle, node) => cycle.every((other) => isOnBoard(other) === isOnBoard(node)));
  const ahead = links.filter(({ source, target }) => source < target || !isInCycle(source, target));
  const stages = new Array<number>(count).fill(0);
  const inputs = new Set(links.map(({ source }) => source));
  for (const { target } of links) inputs.delete(target);
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    const raise = (node: number, stage: number) => {
      if (stages[node]! >= stage) return;
      stages[node] = stage;
      hasChanged = true;
    };
    for (const { source, target } of ahead) {
      if (inputs.has(source)) continue; // what comes from outside comes to every part
      raise(target, stages[source]! + (isOnBoard(source) === isOnBoard(target) ? 0 : 1));
      if (isUncut[target]) for (const other of cycles[target]!) raise(other, stages[target]!);
    }
  }
  return stages;
}

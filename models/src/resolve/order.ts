import { SpikewireError } from '../error.ts';
import type { Edge } from '../graph/graph.ts';

/** A cycle of more nodes is shown by its first and last. */
const SHOWN = 12;

/**
 * The order in which a step visits the nodes: after all sources that deliver in the same step, otherwise as in the
 * file. Throws `graph` with the cycle where one has no delayed edge.
 */
export function visitingOrder(names: readonly string[], edges: readonly Edge[]): string[] {
  const targets = new Map<string, string[]>(names.map((name) => [name, []]));
  const waiting = new Map<string, number>(names.map((name) => [name, 0]));
  for (const { source, target, delay } of edges) {
    if (delay > 0) continue;
    targets.get(source)!.push(target);
    waiting.set(target, waiting.get(target)! + 1);
  }
  const ready = names.filter((name) => waiting.get(name) === 0);
  for (const name of ready) {
    for (const target of targets.get(name)!) {
      waiting.set(target, waiting.get(target)! - 1);
      if (waiting.get(target) === 0) ready.push(target);
    }
  }
  if (ready.length < names.length) {
    const stuck = new Set(names.filter((name) => waiting.get(name)! > 0));
    throw new SpikewireError(
      'graph',
      `cycle ${formatCycle(findCycle(stuck, edges))}`,
      'has no delay',
      'an edge with {"delay": 1} or more in every cycle',
    );
  }
  return ready;
}

/**
 * A cycle among nodes each of which waits for another of them: going back from one to what it waits for must come
 * round.
 */
function findCycle(stuck: ReadonlySet<string>, edges: readonly Edge[]): string[] {
  const awaited = new Map<string, string>();
  for (const { source, target, delay } of edges) {
    if (delay === 0 && stuck.has(source) && stuck.has(target)) awaited.set(target, source);
  }
  const indices = new Map<string, number>();
  const path: string[] = [];
  let [name] = stuck as Iterable<string> as [string];
  for (; !indices.has(name); name = awaited.get(name)!) indices.set(name, path.push(name) - 1);
  return [...path.slice(indices.get(name)!), name].reverse();
}

function formatCycle(cycle: readonly string[]): string {
  const shown =
    cycle.length <= SHOWN
      ? cycle
      : [...cycle.slice(0, SHOWN / 2), `… ${cycle.length - SHOWN} more …`, ...cycle.slice(-SHOWN / 2)];
  return shown.join('→');
}

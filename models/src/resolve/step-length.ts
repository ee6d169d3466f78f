import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { NodeKind } from '../kinds/kinds.ts';

/** What follows where a step is longer than the times of a neuron node, one line each. */
export function stepWarnings(name: string, kind: NodeKind, node: GraphNode, semantics: Semantics): string[] {
  if (kind.role !== 'neuron') return [];
  const { dt, integrate } = semantics;
  const warnings: string[] = [];
  for (const [key, declaration] of Object.entries(kind.parameters)) {
    const time = 'time' in declaration ? declaration.time : undefined;
    const shortest = time === undefined ? undefined : shortestTime(numbersOf(node, key)?.data);
    if (shortest === undefined || !(dt > shortest)) continue;
    const consequence = time === 'rest' ? ofRest(shortest, dt) : ofDecay(shortest, dt, integrate);
    warnings.push(`node "${name}" (${kind.type}): dt ${dt} is longer than ${key} ${shortest}: ${consequence}`);
  }
  if (kind.longestStep !== undefined && dt > kind.longestStep) {
    const consequence = 'its course of a spike is lost and spikes may be missing or made up';
    warnings.push(`node "${name}" (${kind.type}): dt ${dt} is longer than ${kind.longestStep}: ${consequence}`);
  }
  return warnings;
}

function shortestTime(times: ArrayLike<number> | undefined): number | undefined {
  let shortest = Number.POSITIVE_INFINITY;
  for (const time of Array.from(times ?? [])) if (time > 0) shortest = Math.min(shortest, time);
  return Number.isFinite(shortest) ? shortest : undefined;
}

function ofRest(rest: number, dt: number): string {
  return Math.round(rest / dt) === 0 ? 'the neuron does not rest at all' : 'the neuron rests for a whole step';
}

function ofDecay(tau: number, dt: number, integrate: string): string {
  if (integrate === 'exact') return 'little of a step is left in the next one';
  if (integrate !== 'euler') return 'the solution is inaccurate';
  return dt > 2 * tau ? 'the state swings ever wider and leaves all bounds' : 'the state overshoots and swings';
}

import type { ResolvedGraph } from '@spikewire/models';
import type { Value } from '../graph/operations/value.ts';
import { prepared } from '../kinds/kind.ts';
import { surrogates } from '../surrogates/surrogates.ts';
import { type LoweredGraph, lowerGraph } from './lower.ts';

/**
 * Lowers a net in which nothing spikes, over a batch of samples of one step. `inputs` are those that are given already,
 * [batch, …]; nothing of it is learned.
 */
export function lowerAnalogue(graph: ResolvedGraph, batch: number, inputs?: ReadonlyMap<string, Value>): LoweredGraph {
  const held = new Set(graph.nodes.filter(({ kind }) => kind.role === 'input').map(({ name }) => name));
  // Of no spikes, any.
  const spikes = { surrogate: prepared('surrogate', surrogates, 'arctan') };
  return lowerGraph(graph, { batch, steps: 1, held, ...(inputs && { inputs }), learned: [], spikes });
}

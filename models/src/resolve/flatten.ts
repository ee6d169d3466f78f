import type { Graph } from '../graph/graph.ts';
import { dissolveDelays } from './delays.ts';
import { type FlatGraph, inlineSubgraphs } from './inline.ts';

/** A graph of nodes that run: sub-graphs and Delay nodes dissolved, for steps of `dt` seconds. */
export function flattenGraph(graph: Graph, dt: number): FlatGraph {
  return dissolveDelays(inlineSubgraphs(graph), dt);
}

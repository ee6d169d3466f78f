import { dequantize, type Model, type ResolvedGraph, resolveGraph, SpikewireError } from '@spikewire/models';
import type { LoadOptions } from './engine.ts';

/** The graph of a model, resolved here where the caller has not. */
export function graphOf({ graph, semantics }: Model, given: Pick<LoadOptions, 'graph'> = {}): ResolvedGraph {
  return given.graph ?? resolveGraph(graph, semantics);
}

/** The same with real weights in place of integers, which are a graph of their own. */
export function realGraphOf(model: Model, given: Pick<LoadOptions, 'graph'> = {}): ResolvedGraph {
  return model.quantization === undefined ? graphOf(model, given) : graphOf(dequantize(model, given.graph));
}

/** The index of a node by its name. Throws `input` for one that is not in the graph. */
export function indexOfNode({ nodes }: ResolvedGraph, node: string): number {
  const index = nodes.findIndex(({ name }) => name === node);
  if (index < 0) throw new SpikewireError('input', `node "${node}"`, 'is not in the graph');
  return index;
}

export function refuseState(node: string, variable: string, known: readonly string[]): never {
  throw new SpikewireError('input', `node "${node}"`, `has no state "${variable}"`, known.join(', ') || 'none');
}

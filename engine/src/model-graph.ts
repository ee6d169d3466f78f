import { dequantize, type Model, type ResolvedGraph, resolveGraph } from '@spikewire/models';
import type { LoadOptions } from './engine.ts';

/** The graph of a model, resolved here where the caller has not. */
export function graphOf({ graph, semantics }: Model, given: Pick<LoadOptions, 'graph'> = {}): ResolvedGraph {
  return given.graph ?? resolveGraph(graph, semantics);
}

/** The same with real weights in place of integers, which are a graph of their own. */
export function realGraphOf(model: Model, given: Pick<LoadOptions, 'graph'> = {}): ResolvedGraph {
  return model.quantization === undefined ? graphOf(model, given) : graphOf(dequantize(model, given.graph));
}

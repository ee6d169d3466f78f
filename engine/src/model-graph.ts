import { dequantize, graphOf, type Model, type ResolvedGraph, SpikewireError } from '@spikewire/models';

/**
 * The graph of a model with real weights in place of integers, which is a graph of its own; `given` is the model's,
 * where it is resolved already.
 */
export function realGraphOf(model: Model, given?: ResolvedGraph): ResolvedGraph {
  return model.quantization === undefined ? graphOf(model, given) : graphOf(dequantize(model, given));
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

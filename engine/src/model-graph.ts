import { dequantize, graphOf, type Model, type ResolvedGraph } from '@spikewire/models';

/**
 * The graph of a model with real weights in place of integers, which is a graph of its own; `given` is the model's,
 * where it is resolved already.
 */
export function realGraphOf(model: Model, given?: ResolvedGraph): ResolvedGraph {
  return model.quantization === undefined ? graphOf(model, given) : graphOf(dequantize(model, given));
}

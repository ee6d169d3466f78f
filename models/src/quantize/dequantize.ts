import { SpikewireError } from '../error.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { Model } from '../model/model.ts';
import { graphOf, type ResolvedGraph } from '../resolve/resolve.ts';
import { isWeighted, weightParameter } from '../resolve/wiring.ts';
import { tensor } from '../tensor.ts';
import { checkComplete } from './integer-form.ts';
import { realWeights } from './real-units.ts';
import { wireWithFewWays } from './ways.ts';

/**
 * The float model that an integer model stands for, for engines that compute with real numbers: each weight is the real
 * number of its q. Membranes, thresholds and time constants are real in the graph already. Self-tests are not taken
 * over: their answers are those of the integers. `graph` is the model's own, where it is resolved already.
 */
export function dequantize(model: Model, graph?: ResolvedGraph): Model {
  const { quantization, ...rest } = model;
  if (quantization === undefined) {
    throw new SpikewireError('unsupported', 'dequantize', 'got a float model', 'a model that is quantised');
  }
  const wiring = wireWithFewWays(graphOf(model, graph));
  checkComplete(wiring, quantization);
  const nodes = new Map(model.graph.nodes);
  wiring.graph.nodes.forEach((resolved, index) => {
    if (!isWeighted(wiring, index)) return;
    const key = weightParameter(resolved);
    const integers = numbersOf(resolved.node, key)!;
    const real = tensor(realWeights(wiring, index, quantization, integers.data), integers.shape);
    nodes.set(resolved.name, { ...resolved.node, parameters: { ...resolved.node.parameters, [key]: real } });
  });
  return { ...rest, graph: { nodes, edges: model.graph.edges }, selfTests: [] };
}

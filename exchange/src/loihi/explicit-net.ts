import { dequantize, type Model, makeExplicit } from '@spikewire/models';
import { type Net, netOf } from '../net/net.ts';

const nets = new WeakMap<Model, Net>();

/** The float form of a model with a weight on each way of a spike, and without subgraphs. */
export function explicitNet(given: Model): Net {
  const known = nets.get(given);
  if (known !== undefined) return known;
  const model = given.quantization === undefined ? given : dequantize(given);
  const net = netOf({ ...model, graph: makeExplicit(model.graph, model.semantics).graph });
  nets.set(given, net);
  return net;
}

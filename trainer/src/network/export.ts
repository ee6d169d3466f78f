import { type GraphNode, type JsonObject, type Model, tensor } from '@spikewire/models';
import type { ChannelRanges } from '../encoding/channel-ranges.ts';
import { type NetworkPlan, pick } from './network.ts';
import { neuronNode, neuronSemantics } from './neurons.ts';

export interface ExportOptions {
  readonly plan: NetworkPlan;
  readonly ranges: ChannelRanges;
  /** Names of the classes. */
  readonly labels: readonly string[];
  readonly provenance: JsonObject;
}

/** The trained net as a model: what it computes is what was trained, step by step. Arrays by full name. */
export function exportModel(
  parameters: ReadonlyMap<string, Float32Array>,
  { plan, ranges, labels, provenance }: ExportOptions,
): Model {
  const nodes = chainOf(parameters, plan, labels.length);
  const names = nodes.map(([name]) => name);
  return {
    graph: {
      nodes: new Map(nodes),
      edges: names.slice(1).map((target, place) => ({ source: names[place]!, target, delay: 0 })),
    },
    semantics: neuronSemantics(plan.neuron),
    learning: new Map(),
    encoder: new Map([['in', plan.encoder.encoder(ranges)]]),
    decoder: new Map([['out', { type: 'count', parameters: {} }]]),
    channels: [],
    sample: { steps: plan.steps, between: 'reset' },
    labels,
    provenance,
    selfTests: [],
  };
}

function chainOf(
  parameters: ReadonlyMap<string, Float32Array>,
  { layers, neuron, readOut }: NetworkPlan,
  classes: number,
): [string, GraphNode][] {
  const terminal = (type: string, shape: readonly number[]): GraphNode => ({
    type,
    parameters: { shape: tensor(Float64Array.from(shape)) },
  });
  const chain: [string, GraphNode][] = [['in', terminal('Input', layers[0]!.inputShape)]];
  for (const layer of layers) {
    for (const [suffix, node] of layer.toNodes(pick(layer, parameters))) chain.push([`${layer.name}${suffix}`, node]);
    if (!layer.feedsNeurons) continue;
    const isLast = layer === layers.at(-1);
    chain.push([`${layer.name}.neurons`, isLast ? readOut.node(neuron) : neuronNode(neuron)]);
  }
  return [...chain, ['out', terminal('Output', [classes])]];
}

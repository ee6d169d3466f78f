import { type GraphNode, type Model, scalar } from '@spikewire/models';
import { rawOfShare, tauOfRaw } from '../lowering/neurons/time-constant.ts';
import { scalesAt } from './analogue/activations.ts';
import { conversionSite, type SiteOptions } from './site.ts';
import { spikingModel } from './spiking-model.ts';

export interface LeakyStartOptions extends SiteOptions {
  /** Of the activations above 0, how many percent are not clipped: where thresholds are. */
  readonly percentile: number;
  /** Share of its membrane that a neuron loses in a step, 0…1; 0: neurons without leak, which cannot learn one. */
  readonly leak: number;
}

/**
 * A spiking net to be trained on, made of an analogue one: thresholds at a percentile of the activations, soft reset,
 * and neurons of which a step takes a share of the membrane, with a gain of 1. All its thresholds are 1, one number for
 * each layer, and so are its leaks.
 */
export async function leakyStart(analogue: Model, options: LeakyStartOptions): Promise<Model> {
  const { steps, percentile, leak } = options;
  const { net, activations, inputs } = await conversionSite(analogue, options);
  const balance = { scales: scalesAt(activations, percentile), reset: 'subtract' } as const;
  const model = spikingModel(net, balance, steps, inputs);
  const leaks = { tau: scalar(tauOfRaw(rawOfShare(leak), model.semantics)), r: scalar(1 / leak), v_leak: scalar(0) };
  const [type, own] = leak === 0 ? ['IF', {}] : ['LIF', leaks];
  const parametersOf = ({ parameters }: GraphNode) => ({ ...parameters, v_threshold: scalar(1), ...own });
  const learning = ([name, node]: readonly [string, GraphNode]) =>
    [name, node.type === 'IF' ? { type, parameters: parametersOf(node) } : node] as const;
  return { ...model, graph: { ...model.graph, nodes: new Map([...model.graph.nodes].map(learning)) } };
}

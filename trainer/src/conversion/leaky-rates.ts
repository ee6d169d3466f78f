import { type Edge, type GraphNode, type Model, scalar } from '@spikewire/models';
import { withSummedOutputs } from '../architecture/summed-outputs.ts';
import { type SoftLif, unitRate } from '../training-nodes/soft-lif.ts';
import { analogueNet } from './analogue/analogue-net.ts';

export interface LeakyNeuron extends Pick<SoftLif, 'tauRef' | 'tauRc'> {
  /** Time constant of what arrives, in seconds. */
  readonly synapse: number;
}

/**
 * A net whose rectifiers stand for rates of leaky neurons (`softLifRate`), as one in which these neurons spike: behind
 * a synapse each, with a constant current of one threshold, and such a weight of a spike that the rate at x = 1 comes
 * to 1. An integrator before each Output adds up what arrives.
 */
export function leakyModel(analogue: Model, neuron: LeakyNeuron, steps: number): Model {
  const { model } = analogueNet(analogue);
  const { dt } = model.semantics;
  const { tauRef, tauRc, synapse } = neuron;
  const nodes = new Map<string, GraphNode>();
  const [entry, exit] = [new Map<string, string>(), new Map<string, string>()];
  const edges: Edge[] = [];
  const chain = (name: string, parts: Readonly<Record<string, GraphNode>>) => {
    const names = Object.keys(parts).map((suffix) => name + suffix);
    for (const [k, part] of Object.values(parts).entries()) nodes.set(names[k]!, part);
    for (const [k, source] of names.slice(0, -1).entries()) edges.push({ source, target: names[k + 1]!, delay: 0 });
    entry.set(name, names[0]!);
    exit.set(name, names.at(-1)!);
  };
  const cells = { tau: tauRc, r: 1, v_leak: 1, v_initial: 0, v_threshold: 1, v_reset: 0, tau_ref: tauRef };
  for (const [name, node] of model.graph.nodes) {
    if (node.type === 'ReLU') {
      chain(name, {
        '.synapse': { type: 'Lowpass', parameters: { tau: scalar(synapse) } },
        '': { type: 'LIF', parameters: Object.fromEntries(Object.entries(cells).map(([key, x]) => [key, scalar(x)])) },
        '.rate': { type: 'Scale', parameters: { scale: scalar(1 / (unitRate(neuron) * dt)) } },
      });
    } else chain(name, { '': node });
  }
  for (const { source, target, ...edge } of model.graph.edges) {
    edges.push({ ...edge, source: exit.get(source)!, target: entry.get(target)! });
  }
  const answer = { type: 'membrane-softmax', parameters: { temperature: steps } };
  return {
    ...model,
    graph: withSummedOutputs({ nodes, edges }, model.semantics),
    semantics: { ...model.semantics, integrate: 'exact', threshold: 'gt', reset: 'value', spikesPerStep: 'one' },
    decoder: new Map([...model.decoder.keys()].map((name) => [name, answer])),
    sample: { steps, between: 'reset' },
  };
}

import { elementCount, type Model, tensor } from '@spikewire/models';
import type { LabelledSamples } from 'spikewire/data';
import type { AnalogueNet } from './analogue-net.ts';
import { type Balance, type SpikingInput, spikingModel } from './spiking-model.ts';
import { type SeeOptions, seeWindows } from './windows.ts';

/** Samples that are looked at. */
const SAMPLES = 128;

/** What arrives at the neurons of a layer while those in front of it spike, in units of activation. */
export interface WeightedInputs {
  /** The most that arrives in a step. */
  readonly largest: number;
  /** The most that arrives in a step on the mean over a sample. */
  readonly largestMean: number;
}

export interface BalanceSite extends SeeOptions {
  readonly net: AnalogueNet;
  readonly samples: LabelledSamples['samples'];
  /** Of a sample. */
  readonly steps: number;
  readonly inputs: ReadonlyMap<string, SpikingInput>;
}

/**
 * Balances the layers one after the other on the spiking net itself: each sees the spikes of those that have their λ.
 */
export async function balanceByInputs(
  { net, samples, steps, inputs, ...options }: BalanceSite,
  balance: Omit<Balance, 'scales'>,
  choose: (inputs: WeightedInputs) => number,
): Promise<ReadonlyMap<string, number>> {
  const scales = new Map<string, number>();
  for (const layer of net.layers) {
    const model = endingAt(spikingModel(net, { ...balance, scales }, steps, inputs), layer, net);
    const found = await weightedInputs(model, samples.slice(0, SAMPLES), options);
    scales.set(layer, found.largest > 0 ? choose(found) : 1);
  }
  return scales;
}

/** The part of a net that leads to a node, with an Output in the place of that. */
function endingAt(model: Model, name: string, { wiring: { graph } }: AnalogueNet): Model {
  const { nodes, edges } = model.graph;
  const kept = new Set([name]);
  // A set hands out what is added to it during the walk.
  for (const target of kept) for (const edge of edges) if (edge.target === target) kept.add(edge.source);
  const { shape } = graph.nodes.find((node) => node.name === name)!;
  const output = { type: 'Output', parameters: { shape: tensor(Float64Array.from(shape)) } };
  return {
    ...model,
    graph: {
      nodes: new Map(
        [...nodes].filter(([other]) => kept.has(other)).map(([k, node]) => [k, k === name ? output : node]),
      ),
      edges: edges.filter(({ source, target }) => kept.has(target) && source !== name),
    },
    decoder: new Map(),
  };
}

async function weightedInputs(
  model: Model,
  samples: LabelledSamples['samples'],
  options: SeeOptions,
): Promise<WeightedInputs> {
  let [largest, largestMean] = [0, 0];
  let sums = new Float64Array(0);
  await seeWindows(
    model,
    samples,
    ({ output: { length, index, value }, steps, network }) => {
      if (sums.length === 0) sums = new Float64Array(outputSize(network.graph));
      sums.fill(0);
      for (let k = 0; k < length; k++) {
        largest = Math.max(largest, value[k]!);
        sums[index[k]!]! += value[k]!;
      }
      largestMean = sums.reduce((most, sum) => Math.max(most, sum / steps), largestMean);
    },
    options,
  );
  return { largest, largestMean };
}

function outputSize({ nodes }: AnalogueNet['wiring']['graph']): number {
  return elementCount(nodes.find(({ kind }) => kind.role === 'output')!.shape);
}

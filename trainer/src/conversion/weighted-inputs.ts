import type { LabelledSamples } from '@spikewire/engine/data';
import { elementCount, type Model, resolveGraph, tensor } from '@spikewire/models';
import type { LayerActivations } from './analogue/activations.ts';
import type { AnalogueNet } from './analogue/analogue-net.ts';
import { type SeeOptions, seeWindows } from './analogue/windows.ts';
import { type Balance, type SpikingInput, spikingModel } from './spiking-model.ts';

/** Samples that are looked at, and means of a layer that are kept of them. */
const [SAMPLES, MOST_KEPT] = [128, 2 ** 22];

/** What arrives at the neurons of a layer while those in front of it spike, in units of activation. */
export interface WeightedInputs {
  /** The most that arrives in a step. */
  readonly largest: number;
  /**
   * What arrives in a step on the mean over a sample, where that is above 0, sorted; of large layers of some samples.
   */
  readonly means: Pick<LayerActivations, 'positive'>;
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
  let [largest, count, kept] = [0, 0, 0];
  const sums = new Float64Array(outputSize(resolveGraph(model.graph, model.semantics)));
  const every = Math.ceil((samples.length * sums.length) / MOST_KEPT);
  const means = new Float32Array(Math.ceil(samples.length / every) * sums.length);
  await seeWindows(
    model,
    samples,
    ({ output: { length, index, value }, steps }) => {
      sums.fill(0);
      for (let k = 0; k < length; k++) {
        largest = Math.max(largest, value[k]!);
        sums[index[k]!]! += value[k]!;
      }
      for (const sum of count++ % every === 0 ? sums : []) if (sum > 0) means[kept++] = sum / steps;
    },
    options,
  );
  return { largest, means: { positive: means.slice(0, kept).sort() } };
}

function outputSize({ nodes }: AnalogueNet['wiring']['graph']): number {
  return elementCount(nodes.find(({ kind }) => kind.role === 'output')!.shape);
}

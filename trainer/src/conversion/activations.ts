import { elementCount, numbersOf } from '@spikewire/models';
import type { RunningNetwork } from 'spikewire';
import type { LabelledSamples } from 'spikewire/data';
import type { AnalogueNet } from './analogue-net.ts';
import { type SeeOptions, seeWindows } from './windows.ts';

/** Samples that are looked at, and numbers of a layer that are kept of them. */
const [SAMPLES, MOST_KEPT] = [512, 2 ** 22];

/** What the units of a layer give for calibration samples. */
export interface LayerActivations {
  /** Those above 0, sorted; of very many every n-th sample's. */
  readonly positive: Float32Array;
  /** Share of what arrives that is below 0, and so becomes 0. */
  readonly negativeShare: number;
}

/** The activations of every layer over calibration samples, of which the first few hundred are taken. */
export async function activationsOf(
  { model, wiring, layers }: AnalogueNet,
  { samples }: Pick<LabelledSamples, 'samples'>,
  options?: SeeOptions,
): Promise<ReadonlyMap<string, LayerActivations>> {
  const sizes = new Map(wiring.graph.nodes.map(({ name, shape }) => [name, elementCount(shape)]));
  const taken = samples.slice(0, SAMPLES);
  const seen = layers.map((name) => {
    const every = Math.ceil((taken.length * sizes.get(name)!) / MOST_KEPT);
    const kept = new Float32Array(Math.ceil(taken.length / every) * sizes.get(name)!);
    return { name, every, kept, positive: 0, negative: 0, all: 0 };
  });
  let count = 0;
  await seeWindows(
    model,
    taken,
    ({ network }) => {
      for (const layer of seen) {
        for (const value of count % layer.every === 0 ? arrivedAt(network, layer.name) : []) {
          layer.all++;
          if (value < 0) layer.negative++;
          if (value > 0) layer.kept[layer.positive++] = value;
        }
      }
      count++;
    },
    options,
  );
  return new Map(
    seen.map(({ name, kept, positive, negative, all }) => [
      name,
      { positive: kept.slice(0, positive).sort(), negativeShare: negative / all },
    ]),
  );
}

/** What arrived at the units of a layer, as far as they hand it on: above their ceiling all is one. */
export function arrivedAt(network: RunningNetwork, layer: string): Float64Array {
  const arrived = network.readState(layer, 'v');
  const { node } = network.graph.nodes.find(({ name }) => name === layer)!;
  const ceiling = numbersOf(node, 'ceiling')?.data;
  if (ceiling === undefined) return arrived;
  return arrived.map((value, i) => Math.min(value, ceiling[ceiling.length === 1 ? 0 : i]!));
}

/** The activation below which such a share of those above 0 lies, one that occurred; the largest for 1. None: 1. */
export function activationCovering({ positive }: Pick<LayerActivations, 'positive'>, share: number): number {
  return positive[Math.min(positive.length - 1, Math.floor(share * positive.length))] ?? 1;
}

import type { LabelledSamples } from '@spikewire/engine/data';
import { elementCount } from '@spikewire/models';
import type { AnalogueNet } from './analogue-net.ts';
import { type ArrivalOptions, arrivalsOf } from './arrivals.ts';

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
  net: AnalogueNet,
  { samples }: Pick<LabelledSamples, 'samples'>,
  options: ArrivalOptions,
): Promise<ReadonlyMap<string, LayerActivations>> {
  const sizes = new Map(net.wiring.graph.nodes.map(({ name, shape }) => [name, elementCount(shape)]));
  const taken = samples.slice(0, SAMPLES);
  const seen = net.layers.map((name) => {
    const every = Math.ceil((taken.length * sizes.get(name)!) / MOST_KEPT);
    const kept = new Float32Array(Math.ceil(taken.length / every) * sizes.get(name)!);
    return { name, every, kept, positive: 0, negative: 0, all: 0 };
  });
  let count = 0;
  for await (const arrived of arrivalsOf(net, taken, options)) {
    for (const layer of seen) {
      for (const value of count % layer.every === 0 ? arrived.get(layer.name)! : []) {
        layer.all++;
        if (value < 0) layer.negative++;
        if (value > 0) layer.kept[layer.positive++] = value;
      }
    }
    count++;
  }
  return new Map(
    seen.map(({ name, kept, positive, negative, all }) => [
      name,
      { positive: kept.slice(0, positive).sort(), negativeShare: negative / all },
    ]),
  );
}

/** The activation below which such a share of those above 0 lies, one that occurred; the largest for 1. None: 1. */
export function activationCovering({ positive }: Pick<LayerActivations, 'positive'>, share: number): number {
  return positive[Math.min(positive.length - 1, Math.floor(share * positive.length))] ?? 1;
}

/** λ of every layer: the activation that so many percent of those above 0 lie below. */
export function scalesAt(
  activations: ReadonlyMap<string, LayerActivations>,
  percentile: number,
): ReadonlyMap<string, number> {
  return new Map([...activations].map(([name, layer]) => [name, activationCovering(layer, percentile / 100)]));
}

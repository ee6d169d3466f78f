import { Correlation, type LabelledSamples } from '@spikewire/engine/data';
import { elementCount, type Model, resolveGraph } from '@spikewire/models';
import type { AnalogueNet } from './analogue/analogue-net.ts';
import { type ArrivalOptions, arrivalsOf } from './analogue/arrivals.ts';
import { seeWindows } from './analogue/windows.ts';
import { type Balance, scalesWithin } from './spiking-model.ts';

/** Samples that are looked at, the first ones. */
export const LAYER_SAMPLES = 100;

/** How well the neurons of a layer say what its units say, over some samples. */
export interface LayerFigures {
  readonly layer: string;
  readonly neurons: number;
  /** λ. */
  readonly scale: number;
  /** Pearson's, of the rates of neurons and the activations of units; 1 where neither ever changes. */
  readonly correlation: number;
  /**
   * The mean of Lin's concordance of λ·rate and activation of each unit, which no large units hide; 1 where they agree.
   */
  readonly concordance: number;
  /** Shares of the activations above 0 that are above λ, and of what arrives at units that is below 0. */
  readonly clipped: number;
  readonly negative: number;
  readonly spikesPerSample: number;
  /** Share of the units that the analogue net never uses for these samples: nothing above 0 arrives. */
  readonly unused: number;
  /**
   * Shares of the neurons that never spiked though their units were used, and that spiked in every step of a sample.
   */
  readonly dead: number;
  readonly saturated: number;
}

/** The figures of each layer of a converted net, unit by unit beside the analogue one. */
export async function layerFigures(
  net: AnalogueNet,
  spiking: Model,
  balance: Balance,
  samples: LabelledSamples['samples'],
  options: ArrivalOptions,
): Promise<readonly LayerFigures[]> {
  const taken = samples.slice(0, LAYER_SAMPLES);
  const scales = scalesWithin(net, balance.scales);
  const watched = net.layers.map((layer) => new WatchedLayer(layer, sizeOf(net, layer), scales.get(layer)!));
  for await (const arrived of arrivalsOf(net, taken, options)) {
    for (const layer of watched) layer.addArrived(arrived.get(layer.name)!);
  }
  const { nodes } = resolveGraph(spiking.graph, spiking.semantics);
  const byNode = nodes.map(({ name }) => watched.find((layer) => layer.name === name));
  await seeWindows(
    spiking,
    taken,
    ({ spikes: { length, node, index }, steps }) => {
      for (let k = 0; k < length; k++) byNode[node[k]!]?.addSpike(index[k]!);
      for (const layer of watched) layer.endSample(steps);
    },
    options,
  );
  return watched.map((layer) => layer.figures(taken.length));
}

function sizeOf({ wiring }: AnalogueNet, layer: string): number {
  return elementCount(wiring.graph.nodes.find(({ name }) => name === layer)!.shape);
}

class WatchedLayer {
  readonly name: string;
  readonly #scale: number;
  /** What arrived at the units in each sample. */
  readonly #arrived: Float32Array[] = [];
  /** Spikes of the sample, and of all. */
  readonly #counts: Float64Array;
  readonly #totals: Float64Array;
  readonly #saturated: Uint8Array;
  readonly #correlation = new Correlation();
  readonly #byUnit: readonly Correlation[];
  #sample = 0;

  constructor(name: string, size: number, scale: number) {
    this.name = name;
    this.#scale = scale;
    this.#counts = new Float64Array(size);
    this.#totals = new Float64Array(size);
    this.#saturated = new Uint8Array(size);
    this.#byUnit = Array.from({ length: size }, () => new Correlation());
  }

  addArrived(values: Float32Array): void {
    this.#arrived.push(values.slice());
  }

  addSpike(index: number): void {
    this.#counts[index]!++;
  }

  endSample(steps: number): void {
    const arrived = this.#arrived[this.#sample++]!;
    this.#counts.forEach((count, i) => {
      const activation = Math.max(0, arrived[i]!);
      this.#correlation.add(count / steps, activation);
      this.#byUnit[i]!.add((this.#scale * count) / steps, activation);
      this.#totals[i]! += count;
      if (count >= steps) this.#saturated[i] = 1;
    });
    this.#counts.fill(0);
  }

  figures(samples: number): LayerFigures {
    let [positive, negative, clipped] = [0, 0, 0];
    const neurons = this.#counts.length;
    const isUsed = new Uint8Array(neurons);
    for (const values of this.#arrived) {
      for (const [i, value] of values.entries()) {
        if (value > 0) {
          positive++;
          isUsed[i] = 1;
        }
        if (value < 0) negative++;
        if (value > this.#scale * (1 + 1e-6)) clipped++;
      }
    }
    const shareOf = (holds: (i: number) => boolean) => isUsed.filter((_, i) => holds(i)).length / neurons;
    return {
      layer: this.name,
      neurons,
      scale: this.#scale,
      correlation: this.#correlation.value ?? 1,
      concordance: this.#byUnit.reduce((sum, { concordance = 1 }) => sum + concordance, 0) / neurons,
      clipped: clipped / Math.max(1, positive),
      negative: negative / (samples * neurons),
      spikesPerSample: this.#totals.reduce((a, b) => a + b, 0) / samples,
      unused: shareOf((i) => isUsed[i] === 0),
      dead: shareOf((i) => isUsed[i] === 1 && this.#totals[i] === 0),
      saturated: this.#saturated.reduce((a, b) => a + b, 0) / neurons,
    };
  }
}

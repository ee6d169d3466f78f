import { type JsonValue, type Model, RandomGenerator, SpikewireError } from '@spikewire/models';
import type { DataSet, LabelledSamples } from 'spikewire/data';
import { rangesOf, unitOf } from '../data/ranges.ts';
import type { DirectLearner } from '../runs/direct.ts';
import { convolutionalModel } from '../spike-times/convolutional-model.ts';
import { ConvolutionalNet, type NetDynamics, type NetShape } from '../spike-times/convolutional-net.ts';
import { type FeatureMaps, type MapFiring, trainsOf } from '../spike-times/feature-maps.ts';
import { classOf, RidgeRegression } from '../training/ridge-regression.ts';
import { method } from './method.ts';

/** Weights at the beginning: their mean and deviation. */
const [MEAN, DEVIATION] = [0.8, 0.05];
/** Neurons of a layer that learn of a sample at most, and how far they are apart, more than. */
const FIRST = { most: 5, radius: 3 };
const SECOND = { most: 8, radius: 2 };
/** a⁺ when a layer begins to learn, and when it ends. */
const [SLOW, FAST] = [0.01, 0.15];

/**
 * Convolutions of spikes that learn by STDP, layer after layer (Kheradpisheh et al. 2018). Differences of Gaussians
 * find contrasts, on and off; a neuron for each spikes once, the earlier the stronger. In a layer the neurons that fire
 * first win: they inhibit the others at their place, and of each sample a few, each of another map and away from the
 * others, teach their map. Between the layers the first spike of each 2 × 2 passes. Labels only teach the read-out at
 * the end, by ridge regression.
 *
 * The rules of the runtime see the traces of a synapse, and not who won over a whole layer; so the layers learn here
 * (`spike-times/feature-maps.ts`), and the model that comes out runs on every engine, with the same spikes. Unlike the
 * paper's, neurons of the second layer that answer spike at their threshold and with each further unit of potential, in
 * place of showing their potential; their largest count is taken of each part of the image (`--pool 5`: of 25 of
 * them), in place of the whole (`--pool 1`); a⁺ rises while a layer learns; thresholds are not the paper's; and the
 * read-out is ridge regression and no support vector machine.
 */
export const kheradpisheh = method({
  name: 'kheradpisheh',
  summary: 'convolutions that learn by STDP what images are made of, without labels, which only teach a read-out',
  source: 'Kheradpisheh, Ganjtabesh, Thorpe and Masquelier 2018, STDP-based spiking deep convolutional networks',
  parameters: {
    maps: { doc: 'maps of the first layer', form: 'integer', default: 30, minimum: 1 },
    secondMaps: { doc: 'maps of the second layer', form: 'integer', default: 100, minimum: 1 },
    field: { doc: 'side of what a neuron sees of the layer before', form: 'integer', default: 5, minimum: 1 },
    pool: {
      doc: 'parts of the image along each side, of which the read-out sees the largest',
      form: 'integer',
      default: 5,
      minimum: 1,
    },
    steps: { doc: 'steps of a sample', form: 'integer', default: 30, minimum: 2 },
    contrast: {
      doc: 'by how much a full contrast moves its neuron in a step, in thresholds',
      form: 'number',
      default: 1,
      above: 0,
    },
    first: { doc: 'samples that teach the first layer', form: 'integer', default: 6000, minimum: 1 },
    second: {
      doc: 'samples after these that teach the second; all others teach the read-out',
      form: 'integer',
      default: 9000,
      minimum: 1,
    },
    firstThreshold: { doc: 'threshold of the first layer', form: 'number', default: 10, above: 0 },
    secondThreshold: { doc: 'threshold of the second layer while it learns', form: 'number', default: 10, above: 0 },
    answerThreshold: {
      doc: 'and when it answers, where it spikes again with each further unit',
      form: 'number',
      default: 3,
      above: 0,
    },
    batch: { doc: 'samples per step of learning', form: 'integer', default: 5000, minimum: 1 },
    epochs: { doc: 'passes over the samples', form: 'integer', default: 1, minimum: 1 },
  },
  presets: { mnist: { data: 'mnist', parameters: {} } },
  startsAnew: true,
  async start({ data, seed }, { batch, epochs, ...chosen }) {
    const { DirectRun } = await import('../runs/direct.ts');
    const shape = shapeOf(data, chosen);
    const learner = (learned: LabelledSamples) => {
      checkLengths(epochs * learned.samples.length, chosen);
      return new StdpLearner(shape, { ...data, range: rangesOf(learned, data) }, seed, chosen);
    };
    return new DirectRun({ data, seed, batch, epochs, patience: epochs, learner });
  },
});

/** What the method needs of people. */
export interface KheradpishehChoices extends NetDynamics {
  readonly maps: number;
  readonly secondMaps: number;
  readonly field: number;
  readonly pool: number;
  readonly first: number;
  readonly second: number;
  readonly secondThreshold: number;
}

/** Throws `unsupported` for what is no image of one channel, or too small a one. */
export function shapeOf(
  { shape = [], name }: DataSet,
  { maps, secondMaps, field, pool }: KheradpishehChoices,
): NetShape {
  const [channels, height = 0, width = 0] = shape;
  const second = { channels: maps, height: Math.floor(height / 2), width: Math.floor(width / 2), kernel: field };
  const [rows, columns] = [second.height - field + 1, second.width - field + 1];
  const window = Math.floor(Math.min(rows, columns) / pool);
  if (channels !== 1 || window < 1 || field % 2 === 0) {
    const problem = shape.length > 0 ? `has samples of [${shape.join(', ')}]` : 'has samples that are no images';
    const expected = `grey images of ${2 * (field + pool - 1)} pixels a side or more, and an odd --field`;
    throw new SpikewireError('unsupported', name, problem, expected);
  }
  return {
    first: { channels: 2, height, width, kernel: field, padding: (field - 1) / 2, maps },
    second: { ...second, padding: 0, maps: secondMaps },
    window,
    parts: [Math.floor(rows / window), Math.floor(columns / window)],
  };
}

/** Throws `usage` where nothing is left for the read-out. */
function checkLengths(shown: number, { first, second }: KheradpishehChoices): void {
  if (first + second < shown) return;
  const problem = `is ${first}, with --second ${second} of ${shown} samples that are shown`;
  throw new SpikewireError(
    'usage',
    'spikewire train --first',
    problem,
    'fewer, or more --epochs: the read-out has the others',
  );
}

/** Learns a layer, then the next, then the read-out. */
export class StdpLearner implements DirectLearner {
  readonly arrays: Readonly<Record<'first' | 'second' | 'square' | 'product' | 'seen', Float64Array>>;
  readonly net: ConvolutionalNet;
  readonly #data: DataSet & { readonly range: JsonValue };
  readonly #chosen: KheradpishehChoices;
  readonly #toUnit: (sample: ArrayLike<number>) => Float64Array;
  readonly #readout: RidgeRegression;
  /** Of the read-out, since the last lesson. */
  #votes: readonly Float64Array[] | undefined;

  constructor(
    shape: NetShape,
    data: DataSet & { readonly range: JsonValue },
    seed: number,
    chosen: KheradpishehChoices,
  ) {
    this.#data = data;
    this.#chosen = chosen;
    this.#toUnit = unitOf(data.range);
    this.net = new ConvolutionalNet(shape, chosen);
    const { first, second } = this.net;
    const random = new RandomGenerator(seed, 'weights');
    for (const { weights } of [first, second]) {
      for (let k = 0; k < weights.length; k++) {
        weights[k] = Math.min(0.99, Math.max(0.01, MEAN + DEVIATION * random.nextNormal()));
      }
    }
    this.#readout = new RidgeRegression(shape.second.maps * shape.parts[0] * shape.parts[1], data.classes.length);
    const { square, product } = this.#readout;
    this.arrays = { first: first.weights, second: second.weights, square, product, seen: new Float64Array(1) };
  }

  /** Of the first layer: what is on less what is off. */
  get picture() {
    const { kernel, maps } = this.net.shape.first;
    const fields = kernel * kernel;
    const weights = Float64Array.from({ length: maps * fields }, (_, k) => {
      const at = 2 * (k % fields) * maps + Math.floor(k / fields);
      return this.arrays.first[at]! - this.arrays.first[at + maps]!;
    });
    return { weights, form: [kernel, kernel] as const };
  }

  /** A sample that teaches a layer is given no answer, which counts as a wrong one. */
  learn({ samples, labels }: LabelledSamples, indices: Uint32Array) {
    const votes = this.#readout.solve();
    const { first, second } = this.#chosen;
    let right = 0;
    for (const index of indices) {
      const seen = this.arrays.seen[0]!++;
      const image = this.#toUnit(samples[index]!);
      if (seen < first) this.#learnFirst(image, seen / first);
      else if (seen < first + second) this.#learnSecond(image, (seen - first) / second);
      else {
        const counts = this.net.countsOf(image);
        if (classOf(votes, counts) === labels[index]) right++;
        this.#readout.take(counts, labels[index]!);
      }
    }
    this.#votes = undefined;
    return { loss: indices.length - right, right };
  }

  lossOf(sample: ArrayLike<number>, label: number): number {
    this.#votes ??= this.#readout.solve();
    return Number(classOf(this.#votes, this.net.countsOf(this.#toUnit(sample))) !== label);
  }

  model({ first, second, square, product }: Readonly<Record<string, Float64Array>>): Model {
    const votes = this.#readout.solve({ square: square!, product: product! });
    const { shape, dynamics } = this.net;
    return {
      ...convolutionalModel(shape, dynamics, { first: first!, second: second!, votes }),
      learning: new Map(),
      encoder: new Map([['in', { type: 'direct', parameters: { span: 'unit', range: this.#data.range } }]]),
      decoder: new Map([['out', { type: 'count', parameters: {} }]]),
      channels: [],
      labels: this.#data.classes,
      provenance: {},
      selfTests: [],
    };
  }

  #learnFirst(image: Float64Array, progress: number): void {
    const times = this.net.contrastTimes(image);
    learnLayer(this.net.first, this.net.fire(times), times, { ...FIRST, progress });
  }

  #learnSecond(image: Float64Array, progress: number): void {
    const times = this.net.secondTimes(image);
    const fired = this.net.second.fire(trainsOf(times, this.#chosen.steps), this.#chosen.secondThreshold);
    learnLayer(this.net.second, fired, times, { ...SECOND, progress });
  }
}

/** `progress` is how much of its samples the layer has seen, 0…1. */
function learnLayer(
  layer: FeatureMaps,
  fired: readonly MapFiring[],
  times: ArrayLike<number>,
  { most, radius, progress }: { readonly most: number; readonly radius: number; readonly progress: number },
): void {
  const rate = SLOW * (FAST / SLOW) ** progress;
  for (const winner of layer.winners(fired, most, radius)) layer.learn(winner, times, rate);
}

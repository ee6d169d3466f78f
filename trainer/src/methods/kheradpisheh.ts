import { EventBuffer, engineNamed, type RunningNetwork } from '@spikewire/engine';
import { type DataSet, type LabelledSamples, windowsOf } from '@spikewire/engine/data';
import {
  elementCount,
  type JsonValue,
  type LearningDeclaration,
  type Model,
  RandomGenerator,
  SpikewireError,
} from '@spikewire/models';
import type { DirectLearner } from '../runs/direct.ts';
import { rangesOf } from '../samples/ranges.ts';
import {
  ConvolutionalModel,
  type Layer,
  type NetDynamics,
  type NetShape,
  weightsOf,
} from '../spike-times/convolutional-model.ts';
import { ActiveInputs, SupportVectors } from '../training/support-vectors.ts';
import { method } from './method.ts';

/** Weights at the beginning: their mean and deviation. */
const [MEAN, DEVIATION] = [0.8, 0.05];
/** Neurons of a layer that learn of a sample at most, and how many rows or columns they are apart at least. */
const WINNERS = { first: { most: 5, apart: 4 }, second: { most: 8, apart: 3 } } as const;
/** a⁺ when a layer begins to learn, and when it ends, in how many stages it rises, and a⁻ as a part of it. */
const [SLOW, FAST, STAGES, LOSS] = [0.01, 0.15, 16, 0.75];

/**
 * Lessons of the read-out in an epoch times its inputs, at least: of small sets and small nets each sample is taken
 * several times, batch by batch. The digits of MNIST are enough with one.
 */
const WORK = 1e8;
const MOST_PASSES = 1000;

/**
 * Convolutions of spikes that learn by STDP, layer after layer (Kheradpisheh et al. 2018). Differences of Gaussians
 * find contrasts, on and off; a neuron for each spikes once, the earlier the stronger. In a layer the neurons that fire
 * first win: they inhibit the others at their place, and of each sample a few, each of another map and away from the
 * others, teach their map. Between the layers the first spike of each 2 × 2 passes. Labels only teach the read-out at
 * the end, a linear support vector machine.
 *
 * The layers learn on the engine of devices, by the rule `spike-order` among `winners`, so that a device would learn
 * the same bits. Unlike the paper's, neurons of the second layer that answer spike at their threshold and with each
 * further unit of potential, in place of showing their potential; their largest count is taken of each part of the
 * image (`--pool 5`: of 25 of them), in place of the whole (`--pool 1`); a⁺ rises while a layer learns; and thresholds
 * are not the paper's.
 */
export const kheradpisheh = method({
  name: 'kheradpisheh',
  summary: 'convolutions learn features of images by STDP without labels; labels only teach a read-out',
  source: 'Kheradpisheh, Ganjtabesh, Thorpe and Masquelier 2018, STDP-based spiking deep convolutional networks',
  parameters: {
    maps: { doc: 'maps of the first layer', form: 'integer', default: 30, minimum: 1, maximum: 1000 },
    secondMaps: { doc: 'maps of the second layer', form: 'integer', default: 100, minimum: 1, maximum: 1000 },
    field: { doc: 'side of the kernels', form: 'integer', default: 5, minimum: 1 },
    pool: {
      doc: 'pool to n × n maxima for the read-out',
      form: 'integer',
      default: 5,
      minimum: 1,
    },
    steps: { doc: 'time steps per sample', form: 'integer', default: 30, minimum: 2, maximum: 10000 },
    contrast: {
      doc: 'input of a full contrast per step, in thresholds',
      form: 'number',
      default: 1,
      above: 0,
    },
    first: { doc: 'samples that train the first layer', form: 'integer', default: 6000, minimum: 1 },
    second: {
      doc: 'samples after these that train the second layer; the others train the read-out',
      form: 'integer',
      default: 9000,
      minimum: 1,
    },
    firstThreshold: { doc: 'threshold of the first layer', form: 'number', default: 10, above: 0 },
    secondThreshold: { doc: 'threshold of the second layer during training', form: 'number', default: 10, above: 0 },
    answerThreshold: {
      doc: 'threshold of the second layer for answers, which spikes again with each further unit',
      form: 'number',
      default: 3,
      above: 0,
    },
    batch: { doc: 'samples per step', form: 'integer', default: 1000, minimum: 1 },
    epochs: { doc: 'epochs', form: 'integer', default: 2, minimum: 1 },
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
  readonly arrays: Readonly<Record<Layer | 'votes' | 'squares' | 'totals' | 'shown', Float64Array>>;
  readonly #shape: NetShape;
  readonly #net: ConvolutionalModel;
  readonly #data: DataSet & { readonly range: JsonValue };
  readonly #chosen: KheradpishehChoices;
  readonly #readout: SupportVectors;
  readonly #engine: string;
  /** How often each sample teaches the read-out. */
  readonly #passes: number;

  constructor(
    shape: NetShape,
    data: DataSet & { readonly range: JsonValue },
    seed: number,
    chosen: KheradpishehChoices,
    engine = 'clocked',
  ) {
    this.#shape = shape;
    this.#data = data;
    this.#chosen = chosen;
    this.#engine = engine;
    this.#net = new ConvolutionalModel(shape, chosen);
    const random = new RandomGenerator(seed, 'weights');
    const drawn = ({ maps, channels, kernel }: NetShape[Layer]) =>
      Float64Array.from({ length: maps * channels * kernel * kernel }, () =>
        Math.min(0.99, Math.max(0.01, MEAN + DEVIATION * random.nextNormal())),
      );
    const inputs = shape.second.maps * shape.parts[0] * shape.parts[1];
    this.#passes = Math.min(MOST_PASSES, Math.ceil(WORK / (inputs * (data.training ?? data).samples.length)));
    this.#readout = new SupportVectors(inputs, data.classes.length);
    const { weights: votes, squares, totals } = this.#readout;
    const [first, second] = [drawn(shape.first), drawn(shape.second)];
    this.arrays = { first, second, votes, squares, totals, shown: new Float64Array(1) };
  }

  /** Of the first layer: what is on less what is off. */
  get picture() {
    const { kernel, maps } = this.#shape.first;
    const fields = kernel * kernel;
    const weights = Float64Array.from({ length: maps * fields }, (_, k) => {
      const on = 2 * fields * Math.floor(k / fields) + (k % fields);
      return this.arrays.first[on]! - this.arrays.first[on + fields]!;
    });
    return { weights, form: [kernel, kernel] as const };
  }

  /** A sample that teaches a layer is given no answer, which counts as a wrong one. */
  learn({ samples, labels }: LabelledSamples, indices: Uint32Array) {
    let right = 0;
    for (let done = 0; done < indices.length; ) {
      const lesson = lessonAt(this.arrays.shown[0]!, this.#chosen);
      const part = indices.subarray(done, done + lesson.samples);
      const images = Array.from(part, (index) => samples[index]!);
      if (lesson.layer === undefined) right += this.#read(images, (k) => labels[part[k]!]!);
      else this.#learnLayer(lesson.layer, lesson.rate, images);
      this.arrays.shown[0]! += part.length;
      done += part.length;
    }
    return { loss: indices.length - right, right };
  }

  model({ first, second, votes }: Readonly<Record<string, Float64Array>>): Model {
    const { classes } = this.#data;
    const row = votes!.length / classes.length;
    const rows = classes.map((_, c) => votes!.subarray(c * row, (c + 1) * row));
    return this.#whole({
      ...this.#net.answering({ first: first!, second: second! }, rows),
      labels: classes,
      decoder: new Map([['out', { type: 'count', parameters: {} }]]),
    });
  }

  /** The net that gives what is read, as it is now. */
  reading(): Model {
    return this.#whole(this.#net.features(this.arrays));
  }

  #learnLayer(layer: Layer, aPlus: number, samples: LabelledSamples['samples']): void {
    const parameters = { aPlus, aMinus: LOSS * aPlus, wMax: 1 };
    const rule: LearningDeclaration = { rule: 'spike-order', parameters, winners: WINNERS[layer] };
    const network = engineNamed(this.#engine).load(this.#whole(this.#net.learning(layer, this.arrays, rule)));
    for (const _ of answersOf(network, samples));
    this.arrays[layer].set(network.readWeights(weightsOf(layer)));
  }

  /** Returns how many samples the read-out had right before it was told. */
  #read(samples: LabelledSamples['samples'], labelOf: (k: number) => number): number {
    const network = engineNamed(this.#engine).load(this.reading());
    const readings = Array.from(answersOf(network, samples), (counts) => new ActiveInputs(counts));
    let right = 0;
    for (let pass = 0; pass < this.#passes; pass++) {
      for (const [k, inputs] of readings.entries()) {
        const named = this.#readout.take(inputs, labelOf(k));
        if (pass === 0 && named) right++;
      }
    }
    return right;
  }

  #whole(part: Pick<Model, 'graph' | 'semantics' | 'sample' | 'learning'> & Partial<Model>): Model {
    return {
      encoder: new Map([['in', { type: 'direct', parameters: { span: 'unit', range: this.#data.range } }]]),
      decoder: new Map(),
      labels: [],
      channels: [],
      provenance: {},
      selfTests: [],
      ...part,
    };
  }
}

/** What the samples after the first `seen` teach, with which a⁺, and how many of them. */
function lessonAt(seen: number, { first, second }: KheradpishehChoices) {
  if (seen >= first + second) return { layer: undefined, samples: Number.POSITIVE_INFINITY };
  const [layer, begin, count] = seen < first ? (['first', 0, first] as const) : (['second', first, second] as const);
  const stage = Math.floor(((seen - begin) * STAGES) / count);
  const end = begin + Math.ceil(((stage + 1) * count) / STAGES);
  return { layer, samples: end - seen, rate: SLOW * (FAST / SLOW) ** (stage / (STAGES - 1)) };
}

/** Shows samples, each from rest; gives for each how often every element of the one Output spiked. */
export function* answersOf(network: RunningNetwork, samples: LabelledSamples['samples']): Iterable<Float64Array> {
  const { shape } = network.graph.nodes.find(({ kind }) => kind.role === 'output')!;
  const elements = elementCount(shape);
  const output = new EventBuffer(elements * network.model.sample.steps);
  for (const { steps, input } of windowsOf(network.model, { samples })) {
    network.resetActivity();
    output.clear();
    network.run(steps, input, output);
    const counts = new Float64Array(elements);
    for (let k = 0; k < output.length; k++) counts[output.index[k]!]!++;
    yield counts;
  }
}

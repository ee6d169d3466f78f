import { SpikewireError } from '../error.ts';
import { FeatureChain } from '../features/chain/chain.ts';
import type { ChannelDeclaration, FeatureStage, JsonObject, Model } from '../model/model.ts';
import { RandomGenerator } from '../random/generator.ts';
import { NetworkBuilder } from './network-builder.ts';
import { drawInputs } from './random-synapses.ts';

export interface ClassifierOptions {
  /** What a reading holds; with a feature `block` each of them so many numbers. */
  readonly channels: readonly ChannelDeclaration[];
  /** Names of the first classes; more may come while it runs. */
  readonly labels?: readonly string[];
  /** What happens to readings before they are standardised; none. */
  readonly features?: readonly FeatureStage[];
  /** Parameters of the first `standardise`: mean and deviation where they are known, else `warmUp`. */
  readonly standardise?: JsonObject;
  /** Whether a second half of the front sees the sample by a normalisation that follows it; true. */
  readonly running?: boolean;
  /** LIF neurons of each half; 400. */
  readonly neurons?: number;
  /** Inputs of each neuron, drawn at random; 4. */
  readonly inputsPerNeuron?: number;
  /** Parameters of the decoder `teachable`. */
  readonly decoder?: JsonObject;
  readonly seed?: number | bigint;
}

const STEP = 0.001;
const STEPS = 32;
/** Of the membrane, in steps. */
const TAU_STEPS = 8;
/** Where standardised numbers end, in deviations: what lies beyond is clipped by the encoder, which knows how far. */
const CLIP = 4;
const FARTHEST = 1000;
const GAIN = [0.5, 2] as const;

/**
 * A classifier that learns from the stream: features, standardised by what is usual, drive a fixed random front of LIF
 * neurons with J = 1 + g·(e·x − q), e of unit length over a few inputs, gains g from U(0.5, 2), offsets q from N(0, 1)
 * (the encoders of the NEF, Eliasmith and Anderson 2003; random features, Rahimi and Recht 2007). Its spike counts over
 * 32 steps go to a read-out that is taught while it runs.
 *
 * With `running` there are two halves of the front with equal weights: one sees what the first samples had for usual,
 * the other what is usual now. Input `in`, front `front`, output `out`.
 */
export function classifierModel(options: ClassifierOptions): Model {
  const { channels, labels = [], features = [], standardise = {}, running = true, decoder = {}, seed = 1 } = options;
  const { neurons = 400, inputsPerNeuron = 4 } = options;
  if (channels.length === 0) throw new SpikewireError('parameter', 'classifier', 'has no channels', 'one at least');
  const views = running ? 2 : 1;
  const stages: readonly FeatureStage[] = [...features, ...standardisedViews(standardise, running)];
  const perChannel = FeatureChain.outputsOf('classifier', stages) / views;
  const inputs = channels.length * perChannel;
  const net = new NetworkBuilder({ dt: STEP, seed, semantics: { integrate: 'euler', reset: 'subtract' } });
  // Currents within ±1, which is what an Input of whole numbers holds; the weights make up for it.
  const input = net.input('in', views * inputs, { type: 'direct', parameters: { range: [-CLIP, CLIP] } });
  const { rows, weights, offsets } = drawFront(inputs, neurons, Math.min(inputsPerNeuron, inputs), seed);
  const front = net.population('front', views * neurons, {
    type: 'LIF',
    tau: TAU_STEPS * STEP,
    v_threshold: 1,
    v_min: 0,
    v_leak: Float64Array.from({ length: views * neurons }, (_, j) => offsets[j % neurons]!),
    v_initial: 0,
  });
  /**
   * Input i of a view: samples come channel by channel, each with its numbers of the first view, then of the second.
   */
  const indexOf = (i: number, view: number) =>
    (Math.floor(i / perChannel) * views + view) * perChannel + (i % perChannel);
  const synapses: number[][] = Array.from({ length: views * inputs }, () => []);
  for (const [i, row] of rows.entries()) {
    for (let view = 0; view < views; view++) synapses[indexOf(i, view)] = row.map((j) => view * neurons + j);
  }
  const inputAt = (index: number) => Math.floor(index / (views * perChannel)) * perChannel + (index % perChannel);
  net.connect(input, front, {
    kind: 'listed',
    synapses,
    weights: (index, j) => weights[inputAt(index)]![rows[inputAt(index)]!.indexOf(j % neurons)]!,
  });
  net.output('out', front, { type: 'teachable', parameters: { views, ...decoder } });
  return net.model({
    channels,
    labels,
    sample: { steps: STEPS, between: 'reset' },
    features: new Map([['in', stages]]),
  });
}

/**
 * Features that standardise readings by what is usual in the beginning (`parameters` of the feature `standardise`),
 * and, with `running`, beside it by what is usual now: each channel gives a number of both.
 */
export function standardisedViews(parameters: JsonObject, running: boolean): readonly FeatureStage[] {
  if (!running) return [{ type: 'standardise', parameters: { clip: FARTHEST, ...parameters } }];
  return [
    { type: 'standardise', parameters: { clip: FARTHEST, ...parameters } },
    [
      { type: 'standardise', parameters: { mean: 0, deviation: 1, clip: FARTHEST } },
      { type: 'running-standardise', parameters: { clip: CLIP } },
    ],
  ];
}

/** Encoders 4·g·e by input, ascending neurons in each row, and the constant current 1 − g·q of each neuron. */
function drawFront(
  inputs: number,
  neurons: number,
  perNeuron: number,
  seed: number | bigint,
): { readonly rows: number[][]; readonly weights: number[][]; readonly offsets: Float64Array } {
  const random = new RandomGenerator(seed, 'front');
  const rows = drawInputs(inputs, neurons, perNeuron, random);
  const weights = rows.map((row) => row.map(() => random.nextNormal()));
  const lengths = new Float64Array(neurons);
  for (const [i, row] of rows.entries()) {
    for (const [k, j] of row.entries()) lengths[j]! += weights[i]![k]! ** 2;
  }
  const gains = Float64Array.from({ length: neurons }, () => GAIN[0] + (GAIN[1] - GAIN[0]) * random.nextUniform());
  const offsets = gains.map((gain) => 1 - gain * random.nextNormal());
  return {
    rows,
    weights: rows.map((row, i) => row.map((j, k) => (CLIP * weights[i]![k]! * gains[j]!) / Math.sqrt(lengths[j]!))),
    offsets,
  };
}

import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { engineNamed } from '@spikewire/engine';
import type { LabelledSamples } from '@spikewire/engine/data';
import { InProcessExecutor, type WindowResult } from '@spikewire/engine/executor';
import { diehlCook, type JsonValue, type Model, scalar, type Tensor, type TensorData, tensor } from '@spikewire/models';
import { Session } from 'spikewire/session';
import { terminal } from '../../architecture/terminal.ts';
import type { Lessons, Shown } from './lessons.ts';

export interface CompetitionOptions {
  readonly neurons: number;
  readonly classes: number;
  /** Where the channels of a sample lie, as encoders take it. */
  readonly range: JsonValue;
  /** The same, as what brings a sample's channels to [0, 1]. */
  readonly toUnit: (sample: ArrayLike<number>) => Float64Array;
  readonly channels: number;
  /** What the channels of a sample add up to on average, each on [0, 1] of its range. */
  readonly lit: number;
  /** Seconds for which a sample is shown, and of the rest before it. */
  readonly presented: number;
  readonly rest: number;
  readonly learningRate: number;
  /** Seconds with which thresholds fall back. */
  readonly tauTheta: number;
  /** What the spikes of a neuron say. */
  readonly vote: Vote;
  readonly seed: number;
}

export type Vote = 'probability' | 'class';

/** The network's Output. */
const OUT = 'spikes';
/**
 * Hz at first, and by how much more a sample is shown again that drew fewer spikes than these; for digits of MNIST,
 * whose channels add up to this on [0, 1]. The sum of weights keeps to the number of channels, so samples in which less
 * is lit are shown brighter in proportion.
 */
const FIRST_RATE = 63.75;
const MORE = 32;
const ENOUGH_SPIKES = 5;
const LIT = 102.5;
const MOST_RATE = FIRST_RATE + 8 * MORE;
/** Samples over which the rate is averaged, and of a class, over which a neuron's answer to it is. */
const AVERAGED = 1000;
/** Spikes of a neuron in answer to a sample that it was never seen to answer. */
const UNSEEN = 1e-3;
/** Samples by which answers are counted at the end of an epoch, about. */
const MOST_COUNTED = 10_000;
/** Samples between two looks at what else goes on. */
const BETWEEN = 64;

interface State extends Readonly<Record<string, TensorData>> {
  /** Mean spikes in answer to a sample of each class, [classes, neurons]. */
  readonly answers: Float64Array;
  /** Samples of each class that were shown. */
  readonly shown: Float64Array;
  /** Mean rate with which samples drew enough spikes, in Hz of MNIST. */
  readonly rate: Float64Array;
  /** The raised threshold of each neuron in mV, as its own kind has it but for what decays while a sample is shown. */
  readonly theta: Float64Array;
}

/**
 * The competition of Diehl and Cook (2015) on labelled samples. It learns without labels; they only say afterwards what
 * a neuron's spikes mean, by how often it answers to samples of each class, of training samples alone. In the paper a
 * neuron stands for the class that it answers most to, and the class whose neurons spike most on the mean is the answer
 * (section 2.5; vote `class`). With vote `probability` each spike speaks for every class, with the logarithm of its
 * probability under it (multinomial naive Bayes), which names more digits right. Votes do not change what is learned. A
 * sample that draws fewer than five spikes is shown again, 32 Hz brighter (section 2.4).
 *
 * Once it has learned, thresholds stay where they are, and a sample is shown once, as bright as it had to be on average
 * while the net learned.
 */
export class Competition implements Lessons {
  readonly model: Model;
  readonly state: State;
  readonly #options: CompetitionOptions;
  readonly #spikes: Float64Array;
  readonly #kept: number;
  readonly #rise: number;
  /** Hz that an Hz of MNIST is here. */
  readonly #unit: number;

  constructor(options: CompetitionOptions) {
    const { neurons, channels, lit, presented, rest, learningRate, tauTheta, seed, classes } = options;
    this.#unit = LIT / lit;
    const encoder = { type: 'poisson', parameters: { maxRate: MOST_RATE * this.#unit, range: [0, 1] } };
    this.model = diehlCook({ neurons, inputs: channels, encoder, presented, rest, learningRate, tauTheta, seed });
    const { theta_initial, theta_plus, tau_theta } = this.model.graph.nodes.get('excitatory')!.parameters;
    const { sample, semantics } = this.model;
    this.#kept = Math.exp((-(sample.steps + (sample.rest ?? 0)) * semantics.dt) / numberOf(tau_theta));
    this.#rise = numberOf(theta_plus);
    this.#options = options;
    this.#spikes = new Float64Array(neurons);
    this.state = {
      answers: new Float64Array(classes * neurons),
      shown: new Float64Array(classes),
      rate: Float64Array.of(FIRST_RATE),
      theta: new Float64Array(neurons).fill(numberOf(theta_initial)),
    };
  }

  async show(session: Session, { values, label }: Shown): Promise<number> {
    let rate = FIRST_RATE;
    while ((await this.#present(session, values, rate)) < ENOUGH_SPIKES && rate < MOST_RATE) rate += MORE;
    this.state.rate[0]! += (rate - this.state.rate[0]!) / AVERAGED;
    const named = this.#named();
    this.#count(label);
    return Number(named !== label);
  }

  /** Counts anew, with thresholds and weights that stay, what the neurons answer to samples of each class. */
  async settle(learned: Model, { samples, labels }: LabelledSamples, seed: number): Promise<void> {
    const { answers, shown } = this.state;
    const model = this.#frozen(learned, this.state);
    const session = new Session(model, new InProcessExecutor(engineNamed('clocked'), model, { seed }), { seed });
    await session.setLearning(false);
    answers.fill(0);
    shown.fill(0);
    const stride = Math.max(1, Math.floor(samples.length / MOST_COUNTED));
    for (let k = 0; k < samples.length; k += stride) {
      const { window } = await session.feed({ time: session.sequence, values: Float64Array.from(samples[k]!) });
      this.#spikesOf(window!);
      this.#count(labels[k]!);
      if (k % BETWEEN === 0) await yieldToEventLoop();
    }
    await session.close();
  }

  /** The net as it answers: one window per sample, from rest, and what each spike says of each class. */
  answering(learned: Model, state: Lessons['state']): Model {
    const { classes, neurons, vote } = this.#options;
    const frozen = this.#frozen(learned, state);
    const nodes = new Map(frozen.graph.nodes);
    const votes = tensor(votesBy[vote](state.answers as Float64Array, classes, neurons), [classes, neurons]);
    nodes.set('votes', { type: 'Linear', parameters: { weight: votes } });
    nodes.set(OUT, terminal('Output', classes));
    const edges = frozen.graph.edges.map((edge) => (edge.target === OUT ? { ...edge, target: 'votes' } : edge));
    return { ...frozen, graph: { nodes, edges: [...edges, { source: 'votes', target: OUT, delay: 0 }] } };
  }

  #frozen(learned: Model, { theta, rate }: Lessons['state']): Model {
    const maxRate = this.#unit * (rate as Float64Array)[0]!;
    const nodes = new Map(learned.graph.nodes);
    const { tau_theta: _, ...excitatory } = nodes.get('excitatory')!.parameters;
    const fixed = { theta_initial: tensor(Float64Array.from(theta!)), theta_plus: scalar(0) };
    nodes.set('excitatory', { type: 'ConductanceLIF', parameters: { ...excitatory, ...fixed } });
    return {
      ...learned,
      graph: { ...learned.graph, nodes },
      learning: new Map(),
      encoder: new Map([['in', { type: 'poisson', parameters: { maxRate, range: this.#options.range } }]]),
      sample: { steps: learned.sample.steps, between: 'reset' },
    };
  }

  /** Shows a sample with `rate` at the upper end of its range. Returns how many spikes the neurons answered with. */
  async #present(session: Session, values: Float64Array, rate: number): Promise<number> {
    const { window } = await session.feed({
      time: session.sequence,
      values: this.#options.toUnit(values).map((unit) => (unit * rate) / MOST_RATE),
    });
    this.#spikesOf(window!);
    const { theta } = this.state;
    for (let j = 0; j < theta.length; j++) theta[j] = this.#kept * theta[j]! + this.#rise * this.#spikes[j]!;
    return window!.output.index.length;
  }

  #spikesOf({ output }: WindowResult): void {
    this.#spikes.fill(0);
    for (const neuron of output.index) this.#spikes[neuron]! += 1;
  }

  #named(): number {
    const { classes, neurons, vote } = this.#options;
    const votes = votesBy[vote](this.state.answers, classes, neurons);
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      let sum = 0;
      for (let j = 0; j < neurons; j++) sum += votes[c * neurons + j]! * this.#spikes[j]!;
      if (sum > most) [best, most] = [c, sum];
    }
    return best;
  }

  #count(label: number): void {
    const { answers, shown } = this.state;
    shown[label]! += 1;
    const share = 1 / Math.min(shown[label]!, AVERAGED);
    const row = answers.subarray(label * this.#spikes.length, (label + 1) * this.#spikes.length);
    for (let j = 0; j < row.length; j++) row[j]! += share * (this.#spikes[j]! - row[j]!);
  }
}

/**
 * [classes, neurons]: the logarithm of the probability that a spike in answer to a class is this neuron's, which no
 * neuron makes impossible; above its mean over all classes, so that nothing speaks where no neuron does.
 */
function votesByProbability(answers: Float64Array, classes: number, neurons: number): Float64Array {
  const votes = answers.map((mean) => mean + UNSEEN);
  for (let c = 0; c < classes; c++) {
    const row = votes.subarray(c * neurons, (c + 1) * neurons);
    const total = row.reduce((sum, mean) => sum + mean, 0);
    for (let j = 0; j < neurons; j++) row[j] = Math.log(row[j]! / total);
  }
  for (let j = 0; j < neurons; j++) {
    let mean = 0;
    for (let c = 0; c < classes; c++) mean += votes[c * neurons + j]! / classes;
    for (let c = 0; c < classes; c++) votes[c * neurons + j]! -= mean;
  }
  return votes;
}

/** [classes, neurons]: a neuron's spikes count for the class that it answers most to, in the mean over its neurons. */
function votesByClass(answers: Float64Array, classes: number, neurons: number): Float64Array {
  const votes = new Float64Array(classes * neurons);
  for (let j = 0; j < neurons; j++) {
    let most = 0;
    for (let c = 1; c < classes; c++) if (answers[c * neurons + j]! > answers[most * neurons + j]!) most = c;
    votes[most * neurons + j] = 1;
  }
  for (let c = 0; c < classes; c++) {
    const row = votes.subarray(c * neurons, (c + 1) * neurons);
    const count = row.reduce((sum, vote) => sum + vote, 0);
    for (let j = 0; j < neurons; j++) row[j]! /= Math.max(1, count);
  }
  return votes;
}

const votesBy = { probability: votesByProbability, class: votesByClass } satisfies Record<Vote, unknown>;

function numberOf(value: unknown): number {
  return Number((value as Tensor).data[0]);
}

import { diehlCook, type JsonValue, type Model, scalar, type Tensor, type TensorData, tensor } from '@spikewire/models';
import type { Session } from 'spikewire/session';
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
  readonly seed: number;
}

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
 * a neuron stands for: the class that it answers most to, and the net's answer is the class whose neurons answer most
 * on average (section 2.5). They are counted while it learns, so that each answer can be judged before its label counts.
 * A sample that draws fewer than five spikes is shown again, 32 Hz brighter (section 2.4).
 *
 * Once it has learned, thresholds stay where they are and a sample is shown once, as bright as it had to be on average
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

  /** The net as it answers: one window per sample, from rest, and a count of votes per class. */
  answering(learned: Model, { answers, theta, rate }: Lessons['state']): Model {
    const { classes, neurons, range } = this.#options;
    const maxRate = this.#unit * (rate as Float64Array)[0]!;
    const nodes = new Map(learned.graph.nodes);
    const { tau_theta: _, ...excitatory } = nodes.get('excitatory')!.parameters;
    const fixed = { theta_initial: tensor(Float64Array.from(theta!)), theta_plus: scalar(0) };
    nodes.set('excitatory', { type: 'ConductanceLIF', parameters: { ...excitatory, ...fixed } });
    const votes = tensor(votesOf(answers as Float64Array, classes, neurons), [classes, neurons]);
    nodes.set('votes', { type: 'Linear', parameters: { weight: votes } });
    nodes.set(OUT, { type: 'Output', parameters: { shape: tensor(Float64Array.of(classes)) } });
    const edges = learned.graph.edges.map((edge) => (edge.target === OUT ? { ...edge, target: 'votes' } : edge));
    return {
      ...learned,
      graph: { nodes, edges: [...edges, { source: 'votes', target: OUT, delay: 0 }] },
      learning: new Map(),
      encoder: new Map([['in', { type: 'poisson', parameters: { maxRate, range } }]]),
      sample: { steps: learned.sample.steps, between: 'reset' },
    };
  }

  /** Shows a sample with `rate` at the upper end of its range. Returns how many spikes the neurons answered with. */
  async #present(session: Session, values: Float64Array, rate: number): Promise<number> {
    const { window } = await session.feed({
      time: session.sequence,
      values: this.#options.toUnit(values).map((unit) => (unit * rate) / MOST_RATE),
    });
    const { index } = window!.output;
    this.#spikes.fill(0);
    for (const neuron of index) this.#spikes[neuron]! += 1;
    const { theta } = this.state;
    for (let j = 0; j < theta.length; j++) theta[j] = this.#kept * theta[j]! + this.#rise * this.#spikes[j]!;
    return index.length;
  }

  #named(): number {
    const { classes, neurons } = this.#options;
    const votes = votesOf(this.state.answers, classes, neurons);
    let best = -1;
    let most = 0;
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

/** [classes, neurons]: one over the neurons of a class for each of them, 0 for neurons that answered nothing. */
function votesOf(answers: Float64Array, classes: number, neurons: number): Float64Array {
  const sizes = new Float64Array(classes);
  const own = Int32Array.from({ length: neurons }, (_, j) => {
    let best = -1;
    let most = 0;
    for (let c = 0; c < classes; c++)
      if (answers[c * neurons + j]! > most) [best, most] = [c, answers[c * neurons + j]!];
    if (best >= 0) sizes[best]! += 1;
    return best;
  });
  const votes = new Float64Array(classes * neurons);
  for (const [j, c] of own.entries()) if (c >= 0) votes[c * neurons + j] = 1 / sizes[c]!;
  return votes;
}

function numberOf(value: unknown): number {
  return Number((value as Tensor).data[0]);
}

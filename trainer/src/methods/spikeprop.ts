import { InputEncoders } from '@spikewire/engine/coding';
import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import {
  type CodingDeclaration,
  defaultSemantics,
  type Edge,
  type GraphNode,
  type Model,
  RandomGenerator,
  SpikewireError,
  scalar,
  tensor,
} from '@spikewire/models';
import { terminal } from '../architecture/terminal.ts';
import type { DirectLearner } from '../runs/direct.ts';
import { rangesOf } from '../samples/ranges.ts';
import { backPropagate, firings } from '../spike-times/layer.ts';
import { method } from './method.ts';

/** Seconds. */
const DT = 0.001;
/** Sub-synapses of a connection, with the delays 1, 2, … 16 ms. */
const DELAYS = 16;
const LAYERS = ['hidden', 'answer'] as const;

/**
 * SpikeProp (Bohte, Kok and La Poutré 2002): a population code of receptive fields in, whose spikes come the earlier
 * the stronger the response; neurons of a spike response model, u_j(t) = Σ_i Σ_k w_ijk·ε(t − t_i − d_k) with ε(s) =
 * (s/τ)·e^(1 − s/τ); the class is the output that spikes first. E = ½·Σ_j (t_j − t_d)², and spike times are taken
 * through the threshold by ∂t/∂u = −1/(∂u/∂t) (eq. 12); slopes near 0 are held at a tenth of the threshold per ms.
 *
 * Times are those of the engine's steps of 1 ms, derivatives those of the crossing before; a neuron fires once in a
 * sample. Limits: a hidden neuron that falls silent for all samples learns no more, and a step of 1 ms is the least
 * difference between two classes.
 */
export const spikeprop = method({
  name: 'spikeprop',
  summary: 'gradients of spike times; each neuron spikes once, each connection has 16 delayed synapses',
  source: 'Bohte, Kok and La Poutré 2002, SpikeProp',
  parameters: {
    fields: { doc: 'input neurons per number, each with its receptive field', form: 'integer', default: 6, minimum: 3 },
    hidden: { doc: 'hidden neurons', form: 'integer', default: 10, minimum: 1 },
    tau: { doc: 'time constant of the neurons in seconds', form: 'number', default: 0.007, above: 0 },
    steps: { doc: 'time steps per sample', form: 'integer', default: 40, minimum: 20 },
    latest: { doc: 'step of the latest input spike', form: 'integer', default: 10, minimum: 1 },
    early: { doc: 'step in which the right class is to spike', form: 'integer', default: 20, minimum: 1 },
    late: { doc: 'step in which the other classes are to spike', form: 'integer', default: 26, minimum: 1 },
    learningRate: { doc: 'step along the gradient', form: 'number', default: 0.003, above: 0 },
    batch: { doc: 'samples per step', form: 'integer', default: 1, minimum: 1 },
    epochs: { doc: 'epochs', form: 'integer', default: 100, minimum: 1 },
    patience: {
      doc: 'stop after n epochs without an improvement of the validation',
      form: 'integer',
      default: 100,
      minimum: 1,
    },
  },
  presets: {
    xor: { data: 'xor', parameters: { fields: 3, learningRate: 0.001, epochs: 150, patience: 30 } },
    iris: { data: 'iris', parameters: { epochs: 60 } },
    'breast-cancer': { data: 'breast-cancer', parameters: { fields: 4, hidden: 15, learningRate: 0.001, epochs: 20 } },
  },
  startsAnew: true,
  async start({ data, seed }, chosen) {
    checkTimes(chosen);
    const { DirectRun } = await import('../runs/direct.ts');
    const learner = (learned: LabelledSamples) => spikePropLearner({ ...data, ...learned }, seed, chosen);
    return new DirectRun({ data, seed, learner, ...chosen });
  },
});

/** What the method needs of people. */
export interface SpikePropChoices {
  readonly fields: number;
  readonly hidden: number;
  readonly tau: number;
  readonly steps: number;
  readonly latest: number;
  readonly early: number;
  readonly late: number;
  readonly learningRate: number;
}

/** Throws `usage` where outputs are wanted to spike in another order, or when a sample has ended. */
function checkTimes({ early, late, steps }: SpikePropChoices): void {
  if (early < late && late < steps) return;
  const problem = `is ${early}, with --late ${late} of ${steps} steps`;
  throw new SpikewireError('usage', 'spikewire train --early', problem, 'early < late < steps');
}

/** A learner that also tells when its outputs spike, in steps. */
export interface SpikePropLearner extends DirectLearner {
  timesOf(sample: ArrayLike<number>): number[];
}

export function spikePropLearner(data: DataSet, seed: number, chosen: SpikePropChoices): SpikePropLearner {
  const { fields, hidden, steps, tau, latest, early, late, learningRate } = chosen;
  const elements = data.samples[0]!.length * fields;
  const classes = data.classes.length;
  const range = rangesOf(data, data);
  const encoder = { type: 'population', parameters: { fields, emits: 'latency', latest, range } };
  const encode = timesOf(encoder, elements, steps);
  const random = new RandomGenerator(seed, 'weights');
  const active = data.samples.reduce((sum, each) => sum + encode(each).filter(Number.isFinite).length, 0);
  const common = { delays: DELAYS, tau: tau / DT, threshold: 1, end: steps - 1 };
  const layers = [
    {
      ...common,
      inputs: elements,
      outputs: hidden,
      weights: drawn(elements * hidden, active / data.samples.length, random),
    },
    { ...common, inputs: hidden, outputs: classes, weights: drawn(hidden * classes, hidden, random) },
  ] as const;
  const gradients = layers.map(({ weights }) => new Float64Array(weights.length));
  const answer = (sample: ArrayLike<number>, label: number) => {
    const inputs = encode(sample);
    const inside = firings(layers[0], inputs, true);
    const between = inside.map(({ time }) => time);
    const fired = firings(layers[1], between, true);
    // A silent output is taken to fire as late behind the others as they should behind the class.
    const errors = fired.map(({ time }, j) => Math.min(time, 2 * late - early) - (j === label ? early : late));
    const loss = errors.reduce((sum, error) => sum + error * error, 0) / 2;
    return { inputs, inside, between, fired, errors, loss, right: firstOf(fired.map(({ time }) => time)) === label };
  };
  return {
    arrays: { hidden: layers[0].weights, answer: layers[1].weights },
    timesOf: (sample) => answer(sample, 0).fired.map(({ time }) => time),
    lossOf: (sample, label) => answer(sample, label).loss,
    learn({ samples, labels }, indices) {
      let [sum, count] = [0, 0];
      for (const gradient of gradients) gradient.fill(0);
      for (const index of indices) {
        const { inputs, inside, between, fired, errors, loss, right } = answer(samples[index]!, labels[index]!);
        sum += loss;
        if (right) count++;
        const ofHidden = backPropagate(layers[1], between, fired, errors, gradients[1]!);
        backPropagate(layers[0], inputs, inside, ofHidden, gradients[0]!);
      }
      for (const [l, { weights }] of layers.entries()) {
        for (let k = 0; k < weights.length; k++) weights[k]! -= (learningRate * gradients[l]![k]!) / indices.length;
      }
      return { loss: sum, right: count };
    },
    model: ({ hidden, answer }) => spikePropModel(data, chosen, encoder, [hidden!, answer!]),
  };
}

/** Index of the earliest time, of equal ones the first, as the decoder has it. */
function firstOf(times: readonly number[]): number {
  return times.reduce((first, time, k) => (time < times[first]! ? k : first), 0);
}

/** Gives the spike times of the inputs in steps, Infinity where one stays silent. */
function timesOf(encoder: CodingDeclaration, elements: number, steps: number) {
  const encoders = new InputEncoders(new Map([['in', encoder]]), [{ name: 'in', elements }], {
    steps: () => steps,
    dt: DT,
    randomOf: (name) => new RandomGenerator(0, name),
  });
  return (sample: ArrayLike<number>): Float64Array => {
    const times = new Float64Array(elements).fill(Number.POSITIVE_INFINITY);
    encoders.encode(sample, () => (step, index) => {
      times[index] = step;
    });
    return times;
  };
}

/** Weights with which so many spikes bring a neuron over the threshold early in its responses. */
function drawn(connections: number, active: number, random: RandomGenerator): Float64Array {
  const scale = 8 / (active * DELAYS);
  return Float64Array.from({ length: connections * DELAYS }, () => scale * (1.5 * random.nextUniform() - 0.25));
}

function spikePropModel(
  { classes, samples }: DataSet,
  { steps, tau, fields, hidden }: SpikePropChoices,
  encoder: CodingDeclaration,
  weights: readonly [Float64Array, Float64Array],
): Model {
  const sizes = [samples[0]!.length * fields, hidden, classes.length];
  const nodes = new Map<string, GraphNode>([['in', terminal('Input', sizes[0]!)]]);
  const edges: Edge[] = [];
  // It rests until the sample ends, so that it fires once.
  const neurons: GraphNode = {
    type: 'SRM0',
    parameters: { kernel: 'alpha', tau: scalar(tau), v_threshold: scalar(1), tau_ref: scalar(steps * DT) },
  };
  for (const [l, name] of LAYERS.entries()) {
    const source = l === 0 ? 'in' : LAYERS[l - 1]!;
    const [inputs, outputs] = [sizes[l]!, sizes[l + 1]!];
    for (let k = 0; k < DELAYS; k++) {
      const own = Float32Array.from({ length: inputs * outputs }, (_, synapse) => weights[l]![synapse * DELAYS + k]!);
      const connection = `${name}.${k + 1}ms`;
      nodes.set(connection, { type: 'Linear', parameters: { weight: tensor(own, [outputs, inputs]) } });
      edges.push({ source, target: connection, delay: k + 1 }, { source: connection, target: name, delay: 0 });
    }
    nodes.set(name, neurons);
  }
  nodes.set('out', terminal('Output', classes.length));
  edges.push({ source: LAYERS[1], target: 'out', delay: 0 });
  return {
    graph: { nodes, edges },
    semantics: { ...defaultSemantics, dt: DT, integrate: 'exact' },
    learning: new Map(),
    encoder: new Map([['in', encoder]]),
    decoder: new Map([['out', { type: 'earliest-spike', parameters: {} }]]),
    channels: [],
    sample: { steps, between: 'reset' },
    labels: classes,
    provenance: {},
    selfTests: [],
  };
}

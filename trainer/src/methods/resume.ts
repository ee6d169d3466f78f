import {
  defaultSemantics,
  type GraphNode,
  type Model,
  RandomGenerator,
  SpikewireError,
  scalar,
  tensor,
} from '@spikewire/models';
import { terminal } from '../architecture/terminal.ts';
import type { Lessons } from '../runs/stream/lessons.ts';
import { method } from './method.ts';

/** Seconds of a step, which is a sample. */
const DT = 0.001;

/**
 * Remote supervised learning (Ponulak and Kasiński 2010): one layer learns to answer trains of spikes with trains that
 * are wanted, by the runtime's rule `resume`, dw/dt = (S_d − S_o)(a + ∫W(s)S_in(t − s)ds), W(s) = A·e^(−s/τ). The model
 * goes on learning so on a device. Weights have either sign; as the window turns for inhibitory synapses, and their
 * weight counts downwards, both kinds change alike.
 *
 * Samples are the steps of 1 ms of one pattern, in order; their targets are the wanted trains behind an exponential
 * kernel, where a number that rises is a spike. So the correlation is that of trains, both smoothed (as Schreiber et
 * al. 2003, with this kernel, and about their means). A liquid or any other net may stand in front: give a model of it
 * with the rule to `--method online`.
 */
export const resume = method({
  name: 'resume',
  summary: 'learns to answer input spike trains with target spike trains; for --data trains',
  source: 'Ponulak and Kasiński 2010, Supervised learning in spiking neural networks with ReSuMe',
  takesNumbers: true,
  parameters: {
    tau: { doc: 'time constant of the neurons in seconds', form: 'number', default: 0.01, above: 0 },
    smoothing: {
      doc: 'time constant in seconds of the kernel that smooths spike trains before they are compared',
      form: 'number',
      default: 0.005,
      above: 0,
    },
    window: { doc: 'time constant of the learning window in seconds', form: 'number', default: 0.005, above: 0 },
    learningRate: { doc: 'A, height of the learning window', form: 'number', default: 0.01, above: 0 },
    unspecific: {
      doc: 'a, change of a weight without an input spike, as a share of A',
      form: 'number',
      default: 0.05,
      minimum: 0,
    },
    epochs: { doc: 'epochs', form: 'integer', default: 60, minimum: 1 },
  },
  presets: { trains: { data: 'trains', parameters: {} } },
  startsAnew: true,
  async start({ data, ...site }, { epochs, ...chosen }) {
    const { StreamRun } = await import('../runs/stream/stream.ts');
    const { samples, targets } = data.training ?? data;
    if (targets === undefined) {
      throw new SpikewireError('input', data.name, 'names classes', 'wanted spike trains, such as --data trains');
    }
    const outputs = targets[0]!.length;
    const model = resumeModel(samples, outputs, site.seed, chosen);
    const whole = { epochs, batch: samples.length, inOrder: true };
    return StreamRun.open({ ...site, ...whole, data, model, lessons: teacher(outputs) });
  },
});

/** Tells in each step which outputs should have spiked in it: those whose target rises. */
function teacher(outputs: number): Lessons {
  const before = new Float64Array(outputs);
  return {
    async show(session, { values, target = before }) {
      const time = session.sequence;
      const { result } = await session.feed({ time, values });
      const wanted = target.map((value, j) => Number(value > before[j]!));
      before.set(target);
      if (wanted.includes(1)) await session.teach({ kind: 'target', values: wanted, time });
      const answer = result as Float64Array;
      return Math.hypot(...target.map((value, j) => value - answer[j]!));
    },
    state: { before },
    answering: (learned) => learned,
  };
}

interface ResumeChoices {
  readonly tau: number;
  readonly smoothing: number;
  readonly window: number;
  readonly learningRate: number;
  readonly unspecific: number;
}

/** A layer of LIF neurons that learns, and its spikes behind the kernel. */
function resumeModel(
  samples: readonly ArrayLike<number>[],
  outputs: number,
  seed: number,
  { tau, smoothing, window, learningRate, unspecific }: ResumeChoices,
): Model {
  const inputs = samples[0]!.length;
  const spikes = samples.reduce((sum, sample) => sum + Array.from(sample).filter((value) => value !== 0).length, 0);
  // What arrives on average within the time constant brings a neuron to about two thirds of its threshold.
  const arrivals = (spikes / samples.length) * (tau / DT);
  const random = new RandomGenerator(seed, 'weights');
  const weights = Float64Array.from({ length: inputs * outputs }, () => (0.4 + 0.5 * random.nextUniform()) / arrivals);
  const rule = { a: unspecific * learningRate, amplitude: learningRate, tau: window };
  // A spike moves a membrane by its weight, and the kernel by 1.
  const gain = (constant: number) => scalar(1 / (1 - Math.exp(-DT / constant)));
  const nodes: [string, GraphNode][] = [
    ['in', terminal('Input', inputs)],
    ['learned', { type: 'Linear', parameters: { weight: tensor(weights, [outputs, inputs]) } }],
    ['cells', { type: 'LIF', parameters: { tau: scalar(tau), r: gain(tau), v_threshold: scalar(1) } }],
    ['height', { type: 'Scale', parameters: { scale: gain(smoothing) } }],
    ['smooth', { type: 'Lowpass', parameters: { tau: scalar(smoothing) } }],
    ['out', terminal('Output', outputs)],
  ];
  const names = nodes.map(([name]) => name);
  return {
    graph: {
      nodes: new Map(nodes),
      edges: names.slice(1).map((target, k) => ({ source: names[k]!, target, delay: 0 })),
    },
    semantics: { ...defaultSemantics, dt: DT, integrate: 'exact' },
    learning: new Map([['learned', [{ rule: 'resume', parameters: rule }]]]),
    encoder: new Map([['in', { type: 'direct', parameters: {} }]]),
    decoder: new Map([['out', { type: 'linear', parameters: {} }]]),
    channels: [],
    sample: { steps: 1, between: 'continue' },
    labels: [],
    provenance: {},
    selfTests: [],
  };
}

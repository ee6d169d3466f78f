import type { LabelledSamples } from '@spikewire/engine/data';
import {
  defaultSemantics,
  type Ensemble,
  ensemble,
  type GraphNode,
  type Model,
  RandomGenerator,
  SpikewireError,
  solveDecoders,
  tensor,
} from '@spikewire/models';
import { terminal } from '../architecture/terminal.ts';
import { method } from './method.ts';

/** Seconds. */
const DT = 0.001;

/**
 * The Neural Engineering Framework (Eliasmith and Anderson 2003): neurons of random encoders e, tuned by an intercept
 * and a highest rate each, a_i(x) = G[α_i·e_i·x + b_i]; decoders by least squares with Tikhonov regularisation,
 * D = ((AᵀA + m·σ²·I)⁻¹·AᵀY)ᵀ, of the rates A at the training samples and the numbers Y wanted there (eq. 2.14). What
 * comes out goes on learning by PES (MacNeil and Eliasmith 2011), Δd_i = −κ·dt/n·a_i·E with E = actual − target: on a
 * stream, or by `--method online --model`.
 *
 * Samples lie on [−1, 1] in each number. Static error falls as 1/N, noise as 1/√N. Limits: rates are those of constant
 * input, so samples have to last longer than the synapse; nothing is learned of encoders.
 */
export const nef = method({
  name: 'nef',
  summary:
    'an ensemble with random encoders, ' +
    'whose decoders are fitted by least squares and keep learning by PES; for --data function:…',
  source: 'Eliasmith and Anderson 2003, Neural Engineering; MacNeil and Eliasmith 2011, PES',
  takesNumbers: true,
  parameters: {
    neurons: { doc: 'neurons of the ensemble', form: 'integer', default: 200, minimum: 1, maximum: 4096 },
    neuron: {
      doc: 'LIF, which spike, or ReLU, which emit their rates: what boards with NengoFPGA run',
      form: 'word',
      default: 'LIF',
      words: ['LIF', 'ReLU'],
    },
    steps: { doc: 'time steps per sample', form: 'integer', default: 150, minimum: 1 },
    maxRate: {
      doc: 'draw the highest rates of neurons from x/2 to x, in Hz',
      form: 'number',
      default: 400,
      above: 0,
      maximum: 450,
    },
    intercept: {
      doc: 'draw the values at which neurons begin to fire from −1 to x',
      form: 'number',
      default: 0.9,
      above: -1,
      maximum: 0.99,
    },
    regularisation: {
      doc: 'noise for which decoders are fitted, as a share of the highest rate',
      form: 'number',
      default: 0.1,
      above: 0,
    },
    synapse: { doc: 'time constant of the decoded output, in seconds', form: 'number', default: 0.03, above: 0 },
    correction: {
      doc: 'share of the error that one sample corrects (the rule PES)',
      form: 'number',
      default: 0.02,
      minimum: 0,
      maximum: 1,
    },
  },
  presets: {
    square: { data: 'function:square', parameters: {} },
    product: { data: 'function:product', parameters: { neurons: 400 } },
  },
  startsAnew: true,
  async start({ data, seed }, chosen) {
    const { FittedRun } = await import('../runs/fitted.ts');
    return new FittedRun({ data, seed, fit: (learned) => nefModel(learned, seed, chosen) });
  },
});

/** What the method needs of people. */
interface NefChoices {
  readonly neurons: number;
  readonly neuron: 'LIF' | 'ReLU';
  readonly steps: number;
  readonly maxRate: number;
  readonly intercept: number;
  readonly regularisation: number;
  readonly synapse: number;
  readonly correction: number;
}

/** The ensemble that answers samples with their targets. Throws `input` where they have none. */
function nefModel({ samples, targets }: LabelledSamples, seed: number, chosen: NefChoices): Model {
  if (targets === undefined) {
    throw new SpikewireError('input', 'the data', 'names classes', 'numbers, such as --data function:square');
  }
  const dimensions = samples[0]!.length;
  const { neurons, neuron, maxRate, intercept, synapse, regularisation } = chosen;
  // The corners of the cube of samples.
  const radius = Math.sqrt(dimensions);
  const random = new RandomGenerator(seed, 'ensemble');
  const pieces = ensemble({
    ...{ name: 'ensemble', neurons, neuron, dimensions, random, dt: DT, radius, synapse },
    ...{ maxRates: [maxRate / 2, maxRate], intercepts: [-1, intercept], evaluationPoints: neurons },
  });
  const activities = new Float64Array(samples.length * neurons);
  for (const [row, sample] of samples.entries()) activities.set(pieces.rates(sample), row * neurons);
  const wanted = Float64Array.from(targets.flatMap((target) => Array.from(target)));
  const decoders = solveDecoders(activities, wanted, { points: samples.length, neurons, regularisation });
  const outputs = targets[0]!.length;
  const decode: GraphNode = {
    type: 'Linear',
    parameters: {
      weight: tensor(
        decoders.map((decoder) => decoder / DT),
        [outputs, neurons],
      ),
    },
  };
  return {
    graph: {
      nodes: new Map<string, GraphNode>([
        ['in', terminal('Input', dimensions)],
        ...pieces.nodes,
        [pieces.decoder, decode],
        ['out', terminal('Output', outputs)],
      ]),
      edges: [
        { source: 'in', target: pieces.input, delay: 0 },
        ...pieces.edges,
        { source: pieces.output, target: 'out', delay: 0 },
      ],
    },
    semantics: { ...defaultSemantics, dt: DT, integrate: 'exact' },
    learning: new Map([[pieces.decoder, [{ rule: 'pes', parameters: pesOf(pieces, chosen, activities) }]]]),
    encoder: new Map([['in', { type: 'direct', parameters: {} }]]),
    decoder: new Map([['out', { type: 'linear', parameters: {} }]]),
    channels: [],
    sample: { steps: chosen.steps, between: 'reset' },
    labels: [],
    provenance: {},
    selfTests: [],
  };
}

/**
 * κ with which a lesson corrects a share of an error: a decoder of rates a changes what is decoded by κ·dt/n·Σa². Rates
 * of rectifiers need no filter.
 */
function pesOf({ gain }: Ensemble, { correction, synapse, neurons, neuron }: NefChoices, activities: Float64Array) {
  const squares = activities.reduce((sum, rate) => sum + rate * rate, 0) / (activities.length / neurons);
  return { learningRate: (correction * gain.length) / (DT * squares), tauPre: neuron === 'ReLU' ? 0 : synapse };
}

import { SpikewireError } from '../error.ts';
import type { Edge, GraphNode } from '../graph/graph.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { RandomGenerator } from '../random/generator.ts';
import { scalar, tensor } from '../tensor.ts';
import { solveDecoders } from './decoders.ts';
import { drawInBall, drawOnSphere } from './sphere.ts';
import { type NeuronTuning, rectifiedLinearTuning, steppedLifTuning } from './tuning.ts';

/** What an ensemble represents, and with which neurons. Times in seconds, rates in Hz. */
export interface EnsembleOptions {
  /** Its nodes are `<name>/encode`, `/neurons`, `/decode` and `/synapse`. */
  readonly name: string;
  readonly neurons: number;
  /** Dimensions of the represented vector x. */
  readonly dimensions: number;
  /** Source of encoders, intercepts, maximal rates and evaluation points, in this order. */
  readonly random: RandomGenerator;
  /** Step of the model the ensemble will be part of. */
  readonly dt: number;
  /** The decoded function of x; the identity where absent. Must give equally many numbers for every x. */
  readonly decode?: (x: Float64Array) => ArrayLike<number>;
  /** Length of x that the neurons are tuned for; 1. */
  readonly radius?: number;
  /**
   * `LIF`, which spike, or `ReLU`, which emit their rates, as the spikes of a step; these have no times and no noise.
   * `LIF` where absent.
   */
  readonly neuron?: 'LIF' | 'ReLU';
  /** Membrane time constant; 0.02. */
  readonly tau?: number;
  /** Refractory time; 0.002. */
  readonly tauRef?: number;
  /** Range of the rates at e·x = radius; [200, 400]. */
  readonly maxRates?: readonly [number, number];
  /** Range of e·x/radius at which neurons begin to fire; [−1, 0.9]. */
  readonly intercepts?: readonly [number, number];
  /** Points at which the decoders are fitted; 750, or twice the neurons if that is more. */
  readonly evaluationPoints?: number;
  /** Noise that the decoders should bear, as a share of the highest rate; 0.1. */
  readonly regularisation?: number;
  /** Time constant of the low-pass behind the decoders; 0.005. */
  readonly synapse?: number;
}

/** The pieces of a graph, and the numbers they were made of, row-major. */
export interface Ensemble {
  /** To be added to a graph; whoever adds them connects `input` and `output`. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly Edge[];
  /** Takes x, shape [dimensions], in every step. */
  readonly input: string;
  /** The neurons, whose spikes a raster shows. */
  readonly population: string;
  /** The connection whose weights are the decoders: where PES learns. */
  readonly decoder: string;
  /** Gives the decoded and filtered function, shape [outputs], in every step. */
  readonly output: string;
  /** Unit vectors [neurons, dimensions]. */
  readonly encoders: Float64Array;
  readonly gain: Float64Array;
  readonly bias: Float64Array;
  /** [outputs, neurons], per Hz. */
  readonly decoders: Float64Array;
  /** Rate in Hz of each neuron for a constant x. */
  rates(x: ArrayLike<number>): Float64Array;
}

const defaults = {
  neuron: 'LIF',
  radius: 1,
  tau: 0.02,
  tauRef: 0.002,
  maxRates: [200, 400],
  intercepts: [-1, 0.9],
  regularisation: 0.1,
  synapse: 0.005,
} as const;

/**
 * The tuning curves hold for these, so they are the nodes' own. Reset by subtraction keeps the phase within a step: at
 * 1 ms the decoded value has half the noise of a reset to 0, where neurons of similar rates lock to the same whole
 * steps.
 */
const semantics: Partial<Semantics> = { integrate: 'exact', threshold: 'gt', reset: 'subtract', spikesPerStep: 'one' };

/**
 * An ensemble of the Neural Engineering Framework (Eliasmith and Anderson 2003): neurons whose tuning curves are
 * spread over a ball, and decoders that read a function of x from their rates.
 *
 * x → Affine (gain·encoder/radius, bias) → LIF or ReLU → Linear (decoder/dt) → Lowpass. A spike has the value 1 and the
 * low-pass the gain 1, so a neuron at r Hz contributes r·dt·decoder/dt. Decoders are fitted to the rates that the
 * neurons have on the grid of the model's steps: fitted to those of continuous time, the identity would be off by four
 * times as much at 1 ms.
 *
 * @throws `parameter` where an option is out of its range
 */
export function ensemble(options: EnsembleOptions): Ensemble {
  const settings = { ...defaults, ...options };
  const { name, neurons, dimensions, random, dt, radius, tau, tauRef, synapse, neuron } = settings;
  const counts = { neurons, dimensions, evaluationPoints: options.evaluationPoints ?? Math.max(750, 2 * neurons) };
  checkOptions(counts, { dt, radius, tau, tauRef, synapse, regularisation: settings.regularisation });

  const isRectifier = neuron === 'ReLU';
  const tuning = isRectifier ? rectifiedLinearTuning : steppedLifTuning({ tau, tauRef }, dt);
  const encoders = drawOnSphere(neurons, dimensions, random);
  const intercepts = drawBetween(settings.intercepts, neurons, random);
  const maxRates = drawBetween(settings.maxRates, neurons, random);
  const lines = Array.from(maxRates, (maxRate, i) => tuning.gainAndBias(maxRate, intercepts[i]!));
  const gain = Float64Array.from(lines, (line) => line.gain);
  const bias = Float64Array.from(lines, (line) => line.bias);
  const weights = encoders.map((component, k) => (component * gain[Math.floor(k / dimensions)]!) / radius);
  const rates = (x: ArrayLike<number>) => ratesOf(x, weights, bias, tuning);

  const points = drawInBall(counts.evaluationPoints, dimensions, radius, random);
  const decoders = fitDecoders(points, rates, settings.decode ?? ((x) => x), { ...settings, ...counts });
  const decodingWeights = decoders.map((decoder) => decoder / dt);

  // What a rectifier emits in a step is dt times its rate.
  const perStep = (currents: Float64Array) => (isRectifier ? currents.map((current) => current * dt) : currents);
  const encode = { weight: tensor(perStep(weights), [neurons, dimensions]), bias: tensor(perStep(bias)) };
  const decode = { weight: tensor(decodingWeights, [decoders.length / neurons, neurons]) };
  const chain: readonly [string, GraphNode][] = [
    [`${name}/encode`, { type: 'Affine', parameters: encode }],
    [`${name}/neurons`, isRectifier ? { type: 'ReLU', parameters: {} } : lif(tau, tauRef)],
    [`${name}/decode`, { type: 'Linear', parameters: decode }],
    [`${name}/synapse`, { type: 'Lowpass', parameters: { tau: scalar(synapse) }, semantics: { integrate: 'exact' } }],
  ];
  const [input, population, decoder, output] = chain.map(([node]) => node) as [string, string, string, string];
  const edges = [
    { source: input, target: population, delay: 0 },
    { source: population, target: decoder, delay: 0 },
    { source: decoder, target: output, delay: 0 },
  ];
  return { nodes: new Map(chain), edges, input, population, decoder, output, encoders, gain, bias, decoders, rates };
}

function lif(tau: number, tauRef: number): GraphNode {
  const parameters = { tau: scalar(tau), r: scalar(1), v_threshold: scalar(1), tau_ref: scalar(tauRef) };
  return { type: 'LIF', parameters, semantics };
}

function checkOptions(counts: Readonly<Record<string, number>>, sizes: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) {
    if (Number.isSafeInteger(count) && count > 0) continue;
    throw new SpikewireError('parameter', `ensemble.${key}`, `is ${count}`, 'a whole number, at least 1');
  }
  for (const [key, size] of Object.entries(sizes)) {
    if (Number.isFinite(size) && size > 0) continue;
    throw new SpikewireError('parameter', `ensemble.${key}`, `is ${size}`, 'a number above 0');
  }
}

function drawBetween([low, high]: readonly [number, number], count: number, random: RandomGenerator): Float64Array {
  return Float64Array.from({ length: count }, () => low + (high - low) * random.nextUniform());
}

function ratesOf(x: ArrayLike<number>, weights: Float64Array, bias: Float64Array, tuning: NeuronTuning): Float64Array {
  const dimensions = weights.length / bias.length;
  return bias.map((current, i) => {
    let sum = current;
    for (let k = 0; k < dimensions; k++) sum += weights[i * dimensions + k]! * x[k]!;
    return tuning.rate(sum);
  });
}

/** Decoders of a function, from the rates at points [evaluationPoints, dimensions]. */
function fitDecoders(
  points: Float64Array,
  rates: (x: Float64Array) => Float64Array,
  decode: (x: Float64Array) => ArrayLike<number>,
  site: { dimensions: number; evaluationPoints: number; neurons: number; regularisation: number },
): Float64Array {
  const { dimensions, evaluationPoints, neurons, regularisation } = site;
  const activities = new Float64Array(evaluationPoints * neurons);
  const targets: number[] = [];
  for (let point = 0; point < evaluationPoints; point++) {
    const x = points.subarray(point * dimensions, (point + 1) * dimensions);
    activities.set(rates(x), point * neurons);
    targets.push(...Array.from(decode(x)));
  }
  return solveDecoders(activities, Float64Array.from(targets), { points: evaluationPoints, neurons, regularisation });
}

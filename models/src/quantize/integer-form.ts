import { SpikewireError } from '../error.ts';
import type { Model } from '../model/model.ts';
import type { NeuronQuantization, Quantization } from '../model/quantization.ts';
import type { ResolvedGraph, ResolvedNode } from '../resolve/resolve.ts';
import { isWeighted, type Wiring } from '../resolve/wiring.ts';
import { elementCount, type TensorData } from '../tensor.ts';
import { type Afferent, afferentsOf, hasDelayBehind, unsupported } from './afferent.ts';
import { mapLists, spread, valueFor } from './per-neuron.ts';
import { linearDynamics } from './real-units.ts';
import { arrivingBound, largestEmission } from './units.ts';
import { wireWithFewWays } from './ways.ts';

/** Largest |q| of a learned weight: its clip, in 4-bit models too. */
export const LEARNED_MAXIMUM = 127;

/** An integer model that was checked: complete, and with sums that are proved to fit. */
export interface IntegerForm {
  readonly quantization: Quantization;
  readonly wiring: Wiring;
  /** By index of a population: the largest Σ|q|·2^h·n_max of each of its neurons. */
  readonly largestSums: ReadonlyMap<number, Float64Array>;
}

/**
 * What an engine has to know of an integer model before it runs it: every node has its constants, and no input whatever
 * can make a sum leave 32 bits. Throws `unsupported` or `graph` with the node.
 */
export function integerFormOf(model: Model, graph: ResolvedGraph): IntegerForm {
  const { quantization, learning } = model;
  if (quantization === undefined) {
    throw new SpikewireError('unsupported', 'integer form', 'got a float model', 'a model that is quantised');
  }
  const wiring = wireWithFewWays(graph);
  checkComplete(wiring, quantization);
  const largestSums = new Map<number, Float64Array>();
  graph.nodes.forEach((node, index) => {
    if (node.kind.role !== 'neuron') return;
    const sums = new Float64Array(elementCount(node.shape));
    for (const afferent of afferentsOf(wiring, index, quantization)) {
      const learns = learning.has(afferent.node.name);
      if (learns) refuseDelayBehind(wiring, afferent);
      const { shift } = quantization.connections.get(afferent.node.name)!;
      const integers = afferent.connectivity.weights;
      const arriving = arrivingBound(wiring, afferent.index, largestEmission(quantization));
      addLargestSums(afferent, integers, shift, learns, arriving, sums);
    }
    const constants = quantization.neurons.get(node.name)!;
    checkWidth(node, constants);
    checkSums(node, constants, sums);
    largestSums.set(index, sums);
  });
  return { quantization, wiring, largestSums };
}

/**
 * The constants of a population, with one value per neuron in each list but the scale: running nets keep that, of the
 * model, to say what their numbers are worth.
 */
export function neuronConstants({ neurons }: Quantization, { name, shape }: ResolvedNode): NeuronQuantization {
  const constants = neurons.get(name)!;
  const { scale } = constants;
  return { ...mapLists(constants, (values) => spread(values, elementCount(shape))), scale };
}

/** Adds what an afferent can bring each neuron at most; learned weights count with the largest that they can become. */
export function addLargestSums(
  { connectivity, reach }: Afferent,
  integers: TensorData,
  shift: number,
  learns: boolean,
  arriving: Float64Array,
  sums: Float64Array,
): void {
  for (let input = 0; input < arriving.length; input++) {
    const unit = 2 ** shift * arriving[input]!;
    connectivity.forEachSynapse(input, (output, weight) => {
      const size = learns ? LEARNED_MAXIMUM : Math.abs(integers[weight]!);
      // By index: a hundred thousand iterators would be megabytes of garbage.
      const neurons = reach(output);
      for (let k = 0; k < neurons.length; k++) sums[neurons[k]!]! += size * unit;
    });
  }
}

/**
 * New weights count from the next step, for values that arrive at the connection: what is on the way behind it stays.
 */
export function refuseDelayBehind(wiring: Wiring, { node, index }: Afferent): void {
  if (!hasDelayBehind(wiring, index)) return;
  throw unsupported(node, 'learns and has a delay behind it', 'the delay on the edge before it');
}

/** Whether (x << F) + b fits into 32 bits for every sum x within ±`largest`. */
export function fitsSums(largest: number, fraction: number, bias: number): boolean {
  const shifted = fraction >= 0 ? largest * 2 ** fraction : Math.floor(largest * 2 ** fraction + 0.5);
  return largest < 2 ** 31 && shifted + Math.abs(bias) < 2 ** 31;
}

/** Throws `graph` where a node lacks its constants, or has those of another kind of node. */
export function checkComplete(wiring: Wiring, quantization: Quantization): void {
  for (const [index, node] of wiring.graph.nodes.entries()) {
    checkConstants(node, quantization, isWeighted(wiring, index));
  }
}

function checkConstants(node: ResolvedNode, { inputs, connections, neurons }: Quantization, weighted: boolean): void {
  const { name, kind } = node;
  const neuron = neurons.get(name);
  const complete =
    kind.role === 'input'
      ? inputs.has(name)
      : kind.role === 'connection'
        ? !weighted || connections.has(name)
        : kind.role === 'output' || (neuron !== undefined && isComplete(node, neuron));
  if (!complete) {
    throw new SpikewireError(
      'graph',
      `node "${name}" (${kind.type})`,
      'lacks constants of the integer form, or has others',
      'a model that was quantised whole',
    );
  }
}

/**
 * Whether there are the constants of what the node is. Of anything else there are none: engines would not agree on what
 * these mean.
 */
function isComplete(node: ResolvedNode, constants: NeuronQuantization): boolean {
  const { firing, floor, ceiling, current, adaptation } = linearDynamics(node);
  const needed = {
    current: current !== undefined,
    adaptation: adaptation !== undefined,
    handOn: firing === undefined,
    threshold: firing !== undefined,
    reset: firing?.reset === 'value',
    subtract: firing?.reset === 'subtract',
    minimum: (firing?.minimum ?? floor) !== undefined,
    maximum: ceiling !== undefined,
  };
  const keys = Object.keys(needed) as (keyof typeof needed)[];
  const dividesByZero = firing?.spikesPerStep === 'many' && !constants.subtract?.every((s) => s > 0);
  return !dividesByZero && keys.every((key) => (constants[key] !== undefined) === needed[key]);
}

/** Membranes and what they are compared with and set to fit their format, and no factor is −1. */
function checkWidth(node: ResolvedNode, constants: NeuronQuantization): void {
  const { membraneBits, decay, initial, threshold, reset, subtract, minimum, maximum, current, adaptation } = constants;
  const end = 2 ** (membraneBits - 1);
  const within = [initial, threshold, reset, subtract, minimum, maximum, current?.initial];
  const factors = [decay, current?.decay, current?.gain, adaptation?.decay];
  const fits =
    within.every((values) => values?.every((value) => value >= -end && value < end) ?? true) &&
    factors.every((values) => values?.every((value) => value > -(2 ** 15)) ?? true);
  if (fits) return;
  throw unsupported(
    node,
    `has constants beyond its membranes of ${membraneBits} bits, or a factor of −1`,
    'a smaller F',
  );
}

function checkSums(node: ResolvedNode, { fraction, bias, current }: NeuronQuantization, sums: Float64Array): void {
  const driven = current?.bias ?? bias;
  const neuron = sums.findIndex((sum, i) => !fitsSums(sum, fraction, valueFor(driven, i, sums.length)));
  if (neuron < 0) return;
  throw unsupported(
    node,
    `may get sums beyond 32 bits at neuron ${neuron}`,
    'fewer inputs, a smaller h or a smaller F',
  );
}

import { SpikewireError } from '../error.ts';
import { type Model, windowSteps } from '../model/model.ts';
import type { ConnectionQuantization, InputQuantization, NeuronQuantization } from '../model/quantization.ts';
import type { ResolvedNode } from '../resolve/resolve.ts';
import { isReadOut, type Wiring } from '../resolve/wiring.ts';
import { elementCount } from '../tensor.ts';
import { type Afferent, afferentsOf, neuronsOfWeights, unsupported } from './afferent.ts';
import { type Calibration, calibratedRange } from './calibration.ts';
import { chooseConstants, raisedThresholds } from './constants.ts';
import { addLargestSums, LEARNED_MAXIMUM, refuseDelayBehind } from './integer-form.ts';
import { addSquares, assumedRange, type UnmeasuredState, usualSize } from './read-out-range.ts';
import { inputGain, linearDynamics, type PopulationDynamics } from './real-units.ts';
import { roundHalfEven } from './rounding.ts';
import { chooseScales, LARGEST_SHIFT, type ScaleSite, type Scales, type WeightRange } from './scales.ts';
import { arrivingBound, type Emission, largestEmission, sourceUnit } from './units.ts';

export interface QuantizeOptions {
  /** Width of a weight. Connections that learn always have 8 bits. */
  readonly bits: 8 | 4;
  /** M: width of membranes. Default 32; small devices take 16. */
  readonly membraneBits?: 32 | 16;
  readonly calibration?: Calibration;
  /** How many times larger than the largest weight at the start a learned weight may become; ≥ 1, default 2. */
  readonly headroom?: number;
  /**
   * Told of every assumption that a calibration would replace and of every time constant that rounding changed, one
   * line each.
   */
  readonly warn?: (line: string) => void;
}

/** What is known so far of an integer model in the making. */
export interface QuantizationWork {
  readonly model: Model;
  readonly wiring: Wiring;
  readonly options: QuantizeOptions;
  readonly inputs: Map<string, InputQuantization>;
  readonly connections: Map<string, ConnectionQuantization>;
  readonly neurons: Map<string, NeuronQuantization>;
  readonly integers: Map<string, Int8Array>;
  /** By read-out whose range was assumed: how large what it hands on is taken to be, in real units. */
  readonly usualSizes: Map<string, number>;
}

/** Chooses the integers of all connections into the population at `index`, and its constants. */
export function quantizePopulation(work: QuantizationWork, index: number): void {
  const { wiring, options } = work;
  const node = wiring.graph.nodes[index]!;
  const size = elementCount(node.shape);
  const dynamics = linearDynamics(node);
  const ranges = afferentsOf(wiring, index, work).map((afferent) => rangeOf(work, afferent));
  const membraneBits = options.membraneBits ?? 32;
  const { gain, currentWorth } = inputGain(dynamics);
  if (gain.some((factor) => !(factor > 0))) {
    throw unsupported(node, 'has an input gain that is not above 0', 'r > 0, with signs in the weights');
  }
  const readOut = isReadOut(node);
  const calibrated = calibratedRange(options.calibration, node.name);
  const reference = readOut ? new Float64Array(size).fill(calibrated ?? 1) : referenceOf(dynamics);
  const scaleSite = { size, afferents: ranges, gain, reference, readOut, freeUnits: membraneBits === 32 ? 2 ** 21 : 0 };
  const { scales, largestSums } = scalesWithinSums(work, scaleSite);

  const biasInput = new Float64Array(size);
  for (const { afferent } of ranges) {
    for (let i = 0; i < size; i++) biasInput[i]! += afferent.bias?.[i] ?? 0;
  }
  const bias = biasInput.map((value, i) => value * gain[i]!);
  const scale = gain.map((factor, i) => factor * scales.unit[i]!);
  if (readOut) scale.fill(scale[0]!);
  const range = () =>
    calibrated ?? rangeWithoutCalibration(work, node, ranges, scales, { dynamics, scale, largestSums, bias });
  const rangeUnits = readOut ? range() / scale[0]! : unitsWithoutReference(reference, scales);
  const site = { node, membraneBits, dynamics, scale, currentWorth, largestSums, bias, rangeUnits } as const;
  const constants = chooseConstants(site);
  work.neurons.set(node.name, constants);
  if (options.warn) {
    warnOfChangedDecay(node.name, 'decay', 'tau', dynamics.decay, constants.decay, options.warn);
    const { adaptation } = constants;
    const decay = dynamics.adaptation?.decay;
    if (adaptation && decay) {
      warnOfChangedDecay(node.name, 'decay of theta', 'tau_theta', decay, adaptation.decay, options.warn);
    }
  }
  ranges.forEach(({ afferent }, a) => {
    work.connections.set(afferent.node.name, { shift: scales.shifts[a]! });
  });
}

function rangeOf({ wiring, model, options }: QuantizationWork, afferent: Afferent): WeightRange {
  const declarations = model.learning.get(afferent.node.name);
  const headroom = options.headroom ?? 2;
  if (!(headroom >= 1)) throw new SpikewireError('parameter', 'headroom', `is ${headroom}`, 'a number from 1');
  const neuronOfWeight = neuronsOfWeights(afferent);
  if (declarations === undefined) {
    return { afferent, neuronOfWeight, maximum: options.bits === 8 ? 127 : 7, learning: undefined };
  }
  refuseDelayBehind(wiring, afferent);
  const { weights } = afferent.connectivity;
  const known = weights.some((weight) => weight !== 0) || declarations.some(({ bounds }) => bounds !== undefined);
  if (!known) {
    options.warn?.(`connection "${afferent.node.name}" learns from 0 without bounds: the largest weight is assumed`);
  }
  return { afferent, neuronOfWeight, maximum: LEARNED_MAXIMUM, learning: { declarations, headroom } };
}

/** Where threshold, reset and start are all 0, the membrane has to hold the strongest arrival. */
function unitsWithoutReference(reference: Float64Array, { shifts }: Scales): number {
  return reference.some((value) => value > 0) ? 0 : LEARNED_MAXIMUM * 2 ** Math.max(0, ...shifts);
}

/** Size of what the membrane has to hold, per neuron. */
function referenceOf(dynamics: PopulationDynamics): Float64Array {
  const { firing, initial } = dynamics;
  return raisedThresholds(dynamics).map((theta, i) =>
    Math.max(theta, Math.abs(firing!.resetValue[i]!), Math.abs(initial.v![i]!)),
  );
}

function rangeWithoutCalibration(
  work: QuantizationWork,
  node: ResolvedNode,
  ranges: readonly WeightRange[],
  scales: Scales,
  driven: Omit<UnmeasuredState, 'spread' | 'steps'>,
): number {
  const squares = new Float64Array(driven.scale.length);
  ranges.forEach((range, a) => {
    const { index, node } = range.afferent;
    const integers = work.integers.get(node.name)!;
    addSquares(range, integers, scales.shifts[a]!, arrivingBound(work.wiring, index, usualEmission(work)), squares);
  });
  const { sample } = work.model;
  const steps = sample.between === 'reset' ? windowSteps(sample) : Infinity;
  const state = { ...driven, spread: squares.map(Math.sqrt), steps };
  const range = assumedRange(state);
  if (!Number.isFinite(range))
    throw unsupported(node, 'has no leak and no calibrated range', 'calibration.states (quantize --data)');
  work.options.warn?.(`read-out "${node.name}" has no calibrated range: ±${range.toPrecision(3)} is assumed`);
  work.usualSizes.set(node.name, usualSize(state));
  return range;
}

/** What sources emit, in units: the most that they can, or where more is known the usual size. */
function usualEmission(work: QuantizationWork): Emission {
  const largest = largestEmission(work);
  return (source) => {
    const size = work.usualSizes.get(source.name);
    return size === undefined ? largest(source) : Math.min(largest(source), size / sourceUnit(source, work));
  };
}

/** A slow leak has few steps of 2^−15 below 1, so that rounding A may change τ. */
function warnOfChangedDecay(
  name: string,
  what: string,
  constant: string,
  wanted: Float64Array,
  rounded: Int32Array,
  warn: NonNullable<QuantizeOptions['warn']>,
): void {
  const changes = Array.from(wanted, (decay, i) => {
    const leak = 1 - rounded[i]! / 2 ** 15;
    return decay === 1 ? 0 : Math.abs((1 - decay) / leak - 1);
  });
  const largest = changes.reduce((a, b) => Math.max(a, b), 0);
  if (largest <= 0.02) return;
  const change = Number.isFinite(largest) ? `by up to ${(100 * largest).toFixed(1)} %` : 'to infinity';
  warn(`node "${name}": rounding the ${what} to 15 bits changes ${constant} ${change}`);
}

/** Scales, integers and the largest sums they can give; h is held lower where sums would not fit into 32 bits. */
function scalesWithinSums(
  work: QuantizationWork,
  site: Omit<ScaleSite, 'largestShift'>,
): { scales: Scales; largestSums: Float64Array } {
  for (let largestShift = LARGEST_SHIFT; ; largestShift--) {
    const scales = chooseScales({ ...site, largestShift });
    const largestSums = new Float64Array(site.size);
    site.afferents.forEach((range, a) => {
      const integers = toIntegers(range, scales.unit, scales.shifts[a]!);
      work.integers.set(range.afferent.node.name, integers);
      const arriving = arrivingBound(work.wiring, range.afferent.index, largestEmission(work));
      addLargestSums(range.afferent, integers, scales.shifts[a]!, range.learning !== undefined, arriving, largestSums);
    });
    if (largestShift === 0 || largestSums.every((sum) => sum < 2 ** 31)) return { scales, largestSums };
  }
}

function toIntegers({ afferent, neuronOfWeight, maximum }: WeightRange, unit: Float64Array, shift: number): Int8Array {
  const { connectivity, factor } = afferent;
  const integers = new Int8Array(neuronOfWeight.length);
  for (let w = 0; w < integers.length; w++) {
    if (neuronOfWeight[w] === -1) continue;
    const q = roundHalfEven((connectivity.weights[w]! * factor) / (unit[neuronOfWeight[w]!]! * 2 ** shift));
    integers[w] = Math.max(-maximum, Math.min(maximum, q));
  }
  return integers;
}

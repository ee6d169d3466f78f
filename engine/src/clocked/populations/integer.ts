import { anything, inputGain, linearDynamics, type NeuronQuantization, valueFor, whole } from '@spikewire/models';
import { encode, populationFlags } from '../kernels/instructions.ts';
import { headroom } from '../kernels/kernel-constants.ts';
import type { PlannedPopulation, PopulationSite } from '../number-form.ts';
import type { StateVariable } from '../program.ts';
import { PopulationMemory } from './population-memory.ts';

const LARGEST_INT16 = 32767;

/** A factor of 1. */
const ONE = 2 ** 15;
const SMALLEST_INT16 = -32768;

/** 2^F fits 16 bits up to here. */
const LARGEST_SHIFT_IN_HALVES = 14;

/** Neurons whose saturations of a step kernels count in eight lanes of 16 bits. */
const MOST_COUNTED = 8 * 65535;

/** Lays out a population in whole numbers with the constants of the model, and the largest sums that can arrive. */
export function planIntegerPopulation(
  site: PopulationSite,
  constants: NeuronQuantization,
  largestSums: Float64Array,
): PlannedPopulation {
  const { memory, node, index, layout, list, accumulator } = site;
  const { membraneBits, decay, bias, threshold, minimum, maximum, current, adaptation, fraction, handOn } = constants;
  const dynamics = linearDynamics(node);
  const { firing } = dynamics;
  const { currentWorth } = inputGain(dynamics);
  const rests = firing?.refractorySteps.some((steps) => steps > 0) ?? false;
  const reset = firing?.reset === 'subtract' ? constants.subtract : constants.reset;
  const parameters = new PopulationMemory(memory, layout, [
    ...[decay, bias, threshold, reset, minimum, maximum],
    ...[current?.decay, current?.gain, current?.bias, firing?.refractorySteps, adaptation?.decay, adaptation?.rise],
  ]);
  const longest = firing?.refractorySteps.reduce((most, steps) => Math.max(most, steps), 0) ?? 0;
  const state = new Map<string, StateVariable>();
  const variable = (name: string, format: 'int16' | 'int32', start: ArrayLike<number>, worth?: ArrayLike<number>) => {
    const address = memory[format](layout.arrange(start));
    const inUnits = name === 'refractory' ? {} : { real: realReader(constants, layout.size, worth) };
    const ranges = [name === 'refractory' ? whole(0, longest) : anything];
    state.set(name, { address, format, length: layout.length, layout, resets: true, ranges, ...inUnits });
    return address;
  };
  const sumBits = sumBitsOf(largestSums);
  const membranes = membraneBits === 16 ? 'int16' : 'int32';
  /**
   * Constants in the width of the membranes, where thresholds do not adapt: a factor of 2^15 stands as −2^15 in 16
   * bits.
   */
  const width = adaptation ? 'int32' : membranes;
  const constant = (values: ArrayLike<number> | undefined, padding?: number) => parameters[width](values, padding);
  /** The threshold of neurons that do not exist: no membrane is above. */
  const never = width === 'int16' ? LARGEST_INT16 : 2 ** 31 - 1;
  const saturated = memory.reserve(16);
  const operands = {
    accumulator,
    membrane: variable('v', membranes, constants.initial),
    length: layout.length,
    period: parameters.period,
    list: list.descriptor,
    flags:
      (firing ? populationFlags.firing : 0) |
      (rests ? populationFlags.refractory : 0) |
      (minimum ? populationFlags.minimum : 0) |
      (maximum ? populationFlags.maximum : 0) |
      (current ? populationFlags.current : 0) |
      (firing?.reset === 'subtract' ? populationFlags.subtract : 0) |
      (firing?.spikesPerStep === 'many' ? populationFlags.many : 0) |
      (neverSaturates(constants, largestSums) ? populationFlags.neverSaturates : 0) |
      (membraneBits === 16 && decay.every((a) => a === decay[0] && a < ONE) ? populationFlags.leaksAlike : 0),
    fraction,
    handOn: handOn ?? 0,
    decay: constant(decay),
    gain: 0,
    bias: parameters.int32(bias),
    threshold: constant(threshold, never),
    reset: constant(reset),
    minimum: constant(minimum),
    refractory: rests ? variable('refractory', 'int32', new Int32Array(layout.size)) : 0,
    refractorySteps: rests ? parameters.int32(firing?.refractorySteps) : 0,
    current: current ? variable('i', membranes, current.initial, currentWorth) : 0,
    currentDecay: constant(current?.decay),
    currentGain: constant(current?.gain),
    currentBias: parameters.int32(current?.bias),
    saturated,
    map: site.map,
  };
  const instruction = adaptation
    ? encode(`stepAdaptiveMembranes${membraneBits}Sums${sumBits}`, {
        ...operands,
        theta: variable(
          'theta',
          'int32',
          adaptation.initial,
          new Float64Array(layout.size).fill(2 ** adaptation.fraction),
        ),
        thetaFraction: adaptation.fraction,
        thetaDecay: parameters.int32(adaptation.decay),
        thetaRise: parameters.int32(adaptation.rise),
      })
    : encode(`stepMembranes${membraneBits}Sums${sumBits}`, {
        ...operands,
        headroom: headroomOf(constants, layout.length),
        maximum: constant(maximum),
      });
  state.set('saturated', { address: saturated, format: 'float64', length: 2, ranges: [whole()], resets: false });
  return { plan: { index, list, spikes: firing !== undefined, state }, instruction };
}

/**
 * What an integer stands for. Apart from the plan, so that a running net keeps nothing alive that only its layout
 * needed.
 */
function realReader(
  { scale, fraction }: NeuronQuantization,
  size: number,
  worth: ArrayLike<number> | undefined,
): (value: number, neuron: number) => number {
  return (value, neuron) => (value * valueFor(scale, neuron, size) * 2 ** -fraction) / (worth?.[neuron] ?? 1);
}

/** Width of the sums of arrivals: 16 where it is proved that every one of them fits. */
export function sumBitsOf(largestSums: Float64Array): 16 | 32 {
  return largestSums.every((sum) => sum <= LARGEST_INT16) ? 16 : 32;
}

/**
 * The largest magnitude of an input to which every bias can be added within 16 bits. Below 0: there is none, or a spike
 * may take a membrane beyond the format, or kernels that work in 16 bits cannot shift or count so far.
 */
function headroomOf({ membraneBits, fraction, bias, threshold, subtract }: NeuronQuantization, length: number): number {
  if (membraneBits !== 16 || Math.abs(fraction) >= 16 || length > MOST_COUNTED) return -1;
  const stays = subtract?.every((step, i) => step >= 0 && threshold![i]! + 1 - step >= SMALLEST_INT16) ?? true;
  return stays ? headroom.withoutBias - bias.reduce((most, each) => Math.max(most, Math.abs(each)), 0) : -1;
}

/**
 * Whether a bound B on every membrane of 32 bits is proved: what a leak leaves of B and the largest input together stay
 * within B, and so does what a spike leaves. One bit is left over, and 2^F fits 16 bits, so that kernels may multiply
 * in halves.
 */
function neverSaturates(
  { membraneBits, fraction, decay, bias, initial, reset, subtract, threshold, minimum, current }: NeuronQuantization,
  largestSums: Float64Array,
): boolean {
  if (membraneBits === 16 || current !== undefined || threshold === undefined) return false;
  if (fraction > LARGEST_SHIFT_IN_HALVES) return false;
  return largestSums.every((sum, i) => {
    const factor = Math.abs(decay[i]!) / 2 ** 15;
    const drive = sum * 2 ** fraction + Math.abs(bias[i]!) + 2;
    const step = subtract?.[i] ?? 0;
    const after = reset?.[i] ?? Math.abs(threshold[i]!) + step;
    const bound = Math.max(drive / (1 - factor), Math.abs(initial[i]!), Math.abs(after), Math.abs(minimum?.[i] ?? 0));
    return decay[i]! >= 0 && factor < 1 && step >= 0 && bound < 2 ** 30 - 1;
  });
}

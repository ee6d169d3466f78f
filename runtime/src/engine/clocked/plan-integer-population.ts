import { inputGain, linearDynamics, type NeuronQuantization } from '@spikewire/models';
import { encode, type InstructionName, populationFlags } from './instructions.ts';
import type { PlannedPopulation, PopulationSite } from './number-form.ts';
import { PopulationMemory } from './population-memory.ts';
import type { StateVariable } from './program.ts';

const LARGEST_INT16 = 32767;

/** The threshold of neurons that do not exist: no membrane is above. */
const NEVER = 2 ** 31 - 1;

/** Lays out a population in whole numbers with the constants of the model, and the largest sums that can arrive. */
export function planIntegerPopulation(
  site: PopulationSite,
  constants: NeuronQuantization,
  largestSums: Float64Array,
): PlannedPopulation {
  const { memory, node, place, layout, list, accumulator } = site;
  const { membraneBits, decay, bias, threshold, minimum, current, fraction, handOn, scale } = constants;
  const dynamics = linearDynamics(node);
  const { firing } = dynamics;
  const { currentWorth } = inputGain(dynamics);
  const rests = firing?.refractorySteps.some((steps) => steps > 0) ?? false;
  const reset = firing?.reset === 'subtract' ? constants.subtract : constants.reset;
  const parameters = new PopulationMemory(memory, layout, [
    ...[decay, bias, threshold, reset, minimum],
    ...[current?.decay, current?.gain, current?.bias, firing?.refractorySteps],
  ]);
  const state = new Map<string, StateVariable>();
  const variable = (name: string, format: 'int16' | 'int32', start: ArrayLike<number>, worth?: Float64Array) => {
    const address = memory[format](layout.arrange(start));
    const real = (value: number, i: number) => (value * scale[i]! * 2 ** -fraction) / (worth?.[i] ?? 1);
    const inUnits = name === 'refractory' ? {} : { real };
    state.set(name, { address, format, length: layout.length, layout, resets: true, ...inUnits });
    return address;
  };
  const sumBits = sumBitsOf(largestSums);
  const membranes = membraneBits === 16 ? 'int16' : 'int32';
  const saturated = memory.reserve(16);
  const name = `stepMembranes${membraneBits}Sums${sumBits}` satisfies InstructionName;
  const instruction = encode(name, {
    accumulator,
    membrane: variable('v', membranes, constants.initial),
    length: layout.length,
    period: parameters.period,
    list: list.descriptor,
    flags:
      (firing ? populationFlags.firing : 0) |
      (rests ? populationFlags.refractory : 0) |
      (minimum ? populationFlags.minimum : 0) |
      (current ? populationFlags.current : 0) |
      (firing?.reset === 'subtract' ? populationFlags.subtract : 0) |
      (firing?.spikesPerStep === 'many' ? populationFlags.many : 0) |
      (neverSaturates(constants, largestSums) ? populationFlags.neverSaturates : 0),
    fraction,
    handOn: handOn ?? 0,
    decay: parameters.int32(decay),
    gain: 0,
    bias: parameters.int32(bias),
    threshold: parameters.int32(threshold, NEVER),
    reset: parameters.int32(reset),
    minimum: parameters.int32(minimum),
    refractory: rests ? variable('refractory', 'int32', new Int32Array(layout.size)) : 0,
    refractorySteps: rests ? parameters.int32(firing?.refractorySteps) : 0,
    current: current ? variable('i', membranes, current.initial, currentWorth) : 0,
    currentDecay: parameters.int32(current?.decay),
    currentGain: parameters.int32(current?.gain),
    currentBias: parameters.int32(current?.bias),
    saturated,
    map: site.map,
  });
  state.set('saturated', { address: saturated, format: 'float64', length: 2, resets: false });
  return { plan: { place, list, spikes: firing !== undefined, state }, instruction };
}

/** Width of the sums of arrivals: 16 where it is proved that every one of them fits. */
export function sumBitsOf(largestSums: Float64Array): 16 | 32 {
  return largestSums.every((sum) => sum <= LARGEST_INT16) ? 16 : 32;
}

/**
 * Whether a bound B on every membrane is proved: what a leak leaves of B and the largest input together stay within B, and so does
 * what a spike leaves. Of 32 bits one is left over, so that kernels may multiply in halves.
 */
function neverSaturates(
  { membraneBits, fraction, decay, bias, initial, reset, subtract, threshold, minimum, current }: NeuronQuantization,
  largestSums: Float64Array,
): boolean {
  if (current !== undefined || threshold === undefined) return false;
  return largestSums.every((sum, i) => {
    const left = Math.abs(decay[i]!) / 2 ** 15;
    const drive = sum * 2 ** fraction + Math.abs(bias[i]!) + 2;
    const step = subtract?.[i] ?? 0;
    const after = reset?.[i] ?? Math.abs(threshold[i]!) + step;
    const bound = Math.max(drive / (1 - left), Math.abs(initial[i]!), Math.abs(after), Math.abs(minimum?.[i] ?? 0));
    return decay[i]! >= 0 && left < 1 && step >= 0 && bound < 2 ** (membraneBits === 32 ? 30 : 15) - 1;
  });
}

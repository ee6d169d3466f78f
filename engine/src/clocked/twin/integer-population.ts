import { MANY_SPIKES } from '@spikewire/models';
import { multiplyQ15InLanes } from '../../integer-arithmetic.ts';
import { type IntegerPopulationOperands, populationFlags } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { type NeuronStep, stepPopulation } from './population.ts';

/** Membranes and sums of a population in whole numbers. */
export interface IntegerFormats {
  readonly membranes: Int16Array | Int32Array;
  readonly sums: Int16Array | Int32Array;
}

/** The step of a population in whole numbers: the text of the integer form. */
export function stepIntegers(
  memory: MemoryViews,
  formats: IntegerFormats,
  operands: IntegerPopulationOperands,
): () => void {
  return stepPopulation(memory, memory.int32, operands, neuronStep(memory, formats, operands));
}

function neuronStep(memory: MemoryViews, formats: IntegerFormats, operands: IntegerPopulationOperands): NeuronStep {
  const { flags, fraction, handOn } = operands;
  const { membranes } = formats;
  const bits = 8 * membranes.BYTES_PER_ELEMENT;
  /** Constants have the width of membranes; what may be larger has 32 bits. */
  const constants = bits === 16 ? memory.int16 : memory.int32;
  const from = (address: number) => constants.subarray(address / constants.BYTES_PER_ELEMENT);
  const wide = (address: number) => memory.int32.subarray(address / 4);
  const sums = formats.sums.subarray(operands.accumulator / formats.sums.BYTES_PER_ELEMENT);
  const v = membranes.subarray(operands.membrane / membranes.BYTES_PER_ELEMENT);
  const current = membranes.subarray(operands.current / membranes.BYTES_PER_ELEMENT);
  const [decay, bias, threshold] = [from(operands.decay), wide(operands.bias), from(operands.threshold)];
  const [reset, minimum, maximum] = [from(operands.reset), from(operands.minimum), from(operands.maximum)];
  const [refractory, refractorySteps] = [wide(operands.refractory), wide(operands.refractorySteps)];
  const [currentDecay, currentGain] = [from(operands.currentDecay), from(operands.currentGain)];
  const currentBias = wide(operands.currentBias);
  const saturated = memory.float64.subarray(operands.saturated / 8);

  /** By a decay or a gain: 2^15 stands as −2^15 in 16 bits. */
  const multiply = (value: number, factor: number) =>
    multiplyQ15InLanes(value, bits === 16 && factor === -32768 ? 32768 : factor);

  const enter = (position: number, entry: number, arrived: number) => {
    const drive = fraction >= 0 ? arrived << fraction : shiftRight(arrived, -fraction);
    if (!(flags & populationFlags.current)) return drive;
    const decayed = multiply(current[position]!, currentDecay[entry]!);
    current[position] = saturate(saturated, decayed + drive + currentBias[entry]!, bits);
    return multiply(current[position]!, currentGain[entry]!);
  };

  const hold = (x: number, entry: number) => (flags & populationFlags.minimum ? Math.max(x, minimum[entry]!) : x);

  return (position, entry) => {
    const drive = enter(position, entry, sums[position]!);
    sums[position] = 0;
    if (flags & populationFlags.refractory && refractory[position]! > 0) {
      refractory[position]! -= 1;
      return 0;
    }
    const decayed = multiply(v[position]!, decay[entry]!);
    const integrated = saturate(saturated, decayed + drive + bias[entry]!, bits);
    v[position] = integrated;
    const floored = hold(integrated, entry);
    if (!(flags & populationFlags.firing)) {
      const handedOn = flags & populationFlags.maximum ? Math.min(floored, maximum[entry]!) : floored;
      return saturate(saturated, shiftRight(handedOn, handOn), 8);
    }
    const spikes = spikesOf(flags, floored - threshold[entry]!, reset[entry]!);
    v[position] = floored;
    if (spikes === 0) return 0;
    const lower = () => saturate(saturated, floored - spikes * reset[entry]!, bits);
    v[position] = hold(flags & populationFlags.subtract ? lower() : reset[entry]!, entry);
    if (flags & populationFlags.refractory) refractory[position] = refractorySteps[entry]!;
    return spikes;
  };
}

function spikesOf(flags: number, above: number, step: number): number {
  if (above <= 0) return 0;
  if (!(flags & populationFlags.many)) return 1;
  return step > 0 ? Math.min(MANY_SPIKES, Math.ceil(above / step)) : MANY_SPIKES;
}

/** (x + 2^(bits−1)) >> bits without the overflow of that sum. */
export function shiftRight(x: number, bits: number): number {
  return (x >> bits) + ((x >> (bits - 1)) & 1);
}

/** Holds a number within a format and counts it in [upper, lower end] if it had to. */
export function saturate(counts: Float64Array, value: number, bits: number): number {
  const limit = 2 ** (bits - 1);
  if (value >= limit) {
    counts[0]! += 1;
    return limit - 1;
  }
  if (value < -limit) {
    counts[1]! += 1;
    return -limit;
  }
  return value;
}

import { clamped } from '../kernels/float-numbers.ts';
import { type PopulationOperands, populationFlags } from '../kernels/instructions.ts';
import { mostSpikes } from '../kernels/kernel-constants.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { type NeuronStep, stepPopulation } from './population.ts';

const { fround } = Math;

/** The step of a population in float32; its sums are real numbers, or whole ones in units that the gain knows. */
export function stepFloats(
  memory: MemoryViews,
  sums: Int16Array | Int32Array | Float32Array,
  operands: PopulationOperands,
): () => void {
  const arrivals = sums.subarray(operands.accumulator / sums.BYTES_PER_ELEMENT);
  return stepPopulation(memory, memory.float32, operands, neuronStep(memory, arrivals, operands));
}

function neuronStep(
  { float32, int32 }: MemoryViews,
  sums: Int16Array | Int32Array | Float32Array,
  operands: PopulationOperands,
): NeuronStep {
  const { flags } = operands;
  const from = (address: number) => float32.subarray(address / 4);
  const [v, current] = [from(operands.membrane), from(operands.current)];
  const [decay, gain, bias] = [from(operands.decay), from(operands.gain), from(operands.bias)];
  const [currentDecay, currentGain] = [from(operands.currentDecay), from(operands.currentGain)];
  const currentBias = from(operands.currentBias);
  const [threshold, reset, minimum] = [from(operands.threshold), from(operands.reset), from(operands.minimum)];
  const refractory = int32.subarray(operands.refractory / 4);
  const refractorySteps = int32.subarray(operands.refractorySteps / 4);

  const enter = (position: number, entry: number, arrived: number) => {
    if (!(flags & populationFlags.current)) return arrived;
    const decayed = fround(currentDecay[entry]! * current[position]!);
    const driven = fround(decayed + fround(currentGain[entry]! * arrived));
    current[position] = clamped(fround(driven + currentBias[entry]!));
    return current[position]!;
  };

  const hold = (x: number, entry: number) => (flags & populationFlags.minimum ? Math.max(x, minimum[entry]!) : x);

  return (position, entry) => {
    const drive = enter(position, entry, sums[position]!);
    sums[position] = 0;
    if (flags & populationFlags.refractory && refractory[position]! > 0) {
      refractory[position]! -= 1;
      return 0;
    }
    const driven = fround(fround(decay[entry]! * v[position]!) + fround(gain[entry]! * drive));
    const integrated = clamped(fround(driven + bias[entry]!));
    v[position] = integrated;
    if (!(flags & populationFlags.firing)) return integrated;
    const floored = hold(integrated, entry);
    const spikes = spikesOf(flags, floored, threshold[entry]!, reset[entry]!);
    v[position] = floored;
    if (spikes === 0) return 0;
    const after = flags & populationFlags.subtract ? fround(floored - fround(spikes * reset[entry]!)) : reset[entry]!;
    v[position] = hold(after, entry);
    if (flags & populationFlags.refractory) refractory[position] = refractorySteps[entry]!;
    return spikes;
  };
}

/** With `many`, as many spikes as bring the membrane back to the threshold; `step` is what each takes away, above 0. */
function spikesOf(flags: number, v: number, threshold: number, step: number): number {
  const atThreshold = (flags & populationFlags.atThreshold) !== 0;
  if (atThreshold ? v < threshold : v <= threshold) return 0;
  if (!(flags & populationFlags.many)) return 1;
  const multiples = fround(fround(v - fround(threshold - step)) / step);
  const spikes = atThreshold ? Math.floor(multiples) : fround(Math.ceil(multiples) - 1);
  return Math.min(mostSpikes.float, Math.max(1, spikes));
}

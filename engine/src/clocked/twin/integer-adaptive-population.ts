import { multiplyQ15InLanes } from '../../integer-arithmetic.ts';
import { type AdaptingPopulationOperands, populationFlags } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { type IntegerFormats, saturate, shiftRight } from './integer-population.ts';
import { type NeuronStep, stepPopulation } from './population.ts';

/** The step of a population in whole numbers whose thresholds adapt: the text of the integer form. */
export function stepAdaptiveIntegers(
  memory: MemoryViews,
  formats: IntegerFormats,
  operands: AdaptingPopulationOperands,
): () => void {
  return stepPopulation(memory, memory.int32, operands, neuronStep(memory, formats, operands));
}

function neuronStep(
  memory: MemoryViews,
  { membranes, sums }: IntegerFormats,
  operands: AdaptingPopulationOperands,
): NeuronStep {
  const { flags, fraction, thetaFraction } = operands;
  const bits = 8 * membranes.BYTES_PER_ELEMENT;
  const from = (address: number) => memory.int32.subarray(address / 4);
  const arrivals = sums.subarray(operands.accumulator / sums.BYTES_PER_ELEMENT);
  const v = membranes.subarray(operands.membrane / membranes.BYTES_PER_ELEMENT);
  const theta = from(operands.theta);
  const [thetaDecay, thetaRise] = [from(operands.thetaDecay), from(operands.thetaRise)];
  const [decay, bias, threshold] = [from(operands.decay), from(operands.bias), from(operands.threshold)];
  const [reset, minimum] = [from(operands.reset), from(operands.minimum)];
  const [refractory, refractorySteps] = [from(operands.refractory), from(operands.refractorySteps)];
  const saturated = memory.float64.subarray(operands.saturated / 8);
  const hold = (x: number, entry: number) => (flags & populationFlags.minimum ? Math.max(x, minimum[entry]!) : x);

  return (position, entry) => {
    const arrived = arrivals[position]!;
    arrivals[position] = 0;
    const fallen = multiplyQ15InLanes(theta[position]!, thetaDecay[entry]!);
    theta[position] = fallen;
    if (flags & populationFlags.refractory && refractory[position]! > 0) {
      refractory[position]! -= 1;
      return 0;
    }
    const entering = fraction >= 0 ? arrived << fraction : shiftRight(arrived, -fraction);
    const decayed = multiplyQ15InLanes(v[position]!, decay[entry]!);
    const integrated = hold(saturate(saturated, decayed + entering + bias[entry]!, bits), entry);
    v[position] = integrated;
    const raised = fallen >> thetaFraction;
    if (integrated <= threshold[entry]! + raised) return 0;
    const lower = () => saturate(saturated, integrated - reset[entry]! - raised, bits);
    v[position] = hold(flags & populationFlags.subtract ? lower() : reset[entry]!, entry);
    theta[position] = saturate(saturated, fallen + thetaRise[entry]!, 32);
    if (flags & populationFlags.refractory) refractory[position] = refractorySteps[entry]!;
    return 1;
  };
}

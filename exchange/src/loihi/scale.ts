import type { Population } from '../net/net.ts';
import type { Extremes } from './arrivals.ts';
import { ARRIVING, BIAS, DECAY, SCALE, STATE, THRESHOLD_MANTISSA, WEIGHT } from './chip.ts';
import type { Drive } from './drive.ts';

/**
 * Units of the chip for 1 of a membrane, larger ones first: the largest weight is the last step of its 8 bits, and
 * threshold and bias have registers that hold them. At most 15; none where a threshold or bias is too large beside the
 * weights.
 */
export function* scalesOf(population: Population, drive: Drive): Generator<number> {
  const largest = drive.connections.reduce((most, each) => Math.max(most, largestOf(each)), 0);
  const limit = mostOf(population, drive);
  if (largest === 0) yield Math.min(limit, WITHOUT_WEIGHTS);
  for (let exponent = WEIGHT.exponent; largest > 0 && exponent >= -WEIGHT.exponent; exponent--) {
    const scale = (WEIGHT.steps * SCALE * 2 ** (exponent + WEIGHT.shift)) / largest;
    if (scale <= limit) yield scale;
  }
}

/** Of a population that only its bias drives. */
const WITHOUT_WEIGHTS = 2 ** 20;

function largestOf({ weights, gains }: Drive['connections'][number]): number {
  return gains.reduce((most, gain, k) => Math.max(most, Math.abs(gain * weights[k]!)), 0);
}

/** The largest scale with which registers hold all thresholds and biases. */
function mostOf({ linear, firing, neurons }: Population, { bias }: Drive): number {
  let limit = Number.POSITIVE_INFINITY;
  for (let n = 0; n < neurons; n++) {
    const { threshold, resetValue } = firing!;
    const steady = Math.abs(linear!.bias[n]! - (1 - linear!.decay[n]!) * resetValue[n]! + bias[n]!);
    limit = Math.min(limit, (BIAS.mantissa * 2 ** BIAS.exponent) / steady);
    limit = Math.min(limit, (THRESHOLD_MANTISSA * SCALE) / Math.max(0, threshold[n]! - resetValue[n]!));
  }
  return limit;
}

/** Whether neither the sum of a step, nor a current, nor what a membrane gains can wrap, whatever spikes. */
export function cannotWrap({ most, least }: Extremes, decayU: Float64Array, bias: Float64Array): boolean {
  return most.every((sum, n) => {
    const arriving = Math.max(sum, -least[n]!);
    return arriving < ARRIVING && (arriving * DECAY) / decayU[n]! + Math.abs(bias[n]!) < STATE;
  });
}

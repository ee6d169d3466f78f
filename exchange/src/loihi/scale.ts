import type { Population } from '../net/net.ts';
import type { Extremes } from './arrivals.ts';
import { DECAY, LARGEST_BIAS, SCALE, THRESHOLD_MANTISSA, WEIGHT } from './chip.ts';
import type { Drive } from './drive.ts';

/**
 * Units of the chip for 1 of a membrane, larger ones first: the largest weight is the last step of its 8 bits, and
 * threshold and bias have registers that hold them. At most 15; only the smallest where a threshold or bias is too
 * large beside the weights.
 */
export function* scalesOf(population: Population, drive: Drive): Generator<number> {
  const largest = drive.connections.reduce((most, each) => Math.max(most, largestOf(each)), 0);
  const limit = mostOf(population, drive);
  if (largest === 0) yield Math.min(limit, WITHOUT_WEIGHTS);
  for (let exponent = WEIGHT.exponent; largest > 0 && exponent >= -WEIGHT.exponent; exponent--) {
    const scale = (WEIGHT.steps * SCALE * 2 ** (exponent + WEIGHT.shift)) / largest;
    if (scale <= limit || exponent === -WEIGHT.exponent) yield scale;
  }
}

/** Of a population that only its bias drives. */
const WITHOUT_WEIGHTS = 2 ** 20;

function largestOf({ weights, gains }: Drive['connections'][number]): number {
  return gains.reduce((most, gain, k) => Math.max(most, Math.abs(gain * weights[k]!)), 0);
}

/** The largest scale with which registers hold all thresholds and biases. */
function mostOf(population: Population, drive: Drive): number {
  const { threshold, bias } = constantsAt(population, drive, 1);
  return Math.min(THRESHOLD_MANTISSA / threshold, LARGEST_BIAS / bias);
}

/** The largest threshold, in steps of 64, and bias of a population, in units of the chip. */
export function constantsAt({ linear, firing, neurons }: Population, drive: Drive, scale: number) {
  const { threshold, resetValue } = firing!;
  const most = { threshold: 0, bias: 0 };
  for (let n = 0; n < neurons; n++) {
    const steady = linear!.bias[n]! - (1 - linear!.decay[n]!) * resetValue[n]! + drive.bias[n]!;
    most.threshold = Math.max(most.threshold, (scale * (threshold[n]! - resetValue[n]!)) / SCALE);
    most.bias = Math.max(most.bias, scale * Math.abs(steady));
  }
  return most;
}

/** What may add up in a neuron at most, in units of the chip. */
interface Sums {
  /** In one step. */
  readonly arriving: number;
  /** Of a current that lasts, and a bias. */
  readonly driven: number;
}

export function sumsOf({ most, least }: Extremes, decayU: Float64Array, bias: Float64Array): Sums {
  let [arriving, driven] = [0, 0];
  most.forEach((sum, n) => {
    const own = Math.max(sum, -least[n]!);
    arriving = Math.max(arriving, own);
    driven = Math.max(driven, (own * DECAY) / decayU[n]! + Math.abs(bias[n]!));
  });
  return { arriving, driven };
}

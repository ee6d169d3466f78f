import type { AdaptationQuantization, NeuronQuantization } from '../model/quantization.ts';
import type { ResolvedNode } from '../resolve/resolve.ts';
import { unsupported } from './afferent.ts';
import { fitsSums } from './integer-form.ts';
import type { PopulationDynamics } from './real-units.ts';
import { roundHalfEven } from './rounding.ts';

const ONE = 2 ** 15;
/** F of a 32-bit membrane is at most this: more fraction bits gain nothing beside weights of 8 bits. */
const LARGEST_FRACTION = 8;
const SMALLEST_FRACTION = -30;
/** E is at most this: however slowly, a threshold then falls back to within half a unit of a membrane. */
const LARGEST_EXTRA_FRACTION = 15;
const LARGEST_SUM = 2 ** 31;

export interface ConstantsSite {
  readonly node: ResolvedNode;
  readonly membraneBits: 16 | 32;
  readonly dynamics: PopulationDynamics;
  /** u, per neuron: what one unit of x adds to the membrane, or to the current where there is one. */
  readonly scale: Float64Array;
  /** Real worth of j in units of the membrane's: 1, or more where the current's gain is above 1. */
  readonly currentWorth: Float64Array;
  /** Σ|q|·2^h·n_max, per neuron. */
  readonly largestSums: Float64Array;
  /** Real biases of the connections before, times the input gain. */
  readonly bias: Float64Array;
  /** Units that the membrane must hold besides its threshold: the range of a read-out. */
  readonly rangeUnits: number;
}

/** The constants of a population, with the largest F that its rule allows. */
export function chooseConstants(site: ConstantsSite): NeuronQuantization {
  const start = site.membraneBits === 32 ? LARGEST_FRACTION : site.membraneBits - 3;
  for (let fraction = start; fraction >= SMALLEST_FRACTION; fraction--) {
    const constants = constantsFor(site, fraction);
    if (fits(site, constants)) return constants;
  }
  throw unsupported(
    site.node,
    `has weights too small beside its threshold, or too many inputs, for membranes of ${site.membraneBits} bits`,
    'membraneBits 32, fewer inputs or a smaller range',
  );
}

function constantsFor(site: ConstantsSite, fraction: number): NeuronQuantization {
  const { node, membraneBits, dynamics, scale, rangeUnits } = site;
  const { firing, current, adaptation } = dynamics;
  const minimum = firing?.minimum ?? dynamics.floor;
  const inUnits = (values: Float64Array) => wholeUnits(values, scale, fraction);
  const ofMembrane = (values: Float64Array) => inUnits(values).map((value) => limited(value, largest));
  const ofBit15 = (factors: Float64Array, what: string) =>
    Int32Array.from(factors, (factor) => {
      if (Math.abs(factor) > 1) throw unsupported(node, `multiplies its ${what} by ${factor}`, 'a factor in −1…1');
      return Math.max(1 - ONE, roundHalfEven(factor * ONE));
    });
  const largest = 2 ** (membraneBits - 1) - 1;
  const steps = firing?.threshold.map((theta, i) => theta - firing.resetValue[i]!);
  return {
    membraneBits,
    scale,
    fraction,
    decay: ofBit15(dynamics.decay, 'membrane'),
    bias: inUnits(dynamics.bias.map((value, i) => value + (current ? 0 : site.bias[i]!))),
    initial: inUnits(dynamics.initial.v!),
    ...(firing && {
      threshold: Int32Array.from(firing.threshold, (theta, i) =>
        thresholdFor(theta * 2 ** fraction, scale[i]!, firing.comparison),
      ),
    }),
    ...(firing?.reset === 'value' && { reset: inUnits(firing.resetValue) }),
    // A step that is not nothing must not be rounded to nothing: `many` divides by it.
    ...(firing?.reset === 'subtract' && { subtract: inUnits(steps!).map((s, i) => s || Math.sign(steps![i]!)) }),
    ...(minimum && { minimum: ofMembrane(minimum) }),
    ...(dynamics.ceiling && { maximum: ofMembrane(dynamics.ceiling) }),
    ...(current && {
      current: {
        decay: ofBit15(current.decay, 'current'),
        gain: ofBit15(
          dynamics.gain.map((gain, i) => gain / site.currentWorth[i]!),
          'current into the membrane',
        ),
        bias: inUnits(site.bias),
        initial: inUnits((dynamics.initial.i ?? site.bias.map(() => 0)).map((j, i) => j * site.currentWorth[i]!)),
      },
    }),
    ...(adaptation && { adaptation: adaptationFor(site, fraction, ofBit15(adaptation.decay, 'adaptation')) }),
    ...(firing === undefined && { handOn: handOnShift(rangeUnits * 2 ** fraction) }),
  };
}

/**
 * k, the largest v for which v·u does not yet reach `theta` = θ·2^F, so that v > k is the comparison of the real
 * numbers.
 */
function thresholdFor(theta: number, unit: number, comparison: 'gt' | 'ge'): number {
  if (Math.abs(theta / unit) >= LARGEST_SUM) return limited(theta / unit, LARGEST_SUM);
  const reaches = (v: number) => (comparison === 'gt' ? v * unit > theta : v * unit >= theta);
  let k = Math.floor(theta / unit);
  while (reaches(k)) k--;
  while (!reaches(k + 1)) k++;
  return k;
}

/** g ≥ 1, with which `largest` is handed on within 8 bits. */
function handOnShift(largest: number): number {
  let shift = 1;
  while (Math.floor((largest + 2 ** (shift - 1)) / 2 ** shift) > 127) shift++;
  return shift;
}

function fits(site: ConstantsSite, constants: NeuronQuantization): boolean {
  const { membraneBits, largestSums, rangeUnits } = site;
  const { fraction, threshold, reset, subtract, initial, bias, current, adaptation } = constants;
  const limit = 2 ** (membraneBits - 1) - 1;
  const within = (values: Int32Array | undefined, limit: number) =>
    values === undefined || values.every((value) => Math.abs(value) <= limit);
  const driven = current?.bias ?? bias;
  return (
    within(threshold, 2 ** (membraneBits - 3)) &&
    (adaptation === undefined || raisedUnits(site, fraction).every((units) => units <= 2 ** (membraneBits - 3))) &&
    [reset, subtract, initial, current?.initial].every((values) => within(values, limit)) &&
    within(bias, LARGEST_SUM - 2) &&
    rangeUnits * 2 ** fraction <= 2 ** (membraneBits - 3) &&
    largestSums.every((sum, i) => fitsSums(sum, fraction, driven[i]!))
  );
}

/**
 * With the largest E that leaves a threshold room to rise to four times where its first spike takes it: how far others
 * take it depends on what drives the neuron.
 */
function adaptationFor(site: ConstantsSite, fraction: number, decay: Int32Array): AdaptationQuantization {
  const { rise, initial } = site.dynamics.adaptation!;
  const raised = raisedUnits(site, fraction);
  let extra = LARGEST_EXTRA_FRACTION;
  while (extra > 0 && raised.some((units) => units * 2 ** extra > LARGEST_SUM / 4)) extra--;
  const inUnits = (values: Float64Array) => wholeUnits(values, site.scale, fraction + extra);
  return { fraction: extra, decay, rise: inUnits(rise), initial: inUnits(initial) };
}

function raisedUnits({ dynamics, scale }: ConstantsSite, fraction: number): Float64Array {
  return raisedThresholds(dynamics).map((theta, i) => (theta / scale[i]!) * 2 ** fraction);
}

/** Sizes of the thresholds, those that adapt after a spike in the first step. */
export function raisedThresholds({ firing, adaptation }: PopulationDynamics): Float64Array {
  const { rise, initial } = adaptation ?? {};
  return firing!.threshold.map((theta, i) => Math.abs(theta) + Math.abs(rise?.[i] ?? 0) + Math.abs(initial?.[i] ?? 0));
}

function wholeUnits(values: Float64Array, scale: Float64Array, fraction: number): Int32Array {
  return Int32Array.from(values, (value, i) =>
    limited(roundHalfEven((value / scale[i]!) * 2 ** fraction), LARGEST_SUM),
  );
}

/** Held within ±limit, and within 32 bits; what is held there does not fit and makes F smaller. */
function limited(value: number, limit: number): number {
  const largest = Math.min(limit, LARGEST_SUM - 1);
  return Math.max(-largest, Math.min(largest, value));
}

// What populations of all number formats share: places of an instruction's operands, what a population has, and its sums.

export const ACCUMULATOR = 0;
export const MEMBRANE = 1;
export const LENGTH = 2;
/** After how many neurons the parameters repeat; a multiple of 16 that the length is a multiple of. */
export const PERIOD = 3;
export const LIST = 4;
export const FLAGS = 5;
/** F of the integer form. */
export const FRACTION = 6;
/** g of a read-out of the integer form. */
export const HAND_ON = 7;
export const DECAY = 8;
/** Gain of the input in real numbers, of the current in both forms. */
export const GAIN = 9;
export const BIAS = 10;
export const THRESHOLD = 11;
/** Value after a spike, or what a spike takes away. */
export const RESET = 12;
export const MINIMUM = 13;
export const REFRACTORY = 14;
export const REFRACTORY_STEPS = 15;
export const CURRENT = 16;
export const CURRENT_DECAY = 17;
export const CURRENT_GAIN = 18;
export const CURRENT_BIAS = 19;
/** Two float64 counts of saturations: at the upper end, at the lower end. */
export const SATURATED = 20;
/** A byte for every neuron, 255 where it spikes; 0 for none. Only where neurons are stepped in lanes. */
export const MAP = 21;
/** What each threshold is raised by: a of the integer form, with E, C and d; only where thresholds adapt. */
export const THETA = 22;
export const THETA_FRACTION = 23;
export const THETA_DECAY = 24;
export const THETA_RISE = 25;
/**
 * Where they do not, and membranes have 16 bits: the largest magnitude of a shifted sum to which every bias can be added within 16
 * bits; a spike then takes no membrane beyond them. Below 0: there is none.
 */
export const HEADROOM = 22;

export const HAS_FIRING = 1;
export const HAS_REFRACTORY = 2;
export const HAS_MINIMUM = 4;
export const HAS_CURRENT = 8;
export const RESETS_BY_SUBTRACTION = 16;
export const SPIKES_MANY = 32;
/** A spike at v ≥ θ; real numbers only. */
export const SPIKES_AT_THRESHOLD = 64;
/**
 * No membrane can leave its format, whatever arrives: those of 32 bits need 31 at most, no decay is negative, and F is at most 14. Of
 * real numbers, which take whole sums then: none comes to their bounds.
 */
export const NEVER_SATURATES = 128;
/** All neurons have the same constants, which are there sixteen times; real numbers only. */
export const ALIKE = 256;
/** All neurons have one decay, below 1. Membranes of 16 bits only. */
export const LEAKS_ALIKE = 512;

/** Sixteen sums are zero again. */
// @ts-ignore: decorator
@inline
export function clear<X>(sums: usize): void {
  const zero = i32x4.splat(0);
  v128.store(sums, zero);
  v128.store(sums, zero, 16);
  if (sizeof<X>() == 4) {
    v128.store(sums, zero, 32);
    v128.store(sums, zero, 48);
  }
}

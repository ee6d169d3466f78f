import { roundHalfEven } from '@spikewire/models';
import { SCALE, WEIGHT } from './chip.ts';

/** How a synapse holds its weight. */
export interface WeightFormat {
  /** 1 … 6, or 8. */
  readonly bits: number;
  /** Weights of both signs, at the cost of a bit. */
  readonly isMixed: boolean;
  /** −7 … 7. */
  readonly exponent: number;
}

/**
 * What a spike adds to the sum of arrivals for a weight w, a real number in the range of 8 bits (±255, or ±256 with
 * both signs): w in steps of 2^(8 − bits), with both signs twice that, half to even; times 2^exponent, times 2^6
 * (nengo-loihi e564f66, builder/discretize.py).
 */
export function weightRegister(w: number, { bits, isMixed, exponent }: WeightFormat): number {
  const lost = WEIGHT.bits - bits + (isMixed ? 1 : 0);
  const most = 2 ** (WEIGHT.bits - lost) - 1;
  const shift = lost + exponent;
  const steps = clipped(roundHalfEven(w / 2 ** lost), most);
  if (shift >= 0) return steps * 2 ** shift * SCALE;
  const whole = clipped(roundHalfEven(steps * 2 ** shift) * 2 ** -shift, most);
  return Math.floor(whole * 2 ** shift) * SCALE;
}

function clipped(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}

/** What w = 1 adds: the unit in which weights are given to `weightRegister`. */
export function weightUnit({ exponent }: WeightFormat): number {
  return SCALE * 2 ** exponent;
}

/** The format of 8 bits that holds weights up to `largest`, in what a spike adds, with the least error. */
export function formatFor(largest: number, isMixed: boolean): WeightFormat {
  const steps = isMixed ? 2 * WEIGHT.steps : 2 ** WEIGHT.bits - 1;
  // A weight of half a step more is still rounded to the largest.
  const exponent = largest === 0 ? 0 : Math.ceil(Math.log2(largest / (SCALE * (steps + 0.49))));
  const inRange = Math.min(WEIGHT.exponent, Math.max(-WEIGHT.exponent, exponent));
  return { bits: WEIGHT.bits, isMixed, exponent: inRange };
}

import type { NetworkCounters } from './engine.ts';

/** The exact primitives of the integer form (docs/semantics.md §2). All arguments and results are whole numbers. */

/** (v·a + 2^14) >> 15 for v of 32 bits and |a| ≤ 2^15: the product stays below 2^47, exact in a double. */
export function multiplyQ15(v: number, a: number): number {
  return Math.floor((v * a + 16384) / 32768);
}

/** The same in 32-bit lanes, as SIMD kernels compute it; |a| ≤ 2^15, a > −2^15. */
export function multiplyQ15InLanes(v: number, a: number): number {
  return (Math.imul(v >> 15, a) + ((Math.imul(v & 32767, a) + 16384) >> 15)) | 0;
}

/** x << fraction, or for a negative fraction (x + 2^(−fraction−1)) >> −fraction. */
export function shiftToFraction(x: number, fraction: number): number {
  return fraction >= 0 ? x * 2 ** fraction : shiftRight(x, -fraction);
}

/** (x + 2^(bits−1)) >> bits for bits ≥ 1: division by 2^bits, rounded to nearest, ties up. */
export function shiftRight(x: number, bits: number): number {
  return Math.floor((x + 2 ** (bits - 1)) / 2 ** bits);
}

/** Holds numbers within a two's complement format and counts what it had to hold, for the net and for the node. */
export class Saturation {
  /** What this node had held at the [upper, lower] end. */
  readonly counts = new Float64Array(2);
  readonly #net: SaturationCounters;

  constructor(net: SaturationCounters) {
    this.#net = net;
  }

  /** sat_bits(value). */
  saturate(value: number, bits: number): number {
    const limit = 2 ** (bits - 1);
    if (value >= limit) {
      this.counts[0]!++;
      this.#net.saturatedHigh++;
      return limit - 1;
    }
    if (value < -limit) {
      this.counts[1]!++;
      this.#net.saturatedLow++;
      return -limit;
    }
    return value;
  }
}

export type SaturationCounters = Pick<NetworkCounters, 'saturatedHigh' | 'saturatedLow'>;

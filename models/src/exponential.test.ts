import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp } from './exponential.ts';

/** e^x from the series of e^(x/2^k), in halves that are squared again, in whole numbers of 400 bits. */
function exact(x: number): number {
  const bits = 400n;
  const [halvings, scaled] = [24n, BigInt(Math.round(x * 2 ** 40)) << (bits - 40n)];
  const small = scaled >> halvings;
  let [sum, term] = [1n << bits, 1n << bits];
  for (let n = 1n; n < 40n; n++) {
    term = (term * small) >> bits;
    term /= n;
    sum += term;
  }
  for (let k = 0n; k < halvings; k++) sum = (sum * sum) >> bits;
  return Number(sum >> (bits - 200n)) / 2 ** 200;
}

describe('the exponential function', () => {
  it('is right to the last bit but one', () => {
    // Of 40 bits behind the point, so that the number is the same in both.
    const exponents = fc.integer({ min: -20 * 2 ** 40, max: 20 * 2 ** 40 }).map((k) => k / 2 ** 40);
    fc.assert(
      fc.property(exponents, (x) => {
        const value = exact(x);
        expect(Math.abs(exp(x) - value)).toBeLessThanOrEqual(2 ** -52 * value);
      }),
    );
  });

  it.each([
    [0, 0x3ff0000000000000n],
    [1, 0x4005bf0a8b145769n],
    [0.05, 0x3ff0d201a422a433n],
    [-0.05, 0x3fee7078b0a726a6n],
    [-0.001, 0x3feff7cfe56f1a9en],
    [-2.5, 0x3fb50385c094f425n],
    [33.3, 0x42f078401f5a3ec8n],
    [-708.5, 0xe6cf6d08897acn],
  ])('has the bits of fdlibm: exp(%d)', (x, bits) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, exp(x));
    expect(view.getBigUint64(0)).toBe(bits);
  });

  it('leaves the numbers where they end', () => {
    expect([exp(710), exp(-746), exp(Number.POSITIVE_INFINITY), exp(Number.NEGATIVE_INFINITY)]).toEqual([
      ...[Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, 0],
    ]);
    expect(exp(Number.NaN)).toBeNaN();
    expect(exp(-745)).toBe(Number.MIN_VALUE);
  });
});

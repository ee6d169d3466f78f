import { describe, expect, it } from 'vitest';
import { retainedBytes } from './retained-bytes.ts';

describe('heldBytes', () => {
  it('finds arrays in lists, maps and objects, however deep', () => {
    const parts = [{ a: new Float64Array(3) }, new Map([['b', [new Int32Array(2)]]]), null, 'text', 7];
    expect(retainedBytes(parts)).toBe(24 + 8);
  });

  it('counts a buffer whole and once', () => {
    const whole = new Float64Array(10);
    expect(retainedBytes([whole.subarray(0, 2), whole, whole.subarray(5)])).toBe(80);
  });

  it('leaves out the buffers of others', () => {
    const shared = new Float64Array(4);
    expect(retainedBytes([shared, new Uint8Array(3)], [{ deep: [shared.subarray(1)] }])).toBe(3);
  });

  it('ends where things know each other', () => {
    const one: { other?: object; values: Int8Array } = { values: new Int8Array(5) };
    one.other = { one };
    expect(retainedBytes([one])).toBe(5);
  });
});

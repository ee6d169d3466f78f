import { describe, expect, it } from 'vitest';
import { RoundedWeights } from './rounded-weights.ts';
import { weightRow } from './weights.ts';

function rounded() {
  const effective = [0, 0, 0, 0];
  const weights = new RoundedWeights({
    base: Int8Array.of(3, -4, 0, 127),
    rowLength: 2,
    unit: Float64Array.of(0.5, 0.25),
    changed: (k, q) => {
      effective[k] = q;
    },
  });
  return { weights, effective };
}

describe('RoundedWeights', () => {
  it('keeps real weights and hands the engine the nearest q within ±127', () => {
    const { weights, effective } = rounded();
    expect([0, 1, 2, 3].map((k) => weights.read(k))).toEqual([1.5, -2, 0, 31.75]);
    weights.add(0, 0.2);
    weights.add(3, 5);
    expect(effective).toEqual([3, -4, 0, 127]);
    weights.add(0, 0.2);
    weights.addRow({ ...weightRow(), start: 2, count: 2, trace: Float64Array.of(1, -2), factor: 10 });
    expect(weights.read(3)).toBe(16.75);
    expect(effective).toEqual([4, -4, 40, 67]);
    weights.clip(2, -1, 1);
    expect(effective[2]).toBe(4);
  });

  it('goes back to the model, and takes up values written from outside', () => {
    const { weights, effective } = rounded();
    weights.state.value!.view.set([-100, 0.5, 0.125, 0]);
    weights.restored();
    expect(effective).toEqual([-127, 1, 0, 0]);
    weights.restoreBase();
    expect(effective).toEqual([3, -4, 0, 127]);
  });
});

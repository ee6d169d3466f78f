import { describe, expect, it } from 'vitest';
import { interpret } from '../graph/interpret.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { prepared } from '../kinds/kind.ts';
import { optimisers } from './optimisers.ts';

/** A parameter after each of some gradients, from 1. */
function follow(text: string, gradients: readonly number[], rate: number, shape = [1]): number[] {
  const optimiser = prepared('optimiser', optimisers, text);
  const slots = Object.fromEntries(optimiser.slots.map((slot) => [slot, given(slot, shape)]));
  const next = optimiser.update(given('w', shape), slots, given('g', shape), {
    stepSize: given('size', []),
    rate: given('rate', []),
  });
  const program = programOf({ w: next.parameter, ...next.slots });
  const state: Record<string, number> = { w: 1, ...Object.fromEntries(optimiser.slots.map((slot) => [slot, 0])) };
  return gradients.map((g, k) => {
    const inputs = Object.entries({ ...state, g, size: optimiser.stepSize(rate, k + 1), rate });
    const found = interpret(program, new Map(inputs.map(([name, value]) => [name, [value]] as const)));
    for (const [name, value] of found) state[name] = value[0]!;
    return state.w!;
  });
}

describe('optimiser', () => {
  it('adam goes the whole rate against a gradient that stays, however large it is', () => {
    for (const gradient of [0.1, 5]) {
      for (const [k, w] of follow('adam', [gradient, gradient, gradient], 0.1).entries()) {
        expect(w).toBeCloseTo(1 - 0.1 * (k + 1), 4);
      }
    }
  });

  it('adamw takes besides a share of a weight, and nothing of what has one dimension', () => {
    const [plain, decaying] = ['adam', 'adamw:decay=0.5'].map((text) => follow(text, [1], 0.1, [1, 1])[0]!);
    expect(plain! - decaying!).toBeCloseTo(0.1 * 0.5 * 1, 12);
    expect(follow('adamw:decay=0.5', [1], 0.1)).toEqual(follow('adam', [1], 0.1));
  });

  it('sgd goes the rate times the gradient, and keeps a share of its velocity', () => {
    expect(follow('sgd:momentum=0.5', [2, 0, 0], 0.1)).toEqual([
      expect.closeTo(0.8, 12),
      expect.closeTo(0.7, 12),
      expect.closeTo(0.65, 12),
    ]);
  });
});

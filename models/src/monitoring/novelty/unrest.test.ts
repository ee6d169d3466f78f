import { describe, expect, it } from 'vitest';
import { Unrest } from './unrest.ts';

const times = (count: number, act: () => void) => {
  for (let k = 0; k < count; k++) act();
};

describe('unrest after unusual readings', () => {
  it('asks for half as much again at most, and is over after 1500 ordinary readings', () => {
    const unrest = new Unrest();
    expect(unrest.times).toBe(1);
    times(10_000, () => unrest.take(true));
    expect(unrest.times).toBe(1.5);
    times(750, () => unrest.take(false));
    expect(unrest.times).toBe(1.25);
    times(10_000, () => unrest.take(false));
    expect(unrest.times).toBe(1);
  });

  it('is over after five ordinary readings for each unusual one', () => {
    const unrest = new Unrest();
    times(20, () => unrest.take(true));
    times(99, () => unrest.take(false));
    expect(unrest.times).toBeGreaterThan(1);
    unrest.take(false);
    expect(unrest.times).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { drive, intervals } from './drive.ts';

const [a, b, epsilon] = [0.7, 0.8, 0.08];
const hopf = Math.sqrt(1 - epsilon * b);

/** The current that has its fixed point at v. */
const currentAt = (v: number) => (v + a) / b - v + v ** 3 / 3;

/**
 * From just beside the fixed point at v, with its current: how far v goes from it in the last half of 2 s, and the
 * spikes.
 */
function course(v: number, integrate: 'euler' | 'rk4', dtMs: number) {
  const values = { a, b, epsilon, v_initial: v + 0.001, w_initial: (v + a) / b };
  const steps = 2000 / dtMs;
  const answer = drive('FitzHughNagumo', values, { dt: dtMs / 1000, integrate }, steps, () => currentAt(v));
  const away = answer.v.slice(steps / 2).reduce((most, each) => Math.max(most, Math.abs(each - v)), 0);
  return { away, spikes: answer.spikes };
}

describe('FitzHugh–Nagumo', () => {
  // The trace of the linear part, 1 − v² − ε·b, is 0 at the Hopf points ±√(1 − ε·b).
  it.each([
    ['rk4', 0.1],
    ['euler', 0.01],
  ] as const)('%s: a limit cycle between the two Hopf currents, rest outside', (integrate, dtMs) => {
    for (const side of [-1, 1]) {
      const inside = course(side * (hopf - 0.03), integrate, dtMs);
      expect(inside.away).toBeGreaterThan(1.5);
      expect(inside.spikes.length).toBeGreaterThan(20);
      const outside = course(side * (hopf + 0.03), integrate, dtMs);
      expect(outside.away).toBeLessThan(1e-4);
      expect(outside.spikes).toEqual([]);
    }
  });

  it('spikes once in each round, where v crosses the threshold upward', () => {
    const { spikes, v } = drive(
      'FitzHughNagumo',
      { v_threshold: 0.5 },
      { dt: 1e-4, integrate: 'rk4' },
      10_000,
      () => 0.8,
    );
    const crossings = [...v.keys()].filter((t) => t > 0 && v[t - 1]! <= 0.5 && v[t]! > 0.5);
    expect(spikes).toEqual(crossings);
    const gaps = intervals(spikes).slice(3);
    expect(gaps.length).toBeGreaterThan(10);
    for (const gap of gaps) expect(Math.abs(gap - gaps[0]!)).toBeLessThanOrEqual(1);
  });
});

import { describe, expect, it } from 'vitest';
import { collectActive, sparseActivity } from './sparse-activity.ts';
import { Trace } from './trace.ts';

const dt = 0.001;

function runTrace(mode: 'add' | 'set' | 'rate', tau: number, spikes: readonly number[]): number[] {
  const trace = new Trace({ name: 'x', side: 'pre', mode, tau }, 1, dt);
  const active = sparseActivity(1);
  return spikes.map((value) => {
    trace.decay();
    collectActive([value], active);
    trace.takeUp(active);
    return trace.at(0);
  });
}

describe('Trace', () => {
  const keep = Math.exp(-dt / 0.02);

  it('add: a sum of exponentials, one per spike', () => {
    const expected = [1, keep, keep ** 2 + 1, keep ** 3 + keep + 2].map((value) => expect.closeTo(value, 12));
    expect(runTrace('add', 0.02, [1, 0, 1, 2])).toEqual(expected);
  });

  it('set: the exponential of the nearest spike', () => {
    expect(runTrace('set', 0.02, [1, 0, 3, 0])).toEqual([1, keep, 1, keep].map((value) => expect.closeTo(value, 12)));
  });

  it('rate: its mean is the firing rate in Hz', () => {
    const values = runTrace(
      'rate',
      0.02,
      Array.from({ length: 5000 }, (_, t) => (t % 8 === 0 ? 1 : 0)),
    );
    const settled = values.slice(1000);
    expect(settled.reduce((sum, value) => sum + value, 0) / settled.length).toBeCloseTo(125, 6);
  });

  it('rate with τ = 0 is the unfiltered s/dt', () => {
    expect(runTrace('rate', 0, [1, 0, 2])).toEqual([1000, 0, 2000].map((value) => expect.closeTo(value, 9)));
  });

  it('ends in zero and not in subnormal numbers', () => {
    expect(runTrace('add', 0.002, [1, ...new Array(2000).fill(0)]).at(-1)).toBe(0);
  });
});

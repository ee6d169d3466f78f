import { describe, expect, it } from 'vitest';
import { drive, intervals } from './drive.ts';

const dtMs = 0.05;

/** The cells that the paper names, each from the rest that a = b·v allows. */
const cells = {
  RS: { a: 0.02, b: 0.2, c: -65, d: 8 },
  IB: { a: 0.02, b: 0.2, c: -55, d: 4 },
  CH: { a: 0.02, b: 0.2, c: -50, d: 2 },
  FS: { a: 0.1, b: 0.2, c: -65, d: 2 },
  LTS: { a: 0.02, b: 0.25, c: -65, d: 2 },
  TC: { a: 0.02, b: 0.25, c: -65, d: 0.05 },
  RZ: { a: 0.1, b: 0.26, c: -65, d: 2 },
} as const;

/** The stable rest without input: 0.04·v² + (5 − b)·v + 140 = 0. */
function restOf({ b }: { readonly b: number }): number {
  return (-(5 - b) - Math.sqrt((5 - b) ** 2 - 4 * 0.04 * 140)) / 0.08;
}

/** Spike times in ms from rest. */
function spikesOf(name: keyof typeof cells, ms: number, current: (ms: number) => number): number[] {
  const cell = cells[name];
  const v = restOf(cell);
  const values = { ...cell, v_initial: v, u_initial: cell.b * v };
  const semantics = { dt: dtMs / 1000, integrate: 'rk4' } as const;
  const { spikes } = drive('Izhikevich', values, semantics, ms / dtMs, (step) => current(step * dtMs));
  return spikes.map((step) => step * dtMs);
}

/** Runs of spikes that are closer than `gap` ms. */
function burstsOf(times: readonly number[], gap: number): number[] {
  const lengths: number[] = [];
  times.forEach((time, k) => {
    if (k === 0 || time - times[k - 1]! > gap) lengths.push(0);
    lengths[lengths.length - 1]!++;
  });
  return lengths;
}

describe('Izhikevich cells', () => {
  it.each(Object.keys(cells) as (keyof typeof cells)[])('%s rests without input', (name) => {
    expect(spikesOf(name, 500, () => 0)).toEqual([]);
  });

  it('RS adapts: its intervals grow from the first to a steady one', () => {
    const gaps = intervals(spikesOf('RS', 1000, () => 10));
    expect(gaps.at(-1)).toBeGreaterThan(1.5 * gaps[0]!);
    expect(gaps.at(-1)).toBeCloseTo(gaps.at(-2)!, 0);
  });

  it('IB begins with a burst and goes on with single spikes', () => {
    const bursts = burstsOf(
      spikesOf('IB', 1000, () => 10),
      12,
    );
    expect(bursts[0]).toBeGreaterThanOrEqual(2);
    expect(bursts.length).toBeGreaterThan(5);
    expect(bursts.slice(1).every((length) => length === 1)).toBe(true);
  });

  it('CH bursts again and again', () => {
    const bursts = burstsOf(
      spikesOf('CH', 1000, () => 10),
      8,
    );
    expect(bursts.length).toBeGreaterThan(8);
    expect(bursts.slice(0, -1).every((length) => length >= 2)).toBe(true);
  });

  it('FS fires fast and does not adapt', () => {
    const gaps = intervals(spikesOf('FS', 1000, () => 10));
    // Its recovery takes 10 ms; from then on nothing changes.
    for (const gap of gaps.slice(4)) expect(Math.abs(gap / gaps.at(-1)! - 1)).toBeLessThan(0.05);
    expect(gaps.length).toBeGreaterThan(3 * spikesOf('RS', 1000, () => 10).length);
  });

  it('LTS fires at a current that leaves RS silent, and adapts', () => {
    expect(spikesOf('RS', 1000, () => 2)).toEqual([]);
    expect(spikesOf('LTS', 1000, () => 2).length).toBeGreaterThan(5);
    const gaps = intervals(spikesOf('LTS', 1000, () => 10));
    expect(gaps.at(-1)).toBeGreaterThan(1.5 * gaps[0]!);
  });

  it('TC answers the end of an inhibition with a burst, and fires evenly when excited from rest', () => {
    const rebound = spikesOf('TC', 600, (ms) => (ms >= 50 && ms < 250 ? -10 : 0));
    expect(rebound.length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...rebound)).toBeGreaterThan(250);
    expect(Math.max(...rebound)).toBeLessThan(350);
    const gaps = intervals(spikesOf('TC', 1000, () => 2));
    expect(gaps.length).toBeGreaterThan(10);
    expect(Math.abs(gaps.at(-1)! / gaps.at(-2)! - 1)).toBeLessThan(0.02);
  });

  it('RZ answers two pulses a period of its oscillation apart, not half a period', () => {
    // At rest dv/dt has slope 0.08·v + 5, so that the eigenvalues are those of [[0.08·v + 5, −1], [a·b, −a]].
    const { a, b } = cells.RZ;
    const slope = 0.08 * restOf(cells.RZ) + 5;
    const half = (slope - a) / 2;
    const period = (2 * Math.PI) / Math.sqrt(a * b - a * slope - half ** 2);
    const isPulse = (ms: number, at: number) => ms >= at && ms < at + 1;
    const pulses = (apart: number) =>
      spikesOf('RZ', 200, (ms) => (isPulse(ms, 50) || isPulse(ms, 50 + apart) ? 2.4 : 0));
    expect(pulses(1000)).toEqual([]);
    expect(pulses(period / 2)).toEqual([]);
    expect(pulses(period).length).toBeGreaterThanOrEqual(1);
  });
});

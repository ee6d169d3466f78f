import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaughtFrames } from './frame-scale.ts';
import { Neighbours } from './neighbours.ts';

const lesson = (label: number, ...numbers: number[]): TaughtFrames => ({ frames: Float64Array.from(numbers), label });

function votesOf(lessons: readonly TaughtFrames[], ...numbers: number[]): Float64Array {
  const votes = new Float64Array(4);
  new Neighbours(lessons).vote(Float64Array.from(numbers), votes);
  return votes;
}

const positive = fc.double({ min: 0.01, max: 1000, noNaN: true });
const lessons = fc.array(fc.tuple(fc.nat(2), positive, positive), { minLength: 4, maxLength: 9 });

describe('the nearest lessons', () => {
  it('give classes probabilities in proportion to 1/d², small numbers by difference and large ones by ratio', () => {
    // Of one number the scale of the lessons is the same for both distances.
    const [few, many] = [lesson(0, 2), lesson(1, 500)];
    for (const x of [0.5, 3, 40, 2000]) {
      const [near, far] = [2, 500].map((y) => (Math.asinh(x / 2) - Math.asinh(y / 2)) ** 2);
      expect(votesOf([few, many], x)[0]).toBeCloseTo(far! / (near! + far!), 9);
    }
    // Halfway between them in ratio.
    const [below, , above] = votesOf([lesson(0, 1e6), lesson(1, 100), lesson(2, 1e8)], 1e7);
    expect(below).toBeCloseTo(above!, 6);
  });

  it('are probabilities, and sure of a lesson itself', () => {
    fc.assert(
      fc.property(lessons, positive, positive, (taught, x, y) => {
        const known = taught.map(([label, ...numbers]) => lesson(label, ...numbers));
        const votes = votesOf(known, x, y);
        expect(votes.reduce((sum, vote) => sum + vote)).toBeCloseTo(1, 9);
        expect(votes[3]).toBe(0);
        const [{ frames, label }] = known as [TaughtFrames];
        const isShared = known.some((each) => each.label !== label && Math.abs(each.frames[0]! - frames[0]!) < 1);
        if (!isShared) expect(votesOf(known, ...frames)[label]).toBeGreaterThan(0.9);
      }),
    );
  });

  it('are the same in any units of the numbers', () => {
    fc.assert(
      fc.property(
        lessons,
        positive,
        positive,
        fc.double({ min: 0.001, max: 1000, noNaN: true }),
        (taught, x, y, unit) => {
          const known = taught.map(([label, ...numbers]) => lesson(label, ...numbers));
          const scaled = known.map(({ label, frames }) => lesson(label, frames[0]! * unit, frames[1]!));
          const [ours, theirs] = [votesOf(known, x, y), votesOf(scaled, x * unit, y)];
          for (const [c, vote] of ours.entries()) expect(theirs[c]).toBeCloseTo(vote, 5);
        },
      ),
    );
  });

  it('compare a number by its magnitude that has both signs within a class, and else with its sign', () => {
    const swinging = [lesson(0, 1), lesson(0, -1.2), lesson(1, 30), lesson(1, 25)];
    expect(votesOf(swinging, -28)).toEqual(votesOf(swinging, 28));
    const steady = [lesson(0, -1), lesson(0, -1.2), lesson(1, 1), lesson(1, 1.2)];
    expect(votesOf(steady, -1.1)[0]).toBeGreaterThan(0.9);
    expect(votesOf(steady, 1.1)[1]).toBeGreaterThan(0.9);
  });

  it('take lessons that are all the same, and numbers at the ends of what a frame may hold', () => {
    expect(Array.from(votesOf([lesson(0, 0, 5), lesson(1, 0, 5)], 0, 5))).toEqual([0.5, 0.5, 0, 0]);
    const far = [lesson(0, 1e60, 1e-300), lesson(1, -1e60, 0), lesson(1, 1e-200, 1)];
    for (const x of [1e60, -1e60, 0, 1e-300]) {
      const votes = votesOf(far, x, -x);
      expect(votes.reduce((sum, vote) => sum + vote)).toBeCloseTo(1, 9);
    }
  });
});

import { KnownRange, Neighbours, type Teachable } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { EarlyLessons } from './early-lessons.ts';
import { TaughtReadout, type TaughtReadoutOptions } from './taught-readout.ts';

const DAY = 86_400_000;

/** A read-out that remembers what it was told, for what stands around it. */
function open({ lessonsPerDay = 100, now = () => 5 * DAY, ...options }: TaughtReadoutOptions = {}) {
  const classes = ['idle', 'running'];
  const told: [number, string][] = [];
  const scores = { labels: 0, base: 0, adapted: 0, served: 0 };
  const teachable = {
    classes,
    mostClasses: 4,
    hasBase: true,
    evidence: new Uint8Array(1),
    scores,
    teach(evidence: Uint8Array, label: string) {
      told.push([evidence[0]!, label]);
      if (!classes.includes(label)) classes.push(label);
    },
    takeBack: () => told.pop() !== undefined,
    settle: () => true,
    returnToBase() {},
  } as unknown as Teachable & { evidence: Uint8Array };
  const readout = new TaughtReadout(teachable, { lessonsPerDay, now, ...options });
  const see = (time: number, count: number, winner: number, unknown = false) => {
    teachable.evidence[0] = count;
    readout.remember(time, { values: new Float64Array(0), winner, unknown });
  };
  return { readout, see, told, scores };
}

describe('a read-out that is taught', () => {
  it('learns about the window that a late label names, among the last 64', () => {
    const { readout, see, told } = open();
    expect(readout.teach('idle', undefined)).toBe('forgotten');
    for (let k = 0; k < 100; k++) see(1000 * k, k, 0);
    expect(readout.teach('running', undefined)).toBe('applied');
    expect(readout.teach('idle', 40_500)).toBe('applied');
    expect(readout.teach('idle', 35_999)).toBe('forgotten');
    expect(readout.teach('idle', 36_000)).toBe('applied');
    expect(told).toEqual([
      [99, 'running'],
      [40, 'idle'],
      [36, 'idle'],
    ]);
  });

  it('takes the same label of one answer once, and another in its place', () => {
    const { readout, see, told } = open();
    see(0, 7, 0);
    expect(['idle', 'idle', 'running', 'running'].map((label) => readout.teach(label, undefined))).toEqual([
      'applied',
      'repeated',
      'applied',
      'repeated',
    ]);
    readout.takeBack();
    expect(readout.teach('idle', undefined)).toBe('repeated');
    expect(told).toEqual([[7, 'idle']]);
  });

  it('counts answers by label, unknown first, and takes a count back with its lesson', () => {
    const { readout, see } = open();
    const said = [
      ['idle', 0],
      ['idle', 1],
      ['running', 1],
      ['fault', 1],
    ] as const;
    for (const [k, [label, winner]] of said.entries()) {
      see(k, k, winner);
      readout.teach(label, undefined);
    }
    see(9, 9, 1, true);
    readout.teach('running', undefined);
    expect(readout.confusion).toEqual([
      [0, 1, 1, 0],
      [1, 0, 1, 0],
      [0, 0, 1, 0],
    ]);
    expect(readout.takeBack()).toBe(true);
    expect(readout.confusion[1]).toEqual([0, 0, 1, 0]);
    readout.settle();
    expect(readout.confusion.flat().every((count) => count === 0)).toBe(true);
  });

  it('says shares of right answers, and none before the first label', () => {
    const { readout, scores } = open();
    expect(readout.figures.accuracy).toEqual({ base: null, adapted: null, served: null });
    Object.assign(scores, { labels: 8, base: 4, adapted: 6, served: 7 });
    expect(readout.figures).toMatchObject({ labels: 8, accuracy: { base: 0.5, adapted: 0.75, served: 0.875 } });
  });

  it('refuses more lessons than a day may have, until the next', () => {
    let now = 5 * DAY;
    const { readout, see } = open({ lessonsPerDay: 2, now: () => now });
    for (let k = 0; k < 3; k++) {
      see(k, k, 0);
      if (k < 2) readout.teach('idle', undefined);
    }
    expect(() => readout.teach('idle', undefined)).toThrow('expected at most 2 a day');
    expect(readout.figures.today).toEqual({ lessons: 2, budget: 2 });
    now += DAY;
    expect(readout.figures.today.lessons).toBe(0);
    expect(readout.teach('idle', undefined)).toBe('applied');
  });

  it('takes no lesson that something is unknown', () => {
    const { readout, see, told } = open();
    see(0, 0, 0);
    expect(() => readout.teach('unknown', undefined)).toThrow('expected the name of a class');
    expect(told).toEqual([]);
  });

  it.each([1, 16, 17, 32, 200, 1500])('rescales each window where it is remembered: %i numbers', (numbers) => {
    const knownRange = () => new KnownRange(numbers, () => ({ low: 0, high: 1 }), { byLessons: false });
    const [known, expected] = [knownRange(), knownRange()];
    const { readout } = open({ known, early: new EarlyLessons(numbers, 4) });
    for (let window = 0; window < 75; window++) {
      const isZero = window % 3 === 0;
      const sample = new Float64Array(numbers).fill(window);
      readout.remember(window, { values: new Float64Array(0), winner: 0 }, sample, isZero, sample);
      expected.remember(window, new Float64Array(numbers).fill(2 * window), isZero);
    }
    readout.rescale((frames) => frames.map((number) => 2 * number));
    for (const name of ['knownSamples', 'knownZeros']) {
      expect(known.state[name]!.view).toEqual(expected.state[name]!.view);
    }
  });

  it('gives the votes of the nearest lessons, until there are too many of them to be kept, or a base', () => {
    const told: { label: string; votes: Float64Array | undefined }[] = [];
    const teachable = {
      classes: ['low', 'high'],
      mostClasses: 2,
      hasBase: false,
      evidence: new Uint8Array(1),
      scores: { labels: 0, base: 0, adapted: 0, served: 0 },
      get lessons() {
        return told.length;
      },
      teach: (_: Uint8Array, label: string, votes?: Float64Array) => told.push({ label, votes: votes?.slice() }),
      takeBack: () => told.pop() !== undefined,
      settle() {
        teachable.hasBase = true;
        return true;
      },
    };
    const early = new EarlyLessons(1, 2);
    const readout = new TaughtReadout(teachable as unknown as Teachable, { early });
    const known: { frames: Float64Array; label: number }[] = [];
    const expected = (x: number) => {
      const votes = new Float64Array(2);
      new Neighbours(known).vote(Float64Array.of(x), votes);
      return votes;
    };
    const asked = Float64Array.of(40);
    for (let k = 0; k < 64; k++) {
      const frames = Float64Array.of(k % 2 === 0 ? 1 + k : 100 + k);
      readout.remember(k, { values: new Float64Array(0), winner: 0 }, [], false, frames);
      readout.teach(k % 2 === 0 ? 'low' : 'high', undefined);
      // What they said before the lesson.
      expect(told.at(-1)!.votes).toEqual(known.length < 2 ? undefined : expected(frames[0]!));
      known.push({ frames, label: k % 2 });
      expect(readout.votesOn(asked)).toEqual(known.length < 2 ? undefined : expected(40));
    }
    expect(readout.bytes).toBeGreaterThan(8 * 64);
    readout.takeBack();
    known.pop();
    expect(readout.votesOn(asked)).toEqual(expected(40));
    for (let k = 64; k < 66; k++) {
      readout.remember(k, { values: new Float64Array(0), winner: 0 }, [], false, Float64Array.of(50));
      readout.teach('high', undefined);
      expect(readout.votesOn(asked) === undefined).toBe(k === 65);
    }
    readout.takeBack();
    expect(readout.votesOn(asked)).toBeDefined();
    readout.settle();
    expect(readout.votesOn(asked)).toBeUndefined();
  });
});

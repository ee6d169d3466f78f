import { describe, expect, it } from 'vitest';
import { prepareBase, prepareStream } from './prepared.ts';

const base = Array.from({ length: 100 }, (_, n) => ({
  values: Float64Array.of(n, -n),
  label: n % 4,
  segment: 'base',
}));
const trial = { name: 'only', base, streams: [] };
const none = { seed: 1, shuffle: false, leftOut: -1, added: -1 };

describe('a base', () => {
  it('is divided into what is learned and a fifth that never is', () => {
    const { kept, held, standard } = prepareBase(trial, none);
    expect([kept.raw.length, held.raw.length]).toEqual([80, 20]);
    const all = [...kept.raw, ...held.raw].map(([n]) => n!);
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    for (const [n, [value]] of kept.raw.entries()) expect(kept.labels[n]).toBe(value! % 4);
    const mean = kept.raw.reduce((sum, [value]) => sum + value!, 0) / 80;
    expect(standard.mean[0]).toBeCloseTo(mean, 9);
    expect(kept.samples.reduce((sum, [value]) => sum + value!, 0)).toBeCloseTo(0, 3);
  });

  it('does not have the class that is left out, nor the new one', () => {
    const { kept, held } = prepareBase(trial, { ...none, leftOut: 1, added: 3 });
    expect(new Set([...kept.labels, ...held.labels])).toEqual(new Set([0, 2]));
  });

  it('has labels that mean nothing where they are shuffled, as many of each', () => {
    const { kept, held } = prepareBase(trial, { ...none, shuffle: true });
    const labels = [...kept.labels, ...held.labels];
    const right = [...kept.raw, ...held.raw].filter(([value], n) => labels[n] === value! % 4).length;
    expect(right).toBeLessThan(50);
    for (const label of [0, 1, 2, 3]) expect(labels.filter((own) => own === label).length).toBe(25);
  });
});

describe('what has no samples', () => {
  it('is said, whether it is the base, what a class that is left out leaves of it, or a stream', () => {
    const refused = (where: string) => expect.objectContaining({ code: 'file', where });
    expect(() => prepareBase({ ...trial, base: [] }, none)).toThrow(refused('base of only'));
    const own = base.filter(({ label }) => label < 2);
    const left = () => prepareBase({ ...trial, base: own }, { ...none, leftOut: 0, added: 1 });
    expect(left).toThrow(refused('base of only'));
    const { standard } = prepareBase(trial, none);
    expect(() => prepareStream({ name: 'later', samples: [] }, standard, none)).toThrow(refused('later'));
  });
});

describe('a stream', () => {
  it('keeps its order, and does not count the class that is left out', () => {
    const { standard } = prepareBase(trial, none);
    const stream = prepareStream({ name: 'stream', samples: base }, standard, { ...none, leftOut: 2 });
    expect(stream.raw.map(([value]) => value)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(Array.from(stream.classes.subarray(0, 4))).toEqual([0, 1, 2, 3]);
    expect(Array.from(stream.truth.subarray(0, 4))).toEqual([0, 1, -1, 3]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growthOf } from '../../../test/growth.ts';
import { divided, SPLITS } from './split.ts';
import { windowsIn } from './windows.ts';

/** Recordings as [class, group, samples]; the k-th sample of the n-th is 1000·n + k. */
function recordingsOf(rows: readonly (readonly [string, string, number])[], channels = 1) {
  const all = rows.map(([label, group, count], n) => ({
    path: `${n}.wav`,
    label,
    group,
    samples: Array.from({ length: channels }, (_, c) =>
      Float32Array.from({ length: count }, (_, k) => (c === 0 ? 1000 * n + k : -k)),
    ),
  }));
  return { channels: ['x', 'y'].slice(0, channels), all };
}

const cut = { length: 4, hop: 2, pad: false };

describe('windows', () => {
  it('are cut every hop and never across recordings, channel by channel', () => {
    const { samples, labels, sources, classes } = windowsIn(
      't',
      recordingsOf(
        [
          ['b', '', 7],
          ['a', '', 4],
        ],
        2,
      ),
      cut,
    );
    expect(samples.map((window) => Array.from(window))).toEqual([
      [0, 1, 2, 3, -0, -1, -2, -3],
      [2, 3, 4, 5, -2, -3, -4, -5],
      [1000, 1001, 1002, 1003, -0, -1, -2, -3],
    ]);
    expect([classes, [...labels], [...sources]]).toEqual([
      ['a', 'b'],
      [1, 1, 0],
      [0, 0, 1],
    ]);
  });

  it('of what is too short are refused, or filled up behind it', () => {
    const short = recordingsOf([
      ['a', '', 4],
      ['b', '', 3],
    ]);
    const line = '1.wav: has 3 samples; expected 4 of a window, a shorter --length, or --pad';
    expect(() => windowsIn('t', short, cut)).toThrow(line);
    expect(Array.from(windowsIn('t', short, { ...cut, pad: true }).samples[1]!)).toEqual([1000, 1001, 1002, 0]);
  });

  it('of one class, or more than memory has, are refused', () => {
    expect(() => windowsIn('t', recordingsOf([['a', '', 9]]), cut)).toThrow(
      't: has one class, "a"; expected two or more',
    );
    const long = recordingsOf([
      ['a', '', 2 ** 17],
      ['b', '', 2 ** 17],
    ]);
    expect(() => windowsIn('t', long, { length: 65_536, hop: 1, pad: false })).toThrow(
      /--hop: 1 makes \d+ numbers in windows/,
    );
    // Views of one channel take no room, but are objects.
    const sound = new Float32Array(2 ** 19 + 1);
    const all = ['a', 'b', 'b'].map((label) => ({ path: label, label, samples: [sound] }));
    expect(() => windowsIn('t', { channels: ['x'], all }, { length: 2, hop: 1, pad: false })).toThrow(
      '--hop: 1 makes 1572864 windows; expected at most 1048576',
    );
  });
});

describe('a division', () => {
  const rows = fc.array(
    fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('anna', 'ben', 'cleo'), fc.integer({ min: 4, max: 40 })),
    { minLength: 1, maxLength: 30 },
  );
  /** Two recordings of two classes and people at least. */
  const enough = rows.map(
    (own) => [...own, ...own, ['a', 'anna', 9], ['a', 'anna', 9], ['b', 'ben', 9], ['b', 'ben', 9]] as const,
  );

  it.each(SPLITS)('by %s has each window once, and what is whole on one side', (split) => {
    fc.assert(
      fc.property(enough, (own) => {
        const windows = windowsIn('t', recordingsOf(own), cut);
        const { learned, validation, tested } = divided(windows, { split });
        const all = [...learned, ...validation, ...tested].sort((a, b) => a - b);
        expect(all).toEqual([...windows.labels.keys()]);
        expect(tested.length).toBeGreaterThan(split === 'window' ? -1 : 0);
        const unitOf = (k: number) => {
          const source = windows.sources[k]!;
          return split === 'group' ? windows.recordings[source]!.group : split === 'recording' ? source : k;
        };
        const inside = new Set(tested.map(unitOf));
        expect([...learned, ...validation].filter((k) => inside.has(unitOf(k)))).toEqual([]);
        // Of a recording that is validated something is learned only where it is the only one.
        const learnedOf = (c: number) =>
          new Set(learned.filter((k) => windows.labels[k] === c).map((k) => windows.sources[k]));
        for (const k of validation) {
          const own = learnedOf(windows.labels[k]!);
          if (split !== 'window' && own.has(windows.sources[k]!)) expect(own.size).toBe(1);
        }
        if (split === 'recording')
          for (const c of windows.classes.keys()) expect(tested.some((k) => windows.labels[k] === c)).toBe(true);
      }),
    );
  });

  it('tests by the groups that are named, else by the last', () => {
    const own = ['anna', 'ben', 'cleo'].flatMap((group) => [['a', group, 4] as const, ['b', group, 4] as const]);
    const windows = windowsIn('t', recordingsOf(own), cut);
    expect(divided(windows, { split: 'group' }).tested).toEqual([4, 5].map((k) => windows.sources.indexOf(k)));
    expect(divided(windows, { split: 'group', test: ['anna'] }).tested).toEqual([0, 1]);
    expect(() => divided(windows, { split: 'group', test: ['dora'] })).toThrow(
      '--test: names "dora"; expected some of anna',
    );
    expect(() => divided(windows, { split: 'group', test: ['anna', 'ben', 'cleo'] })).toThrow(
      /has no group but anna, ben/,
    );
  });

  it('needs another group, and another recording of each class', () => {
    const alone = windowsIn(
      't',
      recordingsOf([
        ['a', 'anna', 9],
        ['b', 'anna', 9],
      ]),
      cut,
    );
    expect(() => divided(alone, { split: 'group' })).toThrow('t: has no group but anna; expected another one to learn');
    const windows = windowsIn(
      't',
      recordingsOf([
        ['a', '', 9],
        ['a', '', 9],
        ['b', '', 9],
      ]),
      cut,
    );
    expect(() => divided(windows, { split: 'recording' })).toThrow('t: has one recording of "b"; expected two');
  });
});

it('as many classes as recordings take time in proportion to them', { timeout: 60_000 }, async () => {
  const divideAll = (classes: number) => {
    const rows = Array.from({ length: 2 * classes }, (_, k) => [`c${k % classes}`, '', 4] as const);
    const { learned, validation, tested } = divided(windowsIn('t', recordingsOf(rows), cut), { split: 'recording' });
    expect(learned.length + validation.length + tested.length).toBe(2 * classes);
  };
  expect(await growthOf(divideAll, 1000)).toBeLessThan(24);
});

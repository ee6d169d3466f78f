import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { curves } from './curves.mjs';
import { choice, drawing, trial, trialsAt } from './gate-runs.mjs';
import { loaded, streams } from './streams.mjs';

const DATA = fileURLToPath(new URL('../../../../shared/data', import.meta.url));

type Pair = { old: number; new: number; truth: number };
const repeated = (count: number, pair: Pair) => Array.from({ length: count }, () => pair);
const [GAINED, LOST] = [
  { old: 1, new: 0, truth: 0 },
  { old: 0, new: 1, truth: 0 },
];
const [BOTH, NEITHER] = [
  { old: 0, new: 0, truth: 0 },
  { old: 1, new: 2, truth: 0 },
];
const recorded = [...repeated(6, GAINED), ...repeated(4, LOST), ...repeated(80, BOTH), ...repeated(10, NEITHER)];

describe('trials on recorded pairs', () => {
  it.each([-0.05, -0.02, 0, 0.05])('draw pairs of which the new answers are better by %d', (margin) => {
    const draw = drawing(recorded, margin, new RandomGenerator(1, 'pairs'));
    let difference = 0;
    const count = 200_000;
    for (let k = 0; k < count; k++) {
      const pair = draw() as Pair;
      difference += Number(pair.new === pair.truth) - Number(pair.old === pair.truth);
    }
    // Three deviations of a mean of pairs of which at most one in six differs.
    expect(Math.abs(difference / count - margin)).toBeLessThan(3 * Math.sqrt(1 / 6 / count));
  });

  it('end as they should where there is no doubt, and count labels', () => {
    const random = new RandomGenerator(1, 'trial');
    expect(trial(() => GAINED, random).decision).toBe('go');
    expect(trial(() => LOST, random).decision).toBe('abort');
    const { labels, answered, readings } = trial(() => GAINED, random);
    expect(answered).toBe(labels);
    expect(readings).toBeGreaterThanOrEqual(labels);
    expect(trialsAt([recorded], 0.05, 5, 1)).toEqual(trialsAt([recorded], 0.05, 5, 1));
  });

  it('choose the candidate that gains, and stay where all lose', () => {
    const random = new RandomGenerator(1, 'choice');
    const [gains, loses] = [repeated(10, GAINED), repeated(10, LOST)];
    expect(choice({ carry: loses, reset: gains }, random).chosen).toBe('reset');
    expect(choice({ carry: loses, reset: loses }, random).chosen).toBe('stay');
  });
});

describe('curves', () => {
  it('are a picture of four panels, also where a way was not possible', () => {
    const answers = Array.from({ length: 24 }, (_, k) => k % 2);
    const ways = { carry: answers, rebase: null, reset: answers, replaced: answers };
    const next = { better: ways, equal: ways, worse: ways, broken: ways };
    const picture = curves('gas', [{ truth: [...answers, ...answers], first: answers, never: answers, next }]);
    expect(picture.match(/<polyline/g)).toHaveLength(4 * 6);
    expect(picture).not.toContain('NaN');
  });
});

describe.each(Object.entries(streams))('the stream %s', (name, { folder }) => {
  it.skipIf(!existsSync(`${DATA}/${folder}`))('has samples of its own, and none of them among the others', async () => {
    const { others, streams: own, classes } = await loaded(name, DATA, 1, true);
    const seen = new Set(others.map(({ values }: { values: Float64Array }) => values));
    expect(own.flat().length).toBeGreaterThan(100);
    for (const { values, label } of own.flat()) {
      expect(seen.has(values)).toBe(false);
      expect(classes[label]).toBeDefined();
    }
  });
});

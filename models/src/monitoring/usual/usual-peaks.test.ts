import { expect, it } from 'vitest';
import { UsualPeaks } from './usual-peaks.ts';

const MAGNITUDES = [0, 1, 2];

it('is the largest peak of each magnitude by itself, until eight blocks without it have passed', () => {
  const block = 4;
  const usual = new UsualPeaks(MAGNITUDES.length, { block, least: () => 0.1, normalFor: 1 });
  for (const k of MAGNITUDES) usual.learn(k, 10 * (k + 1), true);
  const learnSmall = (count: number) => {
    for (let n = 0; n < count; n++) for (const k of MAGNITUDES) usual.learn(k, 1, true);
  };
  learnSmall(6 * block);
  expect(MAGNITUDES.map((k) => usual.learned(k))).toEqual([10, 20, 30]);
  learnSmall(4 * block);
  expect(MAGNITUDES.map((k) => usual.learned(k))).toEqual([1, 1, 1]);
});

import { expect, it } from 'vitest';
import { saidBy, sentenceOf } from './said.ts';

const rest = { score: 1, alarm: false };
const verdicts = [
  { ...rest, monitor: 'drift', title: 'slow drift', anomaly: true, reason: 'level drifts up', channels: ['level'] },
  { ...rest, monitor: 'jump', title: 'sudden jump', anomaly: false },
  { ...rest, monitor: 'next-reading', title: 'unexpected value', anomaly: false, note: 'new level' },
];

it('has what monitors say, of those that say anything, and makes a sentence of it', () => {
  const said = saidBy(verdicts);
  expect(said).toEqual([
    { title: 'slow drift', reason: 'level drifts up', channels: ['level'] },
    { title: 'unexpected value', note: 'new level' },
  ]);
  expect(sentenceOf(said, true)).toBe('slow drift: level drifts up; new level');
  expect(sentenceOf(said)).toBe('level drifts up; new level');
  expect(sentenceOf([])).toBe('');
});

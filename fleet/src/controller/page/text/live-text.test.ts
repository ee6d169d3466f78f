import { expect, it } from 'vitest';
import { liveText } from './live-text.ts';

it('says what there is of live values, and that they are live', () => {
  expect(liveText(undefined)).toBe('');
  expect(liveText({ machine: 'pump', readings: 1234 })).toBe('Live: reading 1,234');
  const values = { machine: 'pump', readings: 7, score: 1.5, anomaly: true, answer: 'on' };
  expect(liveText(values)).toMatch(/^Live: answer “on”, score 1\.50?, unusual, reading 7$/);
  expect(liveText({ machine: 'pump', readings: 7, anomaly: false, answer: 3 })).toBe(
    'Live: answer 3, usual, reading 7',
  );
});

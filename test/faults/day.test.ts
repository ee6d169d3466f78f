import { expect, it } from 'vitest';
import { needs } from '../services.ts';
import { liveDay } from './day.ts';

// The same events as in `node test/faults/day.mjs`, in a day of seconds.
it('answers or counts every reading of a day with kills, restarts, a full disk and jumping clocks', async (context) => {
  needs(context, 'mosquitto');
  const report = (await liveDay({ factor: 14_400, every: 288, seed: 2 }))!;
  const { sent, answered, counted, missing } = report;
  expect(missing, JSON.stringify(report)).toBe(0);
  expect(report).toMatchObject({ kills: 2, brokerRestarts: 3 });
  expect(answered).toBeGreaterThan(1000);
  expect(counted).toMatchObject({ unlisted: 0, retained: 0, skipped: 0, dropped: 0 });
  expect(counted.bad).toBe(sent - answered);
  expect(report.failedSaves).not.toBe(0);
});

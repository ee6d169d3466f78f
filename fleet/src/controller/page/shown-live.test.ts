import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ShownLive } from './shown-live.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('live values are shown until none have come for 5 s, each machine by itself', () => {
  let changes = 0;
  const live = new ShownLive(() => changes++);
  live.take([
    { machine: 'pump', readings: 1 },
    { machine: 'fan', readings: 5 },
  ]);
  vi.advanceTimersByTime(3000);
  live.take([{ machine: 'pump', readings: 2 }]);
  vi.advanceTimersByTime(2001);
  expect([live.of('pump'), live.of('fan'), changes]).toEqual([{ machine: 'pump', readings: 2 }, undefined, 3]);
  vi.advanceTimersByTime(3000);
  expect([live.of('pump'), changes, vi.getTimerCount()]).toEqual([undefined, 4, 0]);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveValues } from './live.ts';
import { LivePublisher } from './live-publisher.ts';

const SECOND = 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function newPublisher(machines = ['pump']) {
  const published: { readonly machine: string; readonly at: number }[] = [];
  const counts = { asked: 0 };
  const begun = performance.now();
  const publisher = new LivePublisher({
    values() {
      counts.asked++;
      return new Map(machines.map((machine): [string, LiveValues] => [machine, { readings: 7, anomaly: true }]));
    },
    publish(machine, message) {
      expect(message).toBe('{"readings":7,"anomaly":true}');
      published.push({ machine, at: (performance.now() - begun) / SECOND });
    },
  });
  return { publisher, published, counts };
}

it('a device publishes once a second for 15 s after somebody has looked, and then asks its machines nothing', () => {
  const { publisher, published, counts } = newPublisher();
  vi.advanceTimersByTime(60 * SECOND);
  expect(counts.asked).toBe(0);
  publisher.look();
  vi.advanceTimersByTime(60 * SECOND);
  expect(published.map(({ at }) => at)).toEqual(Array.from({ length: 15 }, (_, k) => 60 + k));
  expect(counts.asked).toBe(15);
  expect(vi.getTimerCount()).toBe(0);
});

it('a flood of looks makes it publish no more often', () => {
  const { publisher, published } = newPublisher();
  for (let k = 0; k < 1000; k++) {
    publisher.look();
    vi.advanceTimersByTime(20);
  }
  expect(published.map(({ at }) => at)).toEqual(Array.from({ length: 21 }, (_, second) => second));
});

it('who looks again just after the end waits until a second is over', () => {
  const { publisher, published } = newPublisher();
  publisher.look();
  vi.advanceTimersByTime(15 * SECOND);
  publisher.look();
  vi.advanceTimersByTime(SECOND / 2);
  const times = published.map(({ at }) => at);
  for (const [k, at] of times.slice(1).entries()) expect(at - times[k]!).toBeGreaterThanOrEqual(1);
});

it('of many machines it publishes 64, and nothing after it is closed', () => {
  const { publisher, published } = newPublisher(Array.from({ length: 100 }, (_, k) => `pump-${k}`));
  publisher.look();
  vi.advanceTimersByTime(0);
  expect(new Set(published.map(({ machine }) => machine)).size).toBe(64);
  publisher.close();
  vi.advanceTimersByTime(20 * SECOND);
  expect(published.length).toBe(64);
});

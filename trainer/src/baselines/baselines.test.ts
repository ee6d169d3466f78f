import { RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecastDetector, movingAverage, persistence } from './forecast.ts';
import { MovingWindow } from './moving-window.ts';
import { movingZScore } from './moving-z-score.ts';

describe('moving window', () => {
  it('has the mean and deviation of its values, computed anew', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        (values, length) => {
          const window = new MovingWindow(length);
          for (const value of values) window.add(value);
          const last = values.slice(-length);
          const mean = last.reduce((sum, value) => sum + value, 0) / last.length;
          const variance = last.reduce((sum, value) => sum + (value - mean) ** 2, 0) / last.length;
          expect(window.mean).toBeCloseTo(mean, 6);
          expect(window.deviation ** 2).toBeCloseTo(variance, 4);
        },
      ),
    );
  });
});

describe('moving window after a wild value', () => {
  it('has forgotten it when it has left twice over', () => {
    const window = new MovingWindow(10);
    for (const value of [1, 2, 1e300, ...Array.from({ length: 20 }, (_, k) => k % 2)]) window.add(value);
    expect(window.mean).toBe(0.5);
    expect(window.deviation).toBe(0.5);
  });
});

describe('forecast detector', () => {
  it('flags by the error of its forecast once ranges are known, and gets used to a step', () => {
    const declaration = { type: 'next-reading', parameters: { warmUp: 50, holdOff: 10 } };
    const detector = forecastDetector(persistence(), 1, 50, declaration);
    const noise = (k: number) => Math.sin(k * 12.9898) % 1;
    const calm = Array.from({ length: 300 }, (_, k) => detector.observe([20 + 0.1 * noise(k)]));
    expect(calm.some(({ anomaly }) => anomaly)).toBe(false);
    expect(calm.slice(0, 100).every(({ score }) => Number.isNaN(score))).toBe(true);
    const step = Array.from({ length: 5 }, (_, k) => detector.observe([25 + 0.1 * noise(k)]));
    expect(step.map(({ anomaly }) => anomaly)).toEqual([true, false, false, false, false]);
    expect([...step[1]!.expected!]).toEqual([25 + 0.1 * noise(0)]);
  });

  it('gets used to rougher readings as a net does, also where what is flagged teaches nothing', () => {
    const parameters = { warmUp: 50, holdOff: 10, whileFlagged: 'hold' };
    const detector = forecastDetector(persistence(), 1, 50, { type: 'next-reading', parameters });
    const random = new RandomGenerator(1, 'noise');
    const flagsOf = (count: number, deviation: number) =>
      Array.from({ length: count }, () => detector.observe([20 + deviation * random.nextNormal()])).filter(
        ({ anomaly }) => anomaly,
      ).length;
    expect(flagsOf(300, 0.1)).toBe(0);
    expect(flagsOf(300, 1000)).toBeGreaterThan(100);
    flagsOf(3000, 1000);
    expect(flagsOf(300, 1000)).toBeLessThan(10);
  });
});

describe('moving z-score', () => {
  it('flags a step of more than its σ and not before its window is full', () => {
    const detector = movingZScore({ channels: 1, sigmas: 3, window: 10 });
    const noise = Array.from({ length: 30 }, (_, k) => (k % 2 === 0 ? 1 : -1));
    expect(noise.map((value) => detector.observe([value]).anomaly)).not.toContain(true);
    expect(detector.observe([3.5]).anomaly).toBe(true);
    expect(movingZScore({ channels: 1, sigmas: 3, window: 10 }).observe([1e9]).anomaly).toBe(false);
  });
});

describe('forecasts', () => {
  it('persistence expects the last reading, the moving average the mean of the last ones', () => {
    const last = persistence();
    const average = movingAverage(2, 3);
    for (const k of [1, 2, 3, 4]) {
      last.add([k, 10 * k]);
      average.add([k, 10 * k]);
    }
    expect([...last.next()!]).toEqual([4, 40]);
    expect([...average.next()!]).toEqual([3, 30]);
  });
});

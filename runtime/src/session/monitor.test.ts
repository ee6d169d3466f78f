import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { ErrorMonitor } from './monitor.ts';

const declaration = { type: 'next-reading', warmUp: 100, quantile: 0.99, sensitivity: 6, holdOff: 60 } as const;

/** A monitor that has seen `count` errors from a normal distribution with deviation 0.01. */
function warmedUp(count = 1000) {
  const monitor = new ErrorMonitor(declaration, 1);
  const random = new RandomGenerator(1, 'errors');
  const flags = Array.from({ length: count }, () => monitor.judge(Float64Array.of(0.01 * random.nextNormal())).anomaly);
  return { monitor, random, flags };
}

describe('error monitor', () => {
  it('learns the quantile of the error: 2.576 deviations of a normal distribution for 99 %', () => {
    const { monitor } = warmedUp(5000);
    expect(monitor.range(0) / 0.01).toBeGreaterThan(2.576 * 0.8);
    expect(monitor.range(0) / 0.01).toBeLessThan(2.576 * 1.25);
  });

  it('flags nothing while it warms up, and nothing that stays within its range', () => {
    const monitor = new ErrorMonitor(declaration, 1);
    const early = Array.from({ length: 100 }, (_, k) => monitor.judge(Float64Array.of(k === 50 ? 1e6 : 0.01)));
    expect(early.every(({ score, anomaly }) => Number.isNaN(score) && !anomaly)).toBe(true);
    expect(warmedUp().flags).not.toContain(true);
  });

  it('flags an error above sensitivity × range, and calls it an alarm once per hold-off', () => {
    const { monitor } = warmedUp();
    const large = Float64Array.of(7 * monitor.range(0));
    const small = Float64Array.of(0);
    expect(monitor.judge(large)).toMatchObject({ anomaly: true, alarm: true });
    for (let k = 0; k < declaration.holdOff - 1; k++) monitor.judge(small);
    expect(monitor.judge(large)).toMatchObject({ anomaly: true, alarm: false });
    for (let k = 0; k < declaration.holdOff; k++) monitor.judge(small);
    expect(monitor.judge(large)).toMatchObject({ anomaly: true, alarm: true });
  });

  it('does not flag again what a person has called normal', () => {
    const { monitor } = warmedUp();
    const large = Float64Array.of(-20 * monitor.range(0));
    expect(monitor.judge(large).anomaly).toBe(true);
    monitor.acceptLast();
    expect(monitor.judge(large).anomaly).toBe(false);
    expect(monitor.judge(large.map((error) => 1.5 * error)).anomaly).toBe(true);
  });

  it('keeps its range when frozen, and continues from saved views as if nothing had happened', () => {
    const { monitor, random } = warmedUp();
    monitor.learning = false;
    const range = monitor.range(0);
    for (let k = 0; k < 500; k++) monitor.judge(Float64Array.of(1));
    expect(monitor.range(0)).toBe(range);

    monitor.learning = true;
    const twin = new ErrorMonitor(declaration, 1);
    for (const [name, view] of Object.entries(monitor.state)) twin.state[name]!.set(view);
    for (let k = 0; k < 500; k++) {
      const error = Float64Array.of(0.02 * random.nextNormal());
      expect(twin.judge(error)).toEqual(monitor.judge(error));
    }
  });

  it('calls itself muted exactly where an error of the whole range passes', () => {
    const { monitor } = warmedUp();
    monitor.learning = false;
    for (const sensitivity of [0.01, 1, 6, 20, 50, 60, 70, 80, 100, 1000, 1e9]) {
      monitor.sensitivity = sensitivity;
      expect([sensitivity, monitor.muted]).toEqual([sensitivity, !monitor.judge(Float64Array.of(2)).anomaly]);
    }
    expect(monitor.muted).toBe(true);
  });
});

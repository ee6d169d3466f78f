import { describe, expect, it } from 'vitest';
import { silence } from './silence.ts';
import { Watch } from './watch.ts';

const WARM_UP = 20;

/** A watch of a sensor that gives a reading each second, but for one before its warm-up is over. */
function watching(parameters = {}) {
  const watch = new Watch({ type: silence.type, parameters }, { channels: ['level'], outputs: 1 });
  const read = (seconds: number, learning = true) => {
    const values = Float64Array.of(0);
    const nothing = { sample: undefined, normalised: undefined, expected: undefined, error: undefined };
    return watch.read({ time: Number.NaN, interval: 1000 * seconds, values, ...nothing }, learning);
  };
  const tick = (seconds: number) => watch.tick(1000 * seconds);
  for (let k = 1; k < WARM_UP; k++) read(1);
  return { watch, read, tick };
}

describe('silence', () => {
  it('says nothing of the first reading, nor before it knows what is usual', () => {
    const { read, tick } = watching();
    expect(read(Number.NaN)).toBeUndefined();
    expect(tick(1e6)).toBeUndefined();
    expect(read(1)).toEqual({ monitor: 'silence', score: Number.NaN, anomaly: false, alarm: false });
    expect(tick(1)).toEqual({ monitor: 'silence', score: 1, anomaly: false, alarm: false });
  });

  it('flags by the clock what is longer than sensitivity × usual, gives one alarm for it, and none for its end', () => {
    const { watch, read, tick } = watching();
    read(1);
    expect(tick(3)).toMatchObject({ score: 3, anomaly: false });
    const reason = 'no reading for 3.5 s, usually for 1 s at most';
    expect(tick(3.5)).toMatchObject({ anomaly: true, alarm: true, reason });
    expect(tick(1000)).toMatchObject({ anomaly: true, alarm: false });
    expect(watch.flagged).toBe(true);
    expect(read(1001)).toMatchObject({ anomaly: true, alarm: false });
    expect(read(1)).toMatchObject({ anomaly: false });
    // The outage counted as three usual intervals: it takes at most three of those.
    expect(tick(9.1)).toMatchObject({ anomaly: true, alarm: true });
  });

  it('does not take one outage for the usual, and follows a sensor that became slower', () => {
    const { read, tick } = watching();
    read(1);
    read(1e5);
    expect(tick(10)!.anomaly).toBe(true);
    const flags = Array.from({ length: 40 }, () => read(30)!.anomaly);
    expect(flags[0]).toBe(true);
    expect(flags.lastIndexOf(true)).toBeLessThan(10);
    expect(tick(31)!.anomaly).toBe(false);
  });

  it('stays as it is when frozen', () => {
    const { read } = watching();
    read(1);
    expect(Array.from({ length: 40 }, () => read(30, false)!.anomaly)).not.toContain(false);
  });

  it('takes twice the silence that a person calls normal for usual', () => {
    const { watch, read, tick } = watching();
    read(1);
    expect(tick(8)!.anomaly).toBe(true);
    watch.acceptLast();
    expect(tick(16)!.anomaly).toBe(false);
    expect(tick(16.1)!.anomaly).toBe(true);
  });
});

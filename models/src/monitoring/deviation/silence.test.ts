import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { Watch } from '../watch.ts';
import { silence } from './silence.ts';

const WARM_UP = 20;

/** A watch of a sensor that gives a reading each second, but for one before its warm-up is over. */
function watching(parameters = {}) {
  const { watch, read, tick } = watchingFrom(parameters);
  for (let k = 1; k < WARM_UP; k++) read(1);
  return { watch, read, tick };
}

/** The same before its first reading. */
function watchingFrom(parameters = {}) {
  const watch = new Watch({ type: silence.type, parameters }, { channels: ['level'], outputs: 1 });
  const read = (seconds: number, learning = true) => {
    const values = Float64Array.of(0);
    const nothing = { sample: undefined, normalised: undefined, expected: undefined, error: undefined };
    return watch.read({ time: Number.NaN, interval: 1000 * seconds, values, ...nothing }, learning);
  };
  const tick = (seconds: number) => watch.tick(1000 * seconds);
  return { watch, read, tick };
}

describe('silence', () => {
  it('says nothing of the first reading, nor before it knows what is usual', () => {
    const { read, tick } = watching();
    expect(read(Number.NaN)).toBeUndefined();
    expect(tick(1e6)).toBeUndefined();
    expect(read(1)).toEqual({
      monitor: 'silence',
      title: 'silent sensor',
      score: Number.NaN,
      anomaly: false,
      alarm: false,
    });
    expect(tick(1)).toEqual({ monitor: 'silence', title: 'silent sensor', score: 1, anomaly: false, alarm: false });
  });

  it('takes a millisecond for usual where readings come faster', () => {
    const { read, tick } = watchingFrom();
    for (let k = 0; k < (WARM_UP + 2) * 5000; k++) read(0.0002);
    expect(tick(0.0025)).toMatchObject({ score: 2.5, anomaly: false });
    expect(tick(0.0035)).toMatchObject({ score: 3.5, anomaly: true });
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
    // One outage leaves the usual as it is.
    expect(tick(3.1)).toMatchObject({ anomaly: true, alarm: true });
  });

  it('does not take one outage for the usual, and follows a sensor that became slower', () => {
    const { read, tick } = watching();
    read(1);
    read(1e5);
    expect(tick(10)!.anomaly).toBe(true);
    const flags = Array.from({ length: 40 }, () => read(30)!.anomaly);
    expect(flags[0]).toBe(true);
    expect(flags.lastIndexOf(true)).toBe(1);
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

/**
 * When, in seconds, a stream of readings that come after these intervals, and then no more, is flagged for the first
 * time of each row: by ticks, one a second, and by readings.
 */
function alarmsOf(intervals: readonly number[], then = 0): number[] {
  const { watch, read, tick } = watchingFrom();
  const alarms: number[] = [];
  let now = 0;
  for (const interval of [...intervals, then]) {
    for (let elapsed = Math.ceil(now) - now; elapsed < interval; elapsed++) {
      if (elapsed > 0 && tick(elapsed)?.alarm) alarms.push(now + elapsed);
    }
    now += interval;
    if (read(interval)?.alarm) alarms.push(now);
  }
  expect(watch.warmUp.done).toBe(WARM_UP);
  return alarms;
}

const repeated = (times: number, ...part: number[]) => Array.from({ length: times }, () => part).flat();
const burst = (readings: number) => repeated(readings, 0.001);

describe('silence of streams of several kinds', () => {
  const random = new RandomGenerator(5, 'silence');
  const jitter = () => 10 * (0.5 + random.nextUniform());
  const chance = () => -10 * Math.log(1 - random.nextUniform());

  it.each([
    ['regular', repeated(500, 10), 31],
    ['regular, ten a second', repeated(2000, 0.1), 1],
    ['regular, one an hour', repeated(50, 3600), 3 * 3600 + 1],
    ['with jitter of a half', Array.from({ length: 500 }, jitter), 46],
    ['after a replay of five hundred readings', [...burst(500), ...repeated(100, 10)], 31],
    ['with two outages', repeated(2, ...repeated(200, 10), 5000, ...repeated(200, 10)), 31],
  ])('%s: is told of three times what is usual', (_, intervals, latest) => {
    const end = intervals.reduce((sum, interval) => sum + interval, 0);
    const [first] = alarmsOf(intervals, 10 * latest).filter((at) => at > end);
    expect(first! - end).toBeGreaterThan(latest / 2 - 1);
    expect(first! - end).toBeLessThanOrEqual(latest + 1);
  });

  it.each([
    ['regular', repeated(500, 10)],
    ['with jitter', Array.from({ length: 3000 }, jitter)],
    ['in bursts, each within a second', repeated(60, ...burst(300), 60)],
    ['by chance (a Poisson process)', Array.from({ length: 5000 }, chance)],
    ['in pairs', repeated(200, 0.2, 59.8)],
    ['after a replay of five hundred readings', [...burst(500), ...repeated(100, 10)]],
    ['faster at once', [...repeated(100, 60), ...repeated(3000, 1)]],
  ])('%s: is never flagged', (_, intervals) => {
    expect(alarmsOf(intervals)).toEqual([]);
  });

  it.each([
    ['slower at once', [...repeated(100, 10), ...repeated(100, 60)], 3],
    ['bursts of half a minute, ten readings a second, with pauses', repeated(20, ...repeated(300, 0.1), 600), 3],
  ])('%s: is flagged a few times, and then no more', (_, intervals, most) => {
    const alarms = alarmsOf(intervals);
    expect(alarms.length).toBeGreaterThan(0);
    expect(alarms.length).toBeLessThanOrEqual(most);
  });

  it('becomes as quick as a sensor that has become faster, within its memory', () => {
    const intervals = [...repeated(100, 60), ...repeated(1100, 1)];
    const end = intervals.reduce((sum, interval) => sum + interval, 0);
    expect(alarmsOf(intervals, 100).find((at) => at > end)! - end).toBeLessThan(5);
  });
});

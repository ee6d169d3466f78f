import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { Watch } from '../watch.ts';
import { nextReading } from './next-reading.ts';

const site = { channels: ['level'], outputs: 1 };
const SENSITIVITY = 6;
const HOLD_OFF = 60;

/** A watch with the defaults, and how it judges one error. */
function watching() {
  const watch = new Watch({ type: nextReading.type, parameters: {} }, site);
  const judge = (error: number, learning = true) => {
    const [time, interval] = [Number.NaN, Number.NaN];
    const [sample, expected] = [Float64Array.of(20), Float64Array.of(20 + error)];
    const reading = { time, interval, values: sample, sample, normalised: undefined, expected };
    return watch.read({ ...reading, error: Float64Array.of(error) }, learning)!;
  };
  return { watch, judge };
}

/** A monitor that has seen `count` errors from a normal distribution with deviation 0.01. */
function warmedUp(count = 1000) {
  const { watch, judge } = watching();
  const random = new RandomGenerator(1, 'errors');
  const flags = Array.from({ length: count }, () => judge(0.01 * random.nextNormal()).anomaly);
  /** The usual size of an error: that which has the score 1. */
  const usual = () => 1 / judge(1, false).score;
  return { watch, judge, random, flags, usual };
}

describe('next-reading monitor', () => {
  it('learns the quantile of the error: 2.576 deviations of a normal distribution for 99 %', () => {
    const { usual } = warmedUp(5000);
    expect(usual() / 0.01).toBeGreaterThan(2.576 * 0.8);
    expect(usual() / 0.01).toBeLessThan(2.576 * 1.25);
  });

  it('flags nothing while it warms up, and nothing that stays within its range', () => {
    const { judge } = watching();
    const early = Array.from({ length: 100 }, (_, k) => judge(k === 50 ? 1e6 : 0.01));
    expect(early.every(({ score, anomaly }) => Number.isNaN(score) && !anomaly)).toBe(true);
    expect(warmedUp().flags).not.toContain(true);
  });

  it('flags none of the errors of 26 channels after its warm-up: some of so many begin with one of nearly 0', () => {
    const channels = Array.from({ length: 26 }, (_, k) => `band ${k}`);
    const watch = new Watch(
      { type: nextReading.type, parameters: { whileFlagged: 'hold' } },
      { channels, outputs: channels.length },
    );
    const random = new RandomGenerator(1, 'errors');
    const [time, interval] = [Number.NaN, Number.NaN];
    const normal = () => Float64Array.from(channels, () => 0.1 * random.nextNormal());
    const flags = Array.from({ length: 400 }, () => {
      const [sample, error] = [normal(), normal()];
      const halfWidths = new Float64Array(channels.length).fill(1);
      const expected = sample.map((x, c) => x + error[c]!);
      return watch.read(
        { time, interval, values: sample, sample, normalised: undefined, expected, error, halfWidths },
        true,
      )!;
    });
    expect(flags.filter(({ anomaly }) => anomaly)).toHaveLength(0);
  });

  it('flags an error above sensitivity × range, and calls it an alarm once per hold-off', () => {
    const { judge, usual } = warmedUp();
    const large = (SENSITIVITY + 1) * usual();
    for (let k = 0; k < HOLD_OFF; k++) judge(0);
    expect(judge(large)).toMatchObject({ anomaly: true, alarm: true });
    for (let k = 0; k < HOLD_OFF - 1; k++) judge(0);
    expect(judge(large)).toMatchObject({ anomaly: true, alarm: false });
    for (let k = 0; k < HOLD_OFF; k++) judge(0);
    expect(judge(large)).toMatchObject({ anomaly: true, alarm: true });
  });

  it('says what was expected in place of what', () => {
    expect(warmedUp().judge(2.5).reason).toBe('level is 20 where 22.5 was expected');
    expect(warmedUp().judge(0)).not.toHaveProperty('reason');
  });

  it('does not flag again what a person has called normal', () => {
    const { watch, judge } = warmedUp();
    const large = -20 * warmedUp().usual();
    expect(judge(large).anomaly).toBe(true);
    watch.acceptLast();
    expect(judge(large).anomaly).toBe(false);
    expect(judge(1.5 * large).anomaly).toBe(true);
  });

  it('keeps its range when frozen, and continues from saved views as if nothing had happened', () => {
    const { watch, judge, random, usual } = warmedUp();
    const range = usual();
    for (let k = 0; k < 500; k++) judge(1, false);
    expect(usual()).toBe(range);

    const twin = watching();
    for (const [name, { view }] of Object.entries(watch.state)) twin.watch.state[name]!.view.set(view);
    for (let k = 0; k < 500; k++) {
      const error = 0.02 * random.nextNormal();
      expect(twin.judge(error)).toEqual(judge(error));
    }
  });

  it('calls itself muted where an error of the whole range and of a hundred usual ones passes', () => {
    const { watch, judge, usual } = warmedUp();
    for (const sensitivity of [0.01, 1, 6, 20, 50, 60, 99, 101, 1000, 1e9]) {
      watch.configure({ sensitivity });
      const passes = [2, 100 * usual()].every((error) => !judge(error, false).anomaly);
      expect([sensitivity, watch.muted]).toEqual([sensitivity, passes]);
    }
    expect(watch.muted).toBe(true);
  });

  it('is muted by "normal" after an absurd reading, and not by a sensor that has left its range', () => {
    const accepting = warmedUp();
    accepting.judge(1000, false);
    accepting.watch.acceptLast();
    expect(accepting.watch.muted).toBe(true);
    const wide = warmedUp();
    for (let k = 0; k < 5000; k++) wide.judge(0.5 * Math.sin(k));
    expect(6 * wide.usual()).toBeGreaterThan(2);
    expect(wide.watch.muted).toBe(false);
    expect(wide.judge(7 * wide.usual()).anomaly).toBe(true);
  });

  it('refuses a net that does not answer with a number per channel', () => {
    const prepare = () => nextReading.prepare({}, { channels: ['a', 'b'], outputs: 3 });
    expect(prepare).toThrow('monitor "next-reading": has 3 outputs for 2 channels; expected one output per channel');
  });
});

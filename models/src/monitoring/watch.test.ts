import { describe, expect, it } from 'vitest';
import { writeModel } from '../file/spike.ts';
import { nextReadingModel } from '../nef/next-reading.ts';
import { RandomGenerator } from '../random/generator.ts';
import { type MonitorKind, monitorKind, watchParameters } from './monitor/monitor.ts';
import { monitorKinds } from './monitors.ts';
import { Watch, watchesOf } from './watch.ts';

const site = { channels: ['level'], outputs: 1 };

describe('watch', () => {
  it.each(monitorKinds.map(({ type }) => type))('saves and restores every monitor by views: %s', (type) => {
    const [watch, twin] = [new Watch({ type, parameters: {} }, site), new Watch({ type, parameters: {} }, site)];
    const lengths = (of: Watch) => Object.entries(of.state).map(([name, { view }]) => [name, view.length]);
    expect(lengths(watch)).toEqual(lengths(twin));
    watch.configure({ sensitivity: 17 });
    for (const [name, { view }] of Object.entries(watch.state)) twin.state[name]!.view.set(view);
    expect([twin.sensitivity, twin.holdOff]).toEqual([17, watch.holdOff]);
  });

  it('holds the net only while it flags, and only where the model says so', () => {
    const watches = ['learn', 'hold'].map((whileFlagged) => {
      return new Watch({ type: 'silence', parameters: { whileFlagged, warmUp: 1 } }, site);
    });
    const read = (watch: Watch, interval: number) => {
      const nothing = { sample: undefined, normalised: undefined, expected: undefined, error: undefined };
      watch.read({ time: 0, interval, values: Float64Array.of(0), ...nothing }, true);
      return watch.holds;
    };
    const held = [1000, 1000, 9000, 1000].map((interval) => watches.map((watch) => read(watch, interval)));
    expect(held.map(([learns]) => learns)).toEqual([false, false, false, false]);
    expect(held.map(([, holds]) => holds)).toEqual([false, false, true, false]);
  });

  // Those whose score is a size over a usual size.
  it.each(['next-reading', 'silence'])('is not deaf for ever after "normal" at sensitivity 0: %s', (type) => {
    const watch = new Watch({ type, parameters: { sensitivity: 0, warmUp: 1 } }, site);
    const read = (size: number) => {
      const error = Float64Array.of(size / 1000);
      const [values, sample, expected] = [0, 1, 2].map(() => Float64Array.of(0));
      return watch.read(
        { time: 0, interval: 10 * size, values: values!, sample, normalised: sample, expected, error },
        true,
      )!;
    };
    for (let k = 0; k < 3; k++) read(100);
    watch.acceptLast();
    watch.configure({ sensitivity: 6 });
    expect(read(100).anomaly).toBe(false);
    expect(read(100_000).anomaly).toBe(true);
  });

  it('flags nothing while it is switched off, goes on learning, and goes back to what it has learned', () => {
    const watch = new Watch({ type: 'jump', parameters: { warmUp: 50, whileFlagged: 'hold' } }, site);
    const random = new RandomGenerator(1, 'noise');
    const read = (value = random.nextNormal()) => {
      const sample = Float64Array.of(value);
      const nothing = { normalised: undefined, expected: undefined, error: undefined };
      return watch.read({ time: 0, interval: 1000, values: sample, sample, ...nothing }, true)!;
    };
    for (let k = 0; k < 200; k++) read();
    expect([watch.isSet, watch.accepts]).toEqual([false, false]);
    watch.configure({ on: false });
    const [off, back] = [read(100), read(0)];
    expect([off.anomaly, off.score > watch.sensitivity, watch.holds, back.anomaly]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect([watch.isSet, watch.flaggedStretches]).toEqual([true, []]);
    const twin = new Watch({ type: 'jump', parameters: { warmUp: 50 } }, site);
    for (const [name, { view }] of Object.entries(watch.state)) twin.state[name]!.view.set(view);
    expect(twin.on).toBe(false);
    watch.configure({ on: true, sensitivity: 12 });
    expect(read(100).anomaly).toBe(true);
    watch.acceptLast();
    read(0);
    expect([read(100).anomaly, watch.accepts, watch.sensitivity]).toEqual([false, true, 12]);
    watch.returnToLearned();
    read(0);
    expect([read(100).anomaly, watch.accepts, watch.isSet, watch.sensitivity]).toEqual([true, false, false, 10]);
  });

  it('flags the last of so many in a row, and holds the net from the first of them on', () => {
    const watch = new Watch({ type: 'silence', parameters: { inRow: 3, whileFlagged: 'hold', warmUp: 1 } }, site);
    const nothing = { sample: undefined, normalised: undefined, expected: undefined, error: undefined };
    const read = (interval: number) => {
      const { anomaly } = watch.read({ time: 0, interval, values: Float64Array.of(0), ...nothing }, false)!;
      return [anomaly, watch.holds];
    };
    const judged = [1000, 1000, 9000, 9000, 1000, 9000, 9000, 9000, 9000, 1000].map((interval) => read(interval));
    const flags = judged.map(([anomaly]) => anomaly);
    expect(flags).toEqual([false, false, false, false, false, false, false, true, true, false]);
    expect(judged.map(([, holds]) => holds)).toEqual([false, false, true, true, false, true, true, true, true, false]);
    watch.configure({ inRow: 1 });
    expect(read(9000)).toEqual([true, true]);
    // A silence is no reading, and so not one of a row.
    watch.configure({ inRow: 5 });
    expect(watch.tick(9000)).toMatchObject({ anomaly: true });
  });

  it.each(['next-reading', 'silence'])('"that was normal" ends after so many readings without: %s', (type) => {
    const open = () => new Watch({ type, parameters: { warmUp: 1, normalFor: 50 } }, site);
    let watch = open();
    const read = (size: number) => {
      const [sample, expected] = [Float64Array.of(20), Float64Array.of(20 + size)];
      const reading = { time: 0, interval: 100 * size, values: sample, sample, normalised: undefined, expected };
      return watch.read({ ...reading, error: Float64Array.of(size / 1000) }, false)!.anomaly;
    };
    for (let k = 0; k < 10; k++) read(10);
    expect(read(1000)).toBe(true);
    watch.acceptLast();
    for (let k = 0; k < 49; k++) read(10);
    // It came again, and holds anew.
    expect(read(900)).toBe(false);
    for (let k = 0; k < 40; k++) read(10);
    const twin = open();
    for (const [name, { view }] of Object.entries(watch.state)) twin.state[name]!.view.set(view);
    watch = twin;
    for (let k = 0; k < 9; k++) read(10);
    expect(read(900)).toBe(false);
    for (let k = 0; k < 50; k++) read(10);
    expect(read(900)).toBe(true);
  });

  it('counts a reading once where a monitor judges both it and its answer', () => {
    const both = monitorKind({
      type: 'both',
      parameters: {
        ...watchParameters,
        warmUp: { ...watchParameters.warmUp, default: 2 },
        sensitivity: { ...watchParameters.sensitivity, default: 1 },
        holdOff: { ...watchParameters.holdOff, default: 3 },
      },
      prepare: () => ({
        read: ({ interval }) => interval,
        answered: ({ spikes }) => spikes,
        reason: () => 'it says so',
        evidence: new Float64Array(0),
        accept: () => [],
        accepted: { any: false, extents: new Float64Array(), forget: () => {} },
        state: {},
      }),
    });
    (monitorKinds as MonitorKind[]).push(both);
    try {
      const watch = new Watch({ type: 'both', parameters: {} }, site);
      const nothing = { sample: undefined, normalised: undefined, expected: undefined, error: undefined };
      const judge = (interval: number, spikes: number) => {
        const read = watch.read({ time: 0, interval, values: Float64Array.of(0), ...nothing }, true)!;
        const answered = watch.answered({ time: 0, values: Float64Array.of(0), winner: -1, spikes }, true)!;
        return [read.alarm, answered.alarm, watch.flagged];
      };
      // Two readings of warm-up, in which nothing is flagged, and then one alarm for either or both.
      expect([judge(9, 9), judge(9, 9)]).toEqual([
        [false, false, false],
        [false, false, false],
      ]);
      expect(judge(9, 9)).toEqual([true, false, true]);
      expect([judge(0, 0), judge(0, 0), judge(0, 0)].every(([, , flagged]) => !flagged)).toBe(true);
      expect(judge(0, 9)).toEqual([false, true, true]);
      expect(judge(9, 0)).toEqual([false, false, true]);
    } finally {
      (monitorKinds as MonitorKind[]).pop();
    }
  });

  it('refuses lists and names that no state would hold, in a file too', () => {
    const called = (...names: string[]) => names.map((name) => ({ type: 'silence', parameters: { name } }));
    const many = (count: number) => called(...Array.from({ length: count }, (_, k) => `m${k}`));
    expect(watchesOf(many(16), site)).toHaveLength(16);
    expect(() => watchesOf(many(17), site)).toThrow('monitor: lists 17; expected at most 16');
    expect(() => watchesOf(called('a', 'x'.repeat(257)), site)).toThrow('monitor[1]: has a name of 257 characters');
    expect(() => watchesOf(called(''), site)).toThrow('monitor[0]: has a name of 0 characters; expected 1…256');
    const model = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }] });
    expect(() => writeModel({ ...model, monitors: called('a', 'a') })).toThrow(
      'monitor[1]: is a second one called "a"',
    );
  });

  it('refuses what no table has, types that nobody knows, and one name twice', () => {
    expect(() => new Watch({ type: 'silence', parameters: { sigma: 3 } }, site)).toThrow('has no parameter "sigma"');
    expect(() => new Watch({ type: 'jump', parameters: { quantile: 1 } }, site)).toThrow(
      'monitor "jump".quantile: is 1; expected a number below 1',
    );
    expect(() => new Watch({ type: 'noise', parameters: {} }, site)).toThrow(
      `monitor "noise": has unknown monitor "noise"; expected ${monitorKinds.map(({ type }) => type).join(', ')}`,
    );
    const twice = [1, 2].map(() => ({ type: 'silence', parameters: {} }));
    expect(() => watchesOf(twice, site)).toThrow('monitor[1]: is a second one called "silence"');
    const named = [twice[0]!, { type: 'silence', parameters: { name: 'long silence', sensitivity: 100 } }];
    expect(watchesOf(named, site).map(({ name }) => name)).toEqual(['silence', 'long silence']);
  });
});

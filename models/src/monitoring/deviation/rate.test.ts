import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { Watch } from '../watch.ts';

/** When readings come, in milliseconds, that are sent at these times to a machine that is sometimes busy. */
type Arrivals = (send: () => number, random: RandomGenerator) => () => number;

const onTime: Arrivals = (send) => send;

/** Busy twice a second on average, for up to 250 ms with a Pareto tail: what was sent meanwhile comes together. */
const busyAtTimes: Arrivals = (send, random) => {
  let [from, until] = [0, 0];
  return () => {
    const sent = send();
    while (until < sent) {
      from = until - 500 * Math.log(1 - random.nextUniform());
      until = from + Math.min(250, 10 / (1 - random.nextUniform()));
    }
    return sent >= from ? until : sent;
  };
};

/** It looks every 100 ms, and takes what there is. */
const inTurns: Arrivals = (send) => () => 100 * Math.ceil(send() / 100);

/** Each reading takes its own time, up to 100 ms with a Pareto tail, and overtakes none. */
const delayed: Arrivals = (send, random) => {
  let last = 0;
  return () => {
    last = Math.max(last, send() + Math.min(100, (1 - random.nextUniform()) ** -1.2));
    return last;
  };
};

/** Idle for the first 10,000 readings: what is usual is known then as exactly as it can be. */
const busyLater: Arrivals = (send, random) => {
  const busy = busyAtTimes(send, random);
  let count = 0;
  return () => (count++ < 10_000 ? send() : busy());
};

const kinds = [onTime, busyAtTimes, busyLater, inTurns, delayed].map((arrivals) => [arrivals.name, arrivals] as const);

/** A watch of readings that are sent so many milliseconds apart, until `send` changes that. */
function watching(interval: number, arrivals: Arrivals, seed: number) {
  const watch = new Watch({ type: 'rate', parameters: {} }, { channels: ['level'], outputs: 1 });
  const nothing = { sample: undefined, normalised: undefined, expected: undefined, error: undefined };
  const clock = { sent: 0, interval, now: Number.NaN };
  const arrive = arrivals(() => (clock.sent += clock.interval), new RandomGenerator(seed, 'arrivals'));
  const read = () => {
    const before = clock.now;
    clock.now = arrive();
    return watch.read({ time: 0, interval: clock.now - before, values: Float64Array.of(0), ...nothing }, true);
  };
  return { clock, read };
}

/** The interval that a reason names, in milliseconds. */
const named = (reason: string) => 1000 * Number(/^a reading every (\S+) s, usually/.exec(reason)![1]);

describe.each([1000, 20, 2])('rate of readings that are sent every %i ms', (interval) => {
  it.each(kinds.flatMap((kind) => [1, 2, 3].map((seed) => [...kind, seed] as const)))(
    'says nothing where they come late and together: %s',
    (_, arrivals, seed) => {
      const { read } = watching(interval, arrivals, seed);
      const flags = Array.from({ length: 20_000 }, () => read()?.anomaly);
      expect(flags.indexOf(true)).toBe(-1);
    },
  );

  it.each(kinds.flatMap((kind) => [0.5, 2, 50].map((times) => [...kind, times] as const)))(
    'finds where they come after other intervals, and names these: %s',
    (_, arrivals, times) => {
      for (let seed = 1; seed <= 3; seed++) {
        const { read, clock } = watching(interval, arrivals, seed);
        for (let k = 0; k < 20_000; k++) read();
        clock.interval = times * interval;
        const changed = clock.now;
        const reasons: string[] = [];
        /** In readings; in tenths of a second where that is less. */
        let found: number | undefined;
        for (let k = 0; k < 25 || clock.now < changed + 5000; k++) {
          const verdict = read();
          if (verdict?.anomaly !== true) continue;
          found ??= Math.min(k, (25 * (clock.now - changed)) / 2500);
          reasons.push(verdict.reason!);
        }
        expect(found).toBeLessThan(25);
        // What a log and the page keep is the first.
        if (arrivals === onTime) expect(Math.abs(named(reasons[0]!) / clock.interval - 1)).toBeLessThan(0.1);
        expect(Math.abs(named(reasons.at(-1)!) / clock.interval - 1)).toBeLessThan(0.1);
      }
    },
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HintPacer } from './hint-pacer.ts';
import type { PendingHint } from './pending-hints.ts';

const SECOND = 1000;

function newPacer(change: Partial<ConstructorParameters<typeof HintPacer>[0]> = {}) {
  const time = { now: 0 };
  const options = { perSecond: 10, burst: 10, firstPause: 2 * SECOND, longestPause: 60 * SECOND, random: () => 0.5 };
  return { time, pacer: new HintPacer({ ...options, clock: () => time.now, ...change }) };
}

const hint = (device: string, changed = 1): PendingHint => ({ device, changed });

/** The seconds in which the device gets a hint, of looks once a second. */
function secondsOf(pacer: HintPacer, time: { now: number }, seconds: number, pending: readonly PendingHint[]) {
  const start = time.now;
  return Array.from({ length: seconds }, (_, k) => k).filter((k) => {
    time.now = start + k * SECOND;
    return pacer.take(pending).length > 0;
  });
}

it('a device gets a hint at once, and others after pauses that grow up to the longest one', () => {
  const { pacer, time } = newPacer({ longestPause: 8 * SECOND });
  expect(secondsOf(pacer, time, 40, [hint('a')])).toEqual([0, 2, 6, 14, 22, 30, 38]);
});

it('pauses are drawn within a quarter of their length', () => {
  for (const [random, second] of [
    [0, 1500],
    [0.999_999, 2500],
  ] as const) {
    const { pacer, time } = newPacer({ random: () => random });
    pacer.take([hint('a')]);
    time.now = second - 1;
    expect(pacer.take([hint('a')])).toEqual([]);
    time.now = second;
    expect(pacer.take([hint('a')])).toEqual(['a']);
  }
});

it('a device that has reported gets none; a further change of its orders begins anew', () => {
  const { pacer, time } = newPacer();
  expect(secondsOf(pacer, time, 5, [hint('a', 1)])).toEqual([0, 2]);
  expect(secondsOf(pacer, time, 5, [])).toEqual([]);
  expect(secondsOf(pacer, time, 5, [hint('a', 1)])).toEqual([0, 2]);
  expect(secondsOf(pacer, time, 5, [hint('a', 2)])).toEqual([0, 2]);
});

it('beyond the limit those come first that had fewer hints, and then the newest changes', () => {
  const { pacer, time } = newPacer({ perSecond: 2, burst: 2 });
  const all = [hint('old', 1), hint('older', 0), hint('new', 2)];
  expect(pacer.take(all)).toEqual(['new', 'old']);
  expect(pacer.waiting).toBe(1);
  time.now = 2 * SECOND; // the others are due again
  expect(pacer.take(all)).toEqual(['older', 'new']);
  expect(pacer.waiting).toBe(1);
});

it('a wave of 10,000 devices gets a hint each, as fast as the limit allows', () => {
  const { pacer, time } = newPacer({ perSecond: 100, burst: 100, longestPause: 300 * SECOND });
  const pending = new Set(Array.from({ length: 10_000 }, (_, k) => `device ${k}`));
  let hints = 0;
  for (; pending.size > 0; time.now += SECOND) {
    const taken = pacer.take([...pending].map((device) => hint(device)));
    hints += taken.length;
    for (const device of taken) pending.delete(device);
  }
  expect([hints, time.now]).toEqual([10_000, 100 * SECOND]);
});

const look = fc.record({
  after: fc.integer({ min: 0, max: 5000 }),
  pending: fc.uniqueArray(fc.record({ device: fc.constantFrom(...'abcdefghij'), changed: fc.nat(3) }), {
    selector: ({ device }) => device,
  }),
});

it('never exceeds the limit, names only pending devices, and none that it lets wait while it may send', () => {
  fc.assert(
    fc.property(fc.array(look, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (looks, burst) => {
      const { pacer, time } = newPacer({ perSecond: 1, burst });
      const sent: number[] = [];
      for (const { after, pending } of looks) {
        time.now += after;
        const taken = pacer.take(pending);
        expect(new Set(taken).size).toBe(taken.length);
        expect(pending.map(({ device }) => device)).toEqual(expect.arrayContaining(taken));
        sent.push(...taken.map(() => time.now));
        if (pacer.waiting === 0) continue;
        // Someone waits only because the whole limit of some time up to now is used up.
        expect(sent.some((start, k) => sent.length - k >= Math.floor(burst + (time.now - start) / SECOND))).toBe(true);
      }
      for (const [k, start] of sent.entries())
        for (let n = k; n < sent.length; n++)
          expect(n - k + 1).toBeLessThanOrEqual(burst + (sent[n]! - start) / SECOND + 1e-9);
    }),
  );
});

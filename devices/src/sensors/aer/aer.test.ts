import fc from 'fast-check';
import { layoutNamed, WrappedClock } from 'spikewire/sensors';
import { describe, expect, it } from 'vitest';
import { EventSteps } from './event-steps.ts';
import { EventIntake } from './intake.ts';
import { SequenceNumbers } from './sequence-numbers.ts';
import { EdvsLine } from './sources.ts';

/** All steps of events: [end of the step in ms, counts]. */
function stepsOf(events: readonly (readonly [number, number])[], steps: EventSteps): [number, number[]][] {
  const found: [number, number[]][] = [];
  const take = () => {
    const { times, values } = steps.takeBlock(() => 0) ?? { times: [], values: new Float64Array(0) };
    times.forEach((time, k) => {
      found.push([Math.round(1000 * time), Array.from(values.subarray(3 * k, 3 * k + 3))]);
    });
  };
  for (const [time, element] of events) while (!steps.take(time, element)) take();
  while (!steps.finish()) take();
  take();
  return found;
}

describe('events in steps', () => {
  const options = { elements: 3, step: 1000, late: 2 };

  it('are counted by their time stamps, however they come, as a histogram of all counts them', () => {
    const event = fc.tuple(fc.nat(400_000), fc.nat(2));
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 200 }), fc.array(fc.nat(2000)), (events, delays) => {
        const sorted = events.toSorted(([a], [b]) => a - b);
        // Delays of at most two steps.
        const late = sorted.map((each, k) => ({ each, due: each[0] + (delays[k] ?? 0) }));
        const arriving = late.toSorted((a, b) => a.due - b.due).map(({ each }) => each);
        const steps = new EventSteps({ ...options, start: 0 });
        const found = stepsOf(arriving, steps);
        const last = Math.floor(sorted.at(-1)![0] / 1000);
        const expected = Array.from({ length: last + 1 }, (_, step) => [
          step + 1,
          [0, 1, 2].map((k) => events.filter(([t, e]) => e === k && Math.floor(t / 1000) === step).length),
        ]);
        expect(found.slice(0, last + 1)).toEqual(expected);
        expect(found.slice(last + 1).flatMap(([, counts]) => counts)).not.toContain(1);
        expect(steps.counts).toEqual({ late: 0, clockJumps: 0 });
      }),
    );
  });

  it('that come later than that are left out, and counted', () => {
    const steps = new EventSteps(options);
    const found = stepsOf(
      [
        [10_000, 0],
        [14_000, 1],
        [11_999, 2],
        [12_000, 2],
      ],
      steps,
    );
    expect(found.filter(([, counts]) => counts.some((count) => count > 0))).toEqual([
      [11, [1, 0, 0]],
      [13, [0, 0, 1]],
      [15, [0, 1, 0]],
    ]);
    expect(steps.counts).toEqual({ late: 1, clockJumps: 0 });
  });

  it('go on elsewhere where the clock jumps or begins anew, without steps in between', () => {
    const steps = new EventSteps(options);
    const found = stepsOf(
      [
        [0, 0],
        [3_600_000_000, 1],
        [5000, 2],
      ],
      steps,
    );
    expect(found.map(([time]) => time)).toEqual([1, 2, 3, 3_600_001, 3_600_002, 3_600_003, 6, 7, 8]);
    expect(steps.counts).toEqual({ late: 0, clockJumps: 2 });
  });
});

it('a clock of 32 bits that goes back over its start begins steps below 0', () => {
  const clock = new WrappedClock();
  const times = [100, 2 ** 32 - 100, 2 ** 31 + 200].map((stamp) => clock.at(stamp));
  expect(times.slice(1).every((time) => time < 0)).toBe(true);
  const steps = new EventSteps({ elements: 3, step: 1000, late: 2 });
  const found = stepsOf(
    times.map((time, k) => [time, k] as const),
    steps,
  );
  const counts = found.map(([, row]) => row);
  // The second event is before the first step, and so too late.
  expect([0, 1, 2].map((k) => counts.reduce((sum, row) => sum + row[k]!, 0))).toEqual([1, 0, 1]);
  expect(steps.counts).toEqual({ late: 1, clockJumps: 1 });
});

describe('sequence numbers', () => {
  it('tell what was lost, doubled and late, over their end, too', () => {
    const fate = fc.constantFrom('lost', 'twice', 'late', 'fine', 'fine', 'fine');
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.array(fate, { maxLength: 300 }), (start, fates) => {
        // The first and the last come, so that it is known what is missing between them.
        const all = ['fine', ...fates, 'fine'];
        const coming: number[] = [];
        let waiting: number | undefined;
        all.forEach((each, k) => {
          const number = (start + k) % 2 ** 32;
          if (each === 'late' && waiting === undefined && k + 1 < all.length) waiting = number;
          else if (each !== 'lost') {
            coming.push(number, ...(each === 'twice' ? [number] : []));
            if (waiting !== undefined) coming.push(waiting);
            waiting = undefined;
          }
        });
        const numbers = new SequenceNumbers();
        const admitted = coming.filter((number) => numbers.admits(number, 'a'));
        expect(new Set(admitted).size).toBe(admitted.length);
        expect(new Set(admitted)).toEqual(new Set(coming));
        expect(numbers.counts).toMatchObject({
          lostDatagrams: all.filter((each) => each === 'lost').length,
          doubledDatagrams: coming.length - admitted.length,
          newSenders: 0,
        });
      }),
    );
  });

  it('begin anew with another sender', () => {
    const numbers = new SequenceNumbers();
    expect([numbers.admits(5, 'a'), numbers.admits(5, 'b'), numbers.admits(6, 'b')]).toEqual([true, true, true]);
    expect(numbers.counts).toEqual({ lostDatagrams: 0, doubledDatagrams: 0, reorderedDatagrams: 0, newSenders: 1 });
  });
});

it('each of several senders has its own sequence numbers', () => {
  const numbers = new SequenceNumbers();
  const admitted = [7, 8, 10, 10].flatMap((n) => [numbers.admits(n, 'a'), numbers.admits(n + 2 ** 31, 'b')]);
  expect(admitted).toEqual([true, true, true, true, true, true, false, false]);
  expect(numbers.counts).toMatchObject({ lostDatagrams: 2, doubledDatagrams: 2, newSenders: 1 });
  for (let k = 0; k < 100; k++) numbers.admits(k, `many ${k}`);
  expect(numbers.counts.newSenders).toBe(101);
});

describe('an intake', () => {
  const size = { width: 5, height: 4 };
  const places = { layout: layoutNamed('index', size, 2), size, split: true, scale: 2 };
  const drained = (intake: EventIntake) => {
    const found: [number, number][] = [];
    intake.drain((time, element) => found.push([time, element]) > 0);
    return found;
  };

  it('joins columns and rows, keeps polarities apart, and counts what lies outside', () => {
    const intake = new EventIntake(places);
    // x 4, y 3 darker; x 1, y 2 brighter; no place.
    for (const address of [19, 31, 40]) intake.take(7, address);
    expect(drained(intake)).toEqual([
      [7, 3 + 2],
      [7, 2 * 3 + 3],
    ]);
    expect(intake.counts).toMatchObject({ events: 3, outside: 1, crowdedOut: 0 });
  });

  it('follows the clock of each sender over its end for itself', () => {
    const intake = new EventIntake(places);
    const third = Math.floor(2 ** 32 / 3);
    // Three clocks, a third of a round apart, each of which goes on by 1000 µs.
    for (let k = 0; k < 5; k++)
      for (const [n, sender] of ['a', 'b', 'c'].entries()) intake.take((n * third + 1000 * k) % 2 ** 32, 0, sender);
    const times = drained(intake).map(([time]) => time);
    for (const n of [0, 1, 2]) {
      const own = times.filter((_, k) => k % 3 === n);
      expect(own.map((time) => time - own[0]!)).toEqual([0, 1000, 2000, 3000, 4000]);
    }
    // One that comes later, behind the end of the clock of the others, is as late as they are.
    const later = new EventIntake(places);
    for (const stamp of [2 ** 32 - 100, 50]) later.take(stamp, 0, 'a');
    later.take(60, 0, 'b');
    expect(drained(later).map(([time]) => time - 2 ** 32)).toEqual([-100, 50, 60]);
  });

  it('is full at 65,536 events; what does not fit is counted', () => {
    const intake = new EventIntake(places);
    for (let k = 0; k < 65_540; k++) intake.take(k, 0);
    expect(intake.counts.crowdedOut).toBe(4);
    expect(drained(intake)).toHaveLength(65_536);
    expect(intake.room).toBe(65_536);
  });

  it('refuses what it has held where most of it cannot be', () => {
    const intake = new EventIntake(places);
    intake.hold();
    for (const stamp of [1, 2, 3, 4]) intake.take(stamp, 1000 * stamp);
    expect(drained(intake)).toEqual([]);
    expect(() => intake.confirm('aer:x')).toThrow(
      'aer:x: of 4 events 4 lie outside 5x4, 0 jump in time; expected big-endian words, first the address',
    );
    intake.hold();
    for (const stamp of [1, 2, 3, 4]) intake.take(stamp, stamp);
    intake.confirm('aer:x');
    expect(drained(intake)).toHaveLength(4);
  });
});

it('the line of an eDVS is read through pieces, a lost byte, and the end of its clock', async () => {
  const size = { width: 128, height: 128 };
  const intake = new EventIntake({ layout: layoutNamed('dvs128', size), size, split: true, scale: 1 });
  const events = [
    [3, 9, 1, 65_000],
    [4, 8, 0, 65_530],
    [5, 7, 0, 100],
    [6, 6, 0, 300],
  ] as const;
  const bytes = events.flatMap(([x, y, p, t]) => [0x80 | y, (p << 7) | x, t >>> 8, t & 0xff]);
  bytes.splice(8, 1); // the y of the third event: none of its other bytes could be one
  const line = new EdvsLine(async function* () {
    for (const byte of bytes) yield Uint8Array.of(byte);
  });
  await line.run(intake, new AbortController().signal);
  const found: [number, number][] = [];
  intake.drain((time, element) => found.push([time, element]) > 0);
  expect(found[0]).toEqual([65_000, (128 + 9) * 128 + 3]);
  expect(found[1]).toEqual([65_530, 8 * 128 + 4]);
  expect(found[2]).toEqual([65_836, 6 * 128 + 6]);
  expect(line.counts.misaligned).toBe(3);
});

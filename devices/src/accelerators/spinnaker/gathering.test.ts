import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gathering, type KeyTable } from './gathering.ts';

const [NEURONS, WINDOW, WINDOWS] = [3, 20, 4];
const STEPS = WINDOW * WINDOWS;
const LATE = 5;
const NODE = 1;
const FIRST_KEY = 4096;
const keys: KeyTable = new Map(
  Array.from({ length: NEURONS }, (_, index) => [FIRST_KEY + index, { node: NODE, index }]),
);

/** EIEIO as SpiNNFrontEndCommon writes it: 32-bit keys, and a payload base that is the time of the board. */
function timedPacket(time: number, neurons: readonly number[]): Uint8Array {
  const words = [time, ...neurons.map((n) => FIRST_KEY + n)];
  const bytes = Buffer.alloc(2 + 4 * words.length);
  bytes.set([neurons.length, 0x38]);
  for (const [k, word] of words.entries()) bytes.writeUInt32LE(word, 2 + 4 * k);
  return bytes;
}

function plainPacket(neurons: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(2 + 4 * neurons.length);
  bytes.set([neurons.length, 0x08]);
  for (const [k, n] of neurons.entries()) bytes.writeUInt32LE(FIRST_KEY + n, 2 + 4 * k);
  return bytes;
}

interface Sent {
  /** Step of the board. */
  readonly time: number;
  readonly neurons: readonly number[];
  /** Steps on the way, of each time that it comes; none: it is lost. */
  readonly delays: readonly number[];
}

/** A board in step with the clock here; its first packet is on time, from which the driver knows its clock. */
const first: Sent = { time: 0, neurons: [0], delays: [0] };

/** One packet a step at most, delayed by up to so many steps, so that packets overtake one another. */
const packets = (longest: number, times: { readonly minLength: number; readonly maxLength: number }) =>
  fc
    .uniqueArray(
      fc.record({
        time: fc.integer({ min: 1, max: STEPS - 1 }),
        neurons: fc.uniqueArray(fc.nat(NEURONS - 1), { minLength: 1 }),
        delays: fc.array(fc.nat(longest), times),
      }),
      { selector: ({ time }) => time },
    )
    .map((list): readonly Sent[] => [first, ...list]);

/** All windows, one after another, and one more for what is late. */
function gather(sent: readonly Sent[], packetOf = ({ time, neurons }: Sent) => timedPacket(time, neurons)) {
  const gathering = new Gathering(keys, LATE, () => {});
  const coming = sent.flatMap((each) => each.delays.map((delay) => ({ at: each.time + delay, each })));
  const found: string[] = [];
  for (let window = 0; window <= WINDOWS; window++) {
    const start = window * WINDOW;
    gathering.begin(start, WINDOW, start);
    for (let clock = start; clock < start + WINDOW; clock++)
      for (const { at, each } of coming) if (at === clock) gathering.take(packetOf(each), clock);
    for (const { step, node, index } of gathering.end(start + WINDOW)) found.push(`${step} ${node} ${index}`);
  }
  return { found, counts: gathering.counts };
}

const spikesOf = (sent: readonly Sent[], late: (each: Sent) => number[]) =>
  sent.flatMap((each) => late(each).flatMap((step) => each.neurons.map((index) => `${step} ${NODE} ${index}`)));

describe('spikes of packets with the time of the board', () => {
  it('come in their step plus `late`, once, whatever the packets do on the way for up to `late` steps', () => {
    fc.assert(
      fc.property(packets(LATE, { minLength: 1, maxLength: 3 }), (sent) => {
        const { found, counts } = gather(sent);
        const isFar = ({ time }: Sent) => time + LATE < STEPS + WINDOW;
        const expected = spikesOf(sent.filter(isFar), ({ time }) => [time + LATE]);
        expect(found.toSorted()).toEqual(expected.toSorted());
        const doubled = sent.reduce((sum, { delays, neurons }) => sum + (delays.length - 1) * neurons.length, 0);
        expect(counts).toMatchObject({ doubled, late: 0, between: 0, dropped: 0, malformed: 0, unknown: 0 });
      }),
      { numRuns: 300 },
    );
  });

  it('are missing where their packet is lost, and no others', () => {
    fc.assert(
      fc.property(packets(LATE, { minLength: 0, maxLength: 1 }), (sent) => {
        const expected = spikesOf(sent, ({ time, delays }) => (delays.length === 0 ? [] : [time + LATE]));
        expect(gather(sent).found.toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it('are counted as late where their packet comes after their window', () => {
    fc.assert(
      fc.property(packets(3 * LATE, { minLength: 1, maxLength: 1 }), (sent) => {
        const windowEnd = ({ time }: Sent) => WINDOW * (Math.floor((time + LATE) / WINDOW) + 1);
        const isInTime = (each: Sent) => each.time + each.delays[0]! < windowEnd(each);
        const { found, counts } = gather(sent);
        const expected = spikesOf(sent.filter(isInTime), ({ time }) => [time + LATE]);
        expect(found.toSorted()).toEqual(expected.toSorted());
        const all = sent.reduce((sum, { neurons }) => sum + neurons.length, 0);
        expect(counts.late).toBe(all - expected.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('spikes of packets without a time', () => {
  it('count as emitted when they come, each time that they come', () => {
    fc.assert(
      fc.property(packets(2, { minLength: 0, maxLength: 2 }), (sent) => {
        const { found, counts } = gather(sent, ({ neurons }) => plainPacket(neurons));
        const expected = spikesOf(sent, ({ time, delays }) => delays.map((delay) => time + delay + LATE - 1));
        expect(found.toSorted()).toEqual(expected.toSorted());
        expect(counts.doubled).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

it('packets of any bytes are counted, and give no spikes of others', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 }), (all) => {
      const gathering = new Gathering(keys, LATE, () => {});
      gathering.begin(0, WINDOW, 0);
      for (const bytes of all) gathering.take(bytes, 1);
      gathering.end(WINDOW);
      expect(gathering.counts.packets).toBe(all.length);
      expect(gathering.counts.known + gathering.counts.unknown).toBeLessThanOrEqual(255 * all.length);
    }),
    { numRuns: 300 },
  );
});

it('spikes that wait have a bound, beyond which they are dropped and counted', () => {
  const gathering = new Gathering(keys, LATE, () => {});
  gathering.begin(0, WINDOW, 0);
  const packet = plainPacket(Array.from({ length: 60 }, (_, k) => k % NEURONS));
  for (let k = 0; k < 4000; k++) gathering.take(packet, 1);
  expect(gathering.counts.dropped).toBe(4000 * 60 - 200_000);
  expect(gathering.end(WINDOW)).toHaveLength(200_000);
});

import { TimedNetwork } from '@spikewire/engine';
import { parseModel, SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventsForInput, stepsForInput } from './into-network.ts';
import { readNMnist } from './n-mnist.ts';
import { readPropheseeDat } from './prophesee-dat.ts';

const event = fc.record({
  x: fc.nat({ max: 239 }),
  y: fc.nat({ max: 239 }),
  polarity: fc.constantFrom(0, 1),
  pause: fc.nat({ max: 5000 }),
});

/** Times that go on from event to event, in microseconds. */
function timed<Event extends { pause: number }>(events: readonly Event[]): (Event & { time: number })[] {
  let time = 0;
  return events.map((each) => {
    time += each.pause;
    return { ...each, time };
  });
}

describe.each([
  ['N-MNIST', readNMnist],
  ['Prophesee', readPropheseeDat],
] as const)('%s', (name, read) => {
  const write = (events: ReturnType<typeof timed<{ x: number; y: number; polarity: number; pause: number }>>) =>
    name === 'N-MNIST'
      ? Uint8Array.from(
          events.flatMap(({ x, y, polarity, time }) => {
            return [x, y, (polarity << 7) | (time >> 16), (time >> 8) & 0xff, time & 0xff];
          }),
        )
      : Buffer.concat([
          Buffer.from('% Data file\n% Version 2\n\x00\x08', 'latin1'),
          ...events.map(({ x, y, polarity, time }) => {
            const bytes = Buffer.alloc(8);
            bytes.writeUInt32LE(time, 0);
            bytes.writeUInt32LE(((polarity << 28) | (y << 14) | x) >>> 0, 4);
            return bytes;
          }),
        ]);

  it('reads what its format says', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 50 }), (events) => {
        const expected = timed(events);
        const { time, x, y, polarity } = read(write(expected));
        expect(time.length).toBe(expected.length);
        expected.forEach((each, k) => {
          expect([x[k], y[k], polarity[k], time[k]]).toEqual([each.x, each.y, each.polarity, each.time / 1e6]);
        });
      }),
    );
  });

  it('gives a recording or a typed error for any bytes', () => {
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([Buffer.from('% x\n\x00\x08', 'latin1'), bytes])),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.concat([Buffer.from('%'), bytes])),
    );
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          const { time } = read(bytes);
          expect(time.length).toBeLessThanOrEqual(bytes.length / 5);
          expect(time.every((each, k) => k === 0 || each >= time[k - 1]!)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(SpikewireError);
          expect((error as SpikewireError).code).toBe('file');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('events for an Input', () => {
  const graphOf = (shape: readonly number[]) =>
    new TimedNetwork(
      parseModel({ nodes: { in: { type: 'Input', shape }, out: { type: 'Output', shape } }, edges: [['in', 'out']] }),
    ).graph;
  const recording = readNMnist(Uint8Array.of(1, 2, 0x80, 0, 7));

  it.each([
    [[2, 3, 4], 12 + 2 * 4 + 1],
    [[1, 3, 4], 2 * 4 + 1],
    [[3, 4], 2 * 4 + 1],
  ])('of shape %j: row-major, brighter behind darker', (shape, index) => {
    const events = eventsForInput(graphOf(shape), recording);
    expect([events.length, events.index[0], events.time[0]]).toEqual([1, index, 7e-6]);
  });

  it('are in the step within which they are, also at its very beginning', () => {
    const times = Array.from({ length: 5000 }, (_, k) => 1000 * k);
    const bytes = times.flatMap((time) => [1, 2, time >> 16, (time >> 8) & 0xff, time & 0xff]);
    const graph = new TimedNetwork(
      parseModel({
        nodes: { in: { type: 'Input', shape: [3, 4] }, out: { type: 'Output', shape: [3, 4] } },
        edges: [['in', 'out']],
        semantics: { dt: 0.001 },
      }),
    ).graph;
    const { steps, events } = stepsForInput(graph, readNMnist(Uint8Array.from(bytes)));
    expect(Array.from(events.step.subarray(0, events.length))).toEqual(times.map((_, k) => k));
    expect(steps).toBe(5000);
  });

  it.each([
    [[2, 2, 4], /address event 0 into "in": is at x 1, y 2; expected x below 4, y below 2/],
    [[12], /Input "in" for address events: has shape \[12\]/],
    [[3, 4, 4], /Input "in" for address events: has shape \[3, 4, 4\]/],
  ])('of shape %j: refused', (shape, message) => {
    expect(() => eventsForInput(graphOf(shape), recording)).toThrow(message);
  });
});

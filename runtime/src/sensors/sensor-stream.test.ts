import { getEventListeners } from 'node:events';
import { SpikewireError } from '@spikewire/models';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFigures } from './figures-line.ts';
import type { SampleBlock, SensorDescription, SpeakingSensor } from './sensor.ts';
import { SensorStream } from './sensor-stream.ts';

const xy: SensorDescription = {
  address: 'made:xy',
  name: 'made up',
  channels: [
    { name: 'x', unit: 'g' },
    { name: 'y', unit: 'g' },
  ],
  rate: 10,
  timed: 'at the source',
};

const blockOf = (times: readonly number[], values: readonly number[]): SampleBlock => ({
  origin: 1000,
  times: Float64Array.from(times),
  values: Float64Array.from(values),
});

/** Gives these blocks and ends. */
const recording = (blocks: readonly SampleBlock[], description = xy): SpeakingSensor => ({
  description,
  async *samples() {
    yield* blocks;
  },
});

async function allOf(stream: SensorStream, length = 1): Promise<{ time: number; values: number[] }[]> {
  const readings: { time: number; values: number[] }[] = [];
  for (let reading = await stream.read(length); reading !== undefined; reading = await stream.read(length)) {
    readings.push({ time: reading.time, values: Array.from(reading.values) });
  }
  return readings;
}

describe('a stream of samples', () => {
  it('gives them one by one, or several of each channel in a row, with their times in milliseconds', async () => {
    const blocks = [blockOf([0, 0.1, 0.2], [1, -1, 2, -2, 3, -3]), blockOf([0.3, 0.4], [4, -4, 5, -5])];
    expect(await allOf(new SensorStream(recording(blocks)))).toEqual([
      { time: 1000, values: [1, -1] },
      { time: 1100, values: [2, -2] },
      { time: 1200, values: [3, -3] },
      { time: 1300, values: [4, -4] },
      { time: 1400, values: [5, -5] },
    ]);
    const hundred = Array.from({ length: 100 }, (_, k) => k / 10);
    const long = await allOf(
      new SensorStream(
        recording([
          blockOf(
            hundred,
            hundred.flatMap((t) => [t, t]),
          ),
        ]),
      ),
      100,
    );
    expect(long.map(({ values }) => values.length)).toEqual([200]); // more than four seconds of them
    const pairs = await allOf(new SensorStream(recording(blocks)), 2);
    expect(pairs).toEqual([
      { time: 1100, values: [1, 2, -1, -2] },
      { time: 1300, values: [3, 4, -3, -4] },
    ]);
  });

  it('counts what is doubtful, and leaves out what is not a sample', async () => {
    const times = [0, 0.1, 0.1, 0.2, 0.7, 0.6, 0.7];
    const values = [0, 0, 1, 1, 1, 1, Number.NaN, 1, 2, 2, 3, 3, 4, 4];
    const stream = new SensorStream(recording([blockOf(times, values)]));
    const passed = await allOf(stream);
    expect(passed.map(({ values: [x] }) => x)).toEqual([0, 1, 2, 3, 4]);
    // From 0.1 to 0.7 s at 10 per second five are missing, of which one came without a number.
    const counted = {
      samples: 7,
      taken: 5,
      nonFinite: 1,
      duplicates: 1,
      backwards: 1,
      gaps: 1,
      missing: 5,
      dropped: 0,
    };
    expect(stream.figures).toMatchObject(counted);
    expect(stream.figures.channels[0]).toEqual({ name: 'x', unit: 'g', low: 0, high: 4, stuck: false });
    expect(describeFigures(stream.figures)).toMatch(
      /^sensor made:xy: 7 samples, 5 taken, 1 without a valid number, 1 duplicates, 1 with a time before the previous sample, 5 missing in 1 gaps, \S+ per/,
    );
  });

  it('measures rate and jitter as their definitions say, at any intervals', async () => {
    const intervals = fc.array(fc.double({ min: 0.001, max: 0.15, noNaN: true }), { minLength: 2, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(intervals, async (pauses) => {
        let time = 0;
        const times = [0, ...pauses.map((pause) => (time += pause))];
        const stream = new SensorStream(
          recording([
            blockOf(
              times,
              times.flatMap((t) => [t, -t]),
            ),
          ]),
        );
        await allOf(stream);
        const mean = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
        const variance = pauses.reduce((sum, pause) => sum + (pause - mean) ** 2, 0) / pauses.length;
        const { rate, jitter, longest } = stream.figures;
        expect(rate).toBeCloseTo(1 / mean, 6);
        expect(jitter).toBeCloseTo(1000 * Math.sqrt(variance), 4);
        expect(longest).toBeCloseTo(1000 * Math.max(...pauses), 6);
      }),
      { numRuns: 50 },
    );
  });

  it('calls a channel stuck from the hundredth equal number in a row, until another comes', async () => {
    const times = Array.from({ length: 101 }, (_, k) => k / 10);
    const samples = (count: number) => times.slice(0, count).flatMap((t) => [t, 7]);
    const after = async (count: number, last: readonly number[] = []) => {
      const values = [...samples(count), ...last];
      const stream = new SensorStream(recording([blockOf(times.slice(0, values.length / 2), values)]));
      await allOf(stream);
      return [stream.figures.stuck, ...stream.figures.channels.map(({ stuck }) => stuck)];
    };
    expect(await after(99)).toEqual([0, false, false]);
    expect(await after(100)).toEqual([1, false, true]);
    expect(await after(100, [0, 8])).toEqual([1, false, false]);
    // A line on which nothing happens while another's levels change is not stuck.
    const edges = {
      ...blockOf(
        times,
        times.flatMap((_, k) => [k % 2, 7]),
      ),
      changed: new Int32Array(101),
    };
    const stream = new SensorStream(recording([edges]));
    await allOf(stream);
    expect(stream.figures.stuck).toBe(0);
  });

  it('passes on what differs by delta from the last that was passed, in any channel by its own', async () => {
    const values = [0, 0, 0.4, 0, 0.8, 0, 1, 0, 1.2, 5, 2.1, 5];
    const blocks = [blockOf([0, 0.1, 0.2, 0.3, 0.4, 0.5], values)];
    const passed = async (delta: readonly number[]) => {
      const stream = new SensorStream(recording(blocks), { delta });
      const readings = await allOf(stream);
      expect(stream.figures.unchanged + readings.length).toBe(6);
      return readings.map(({ values: [x] }) => x);
    };
    expect(await passed([1])).toEqual([0, 1, 1.2]);
    expect(await passed([1, 10])).toEqual([0, 1, 2.1]);
    expect(await passed([0])).toEqual([0, 0.4, 0.8, 1, 1.2, 2.1]);
    const inBlocks = new SensorStream(recording(blocks), { delta: [1] }).read(2);
    await expect(inBlocks).rejects.toThrow(/made:xy: has a delta, and blocks of samples are wanted/);
  });

  it('never makes the sensor wait: the oldest samples give way, and are counted', async () => {
    let given = 0;
    const sensor: SpeakingSensor = {
      description: { ...xy, rate: 100 },
      async *samples() {
        for (; given < 5000; given++) yield blockOf([given / 100], [given, 0]);
      },
    };
    const stream = new SensorStream(sensor);
    expect((await stream.read())!.values[0]).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(given).toBe(5000);
    const rest = await allOf(stream);
    expect(rest).toHaveLength(400); // four seconds
    expect(rest.at(-1)!.values[0]).toBe(4999);
    expect(stream.figures).toMatchObject({ samples: 5000, taken: 401, dropped: 5000 - 401 });
  });

  it('goes on after a loss, and says what was lost', async () => {
    let opened = 0;
    const sensor: SpeakingSensor = {
      description: xy,
      async *samples() {
        opened++;
        yield blockOf([opened], [opened, 0]);
        if (opened < 3) throw new SpikewireError('input', 'made:xy', 'is gone');
      },
    };
    const problems: string[] = [];
    const stream = new SensorStream(sensor, { onProblem: ({ message }) => problems.push(message) });
    expect((await allOf(stream)).map(({ values: [x] }) => x)).toEqual([1, 2, 3]);
    expect(problems).toEqual(['made:xy: is gone', 'made:xy: is gone']);
    expect(stream.figures).toMatchObject({ problems: 2, problem: null });
  });

  it('ends with an error of the program, and with one that no waiting mends', async () => {
    const broken = (problem: Error): SpeakingSensor => ({
      description: xy,
      // biome-ignore lint/correctness/useYield: it fails before it could
      async *samples() {
        throw problem;
      },
    });
    await expect(new SensorStream(broken(new TypeError('x is undefined'))).read()).rejects.toThrow(TypeError);
    const misused = new SpikewireError('usage', 'made:xy', 'has rate=0');
    await expect(new SensorStream(broken(misused)).read()).rejects.toBe(misused);
  });

  it('is ended by its signal while it waits, and closes the sensor', async () => {
    const abort = new AbortController();
    let closed = 0;
    const silent: SpeakingSensor = {
      description: xy,
      async *samples(signal) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
      close: async () => void closed++,
    };
    const stream = new SensorStream(silent, { signal: abort.signal });
    const waiting = stream.read();
    abort.abort();
    expect(await waiting).toBeUndefined();
    await stream.close();
    expect(closed).toBe(1);
  });

  it('leaves nothing at its signal once it has ended', async () => {
    const { signal } = new AbortController();
    const closed = new SensorStream(recording([]), { signal });
    const over = new SensorStream(recording([]), { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
    await closed.close();
    expect(await over.read()).toBeUndefined();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('asks a sensor that is asked at an interval', async () => {
    let asked = 0;
    const stream = new SensorStream(
      { description: { ...xy, timed: undefined as never }, read: async () => Float64Array.of(++asked, 0) },
      { interval: 0.005 },
    );
    const before = Date.now();
    const [first, , third] = [await stream.read(), await stream.read(), await stream.read()];
    await stream.close();
    expect([first!.values[0], third!.values[0]]).toEqual([1, 3]);
    expect(first!.time).toBeGreaterThan(before - 5);
    expect(third!.time - first!.time).toBeGreaterThan(8);
  });

  it('tells the time of samples by the clock of the last, where it was set among them', async () => {
    const blocks = [blockOf([1], [1, -1]), { ...blockOf([2], [2, -2]), origin: 50_000 }];
    expect(await allOf(new SensorStream(recording(blocks)), 2)).toEqual([{ time: 52_000, values: [1, 2, -1, -2] }]);
  });

  it('gives what waits as a block, with the channels that changed', async () => {
    const edges = { ...blockOf([1e-9, 2e-9, 2e-9], [1, 0, 0, 0, 0, 1]), changed: Int32Array.of(0, 0, 1) };
    const { rate: _, ...events } = xy;
    const stream = new SensorStream(recording([edges, { ...edges, origin: 2000 }], events));
    expect(await stream.readBlock()).toEqual(edges);
    expect((await stream.readBlock())!.origin).toBe(2000);
    expect(await stream.readBlock()).toBeUndefined();
    expect(stream.figures).toMatchObject({ samples: 6, taken: 6, duplicates: 0, stuck: 0 });
  });
});

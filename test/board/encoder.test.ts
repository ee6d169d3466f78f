import { type BoardEvent, type EncoderSettings, FirmataBoard, HeldSamples } from '@spikewire/devices/firmata';
import { encoderKindOf, parseModel, RandomGenerator, SpikewireError } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { describe, expect, it, type TestContext } from 'vitest';
import { chain } from '../chain.ts';
import { play } from '../conformance/play.ts';
import { startUno } from './needs-uno.ts';
import type { Uno } from './uno.mjs';

const PERIOD = 10_000;

async function openBoard(context: TestContext): Promise<{ uno: Uno; board: FirmataBoard }> {
  const uno = await startUno(context);
  return { uno, board: await uno.during(FirmataBoard.open(uno.line)) };
}

/** A walk of two inputs: what the converter makes of them, and what the board said of each sample. */
async function walk(context: TestContext, settings: Omit<EncoderSettings, 'period' | 'channels'>, samples: number) {
  const { uno, board } = await openBoard(context);
  const random = new RandomGenerator(1, 'walk');
  const events: BoardEvent[] = [];
  const frames: Parameters<FirmataBoard['onFrame']>[0][] = [];
  board.onFrame = (frame) => {
    frames.push(frame);
    events.push(...frame.events);
  };
  await uno.during(board.encode({ ...settings, channels: [0, 2], period: PERIOD }), 100);
  const volts = [2.5, 1];
  const values: number[][] = [];
  for (let k = 0; k < samples; k++) {
    for (const [c, channel] of [0, 2].entries()) {
      const stride = random.nextInteger(20) === 0 ? 1 : 0.03;
      volts[c] = Math.max(0, Math.min(4.99, volts[c]! + stride * random.nextNormal()));
      uno.analog(channel, volts[c]!);
    }
    values.push(volts.map((volt) => Math.floor((Math.round(volt * 1000) * 1023) / 5000)));
    await uno.run(PERIOD);
  }
  // What still gathers goes out by itself; nothing changes any more.
  await uno.run(2_500_000);
  const status = await uno.during(board.status());
  await uno.during(board.stop());
  expect(status).toMatchObject({ missed: 0, dropped: 0, broken: 0, overrun: 0 });
  expect(board.counts).toMatchObject({ broken: 0, lost: 0 });
  return { values, events, frames };
}

describe('the encoder on the board', () => {
  it.for([0, 7, 100])(
    'sends on delta: what it said is known within the threshold, gathering %i',
    async (gather, context) => {
      const threshold = 9;
      const { values, events, frames } = await walk(context, { code: 'values', threshold, gather }, 400);
      const held = new HeldSamples([0, 2]);
      const rows = frames.flatMap((frame) => chunks([...held.take(frame, 1000).values], 2));
      expect(rows.length).toBeGreaterThan(400);
      for (const [k, row] of values.entries()) {
        for (const [c, value] of row.entries())
          expect(Math.abs(rows[k]![c]! - value), `sample ${k}`).toBeLessThan(threshold);
      }
      // And no event is needless: one channel at one time differs from its value before by the threshold or more.
      for (const channel of [0, 2]) {
        const own = events.filter((event) => event.channel === channel).map(({ value }) => value);
        expect(own.length).toBeLessThan(300);
        own.slice(1).forEach((value, k) => {
          expect(Math.abs(value - own[k]!)).toBeGreaterThanOrEqual(threshold);
        });
      }
    },
  );

  it.for([0, 30])(
    'sends the spikes of the encoder "delta" of a model, sample by sample, gathering %i',
    async (gather, context) => {
      const threshold = 16;
      const { values, events } = await walk(context, { code: 'changes', threshold, gather }, 300);
      const encoder = encoderKindOf('delta', 'test').prepare(
        { range: [0, 1024], threshold: threshold / 1024, polarity: 'signed', maxEvents: 4 },
        { size: 2, steps: 10, dt: 1e-3, random: new RandomGenerator(1, 'none') },
      );
      const expected: number[][] = [];
      values.forEach((row, k) => {
        const sums = [0, 0];
        encoder.encode(Float64Array.from(row), (_step, index, value) => {
          sums[index]! += value;
        });
        sums.forEach((sum, c) => {
          if (sum !== 0) expected.push([k + 1, 2 * c, sum]);
        });
      });
      const said = events.map(({ tick, channel, value }) => [tick, channel, value]);
      expect(said.filter(([tick]) => tick! <= values.length)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(100);
    },
  );

  it('sends spikes whose number is the integral of the input', async (context) => {
    const threshold = 700;
    const { values, events } = await walk(context, { code: 'rate', threshold: [threshold, 300], gather: 20 }, 200);
    for (const [c, own] of [threshold, 300].entries()) {
      let sum = 0;
      for (const [k, row] of values.entries()) {
        sum += row[c]!;
        const spikes = events.filter(({ tick, channel }) => tick <= k + 1 && channel === 2 * c);
        expect(spikes.reduce((total, { value }) => total + value, 0)).toBe(Math.floor(sum / own));
      }
    }
  });

  it('ends a frame with a sample, never within one', async (context) => {
    const { uno, board } = await openBoard(context);
    const random = new RandomGenerator(3, 'inputs');
    const channels = [0, 1, 2, 3, 4, 5];
    const frames: { from: number; until: number }[] = [];
    board.onFrame = (frame) => frames.push(frame);
    await uno.during(board.encode({ code: 'values', channels, period: PERIOD, threshold: 1, gather: 127 }));
    for (let k = 0; k < 200; k++) {
      for (const channel of channels) if (random.nextInteger(3) > 0) uno.analog(channel, 5 * random.nextUniform());
      await uno.run(PERIOD);
    }
    expect(frames.length).toBeGreaterThan(20);
    frames.slice(1).forEach(({ from }, k) => {
      expect(from).toBeGreaterThan(frames[k]!.until);
    });
  });

  it('says now and then that it is there, and what time it is', async (context) => {
    const { uno, board } = await openBoard(context);
    const untils: number[] = [];
    board.onFrame = ({ until }) => untils.push(until);
    await uno.during(board.encode({ code: 'values', channels: [1], period: 500, threshold: 5 }));
    // More samples than the 14 bits of a frame count.
    for (let second = 0; second < 20; second++) await uno.run(1_000_000);
    const steps = untils.slice(1).map((until, k) => until - untils[k]!);
    expect(untils.at(-1)).toBeGreaterThan(37_000);
    expect(Math.max(...steps)).toBeLessThanOrEqual(4096);
    expect(await uno.during(board.status())).toMatchObject({ missed: 0 });
  });

  it('counts what the line had no room for, and the host sees as much missing', async (context) => {
    const { uno, board } = await openBoard(context);
    const channels = [0, 1, 2, 3, 4, 5];
    for (const channel of channels) uno.analog(channel, 4.9);
    await uno.during(board.encode({ code: 'rate', channels, period: 900, threshold: 256 }));
    for (let k = 0; k < 20; k++) await uno.run(100_000);
    const { dropped } = await uno.during(board.status());
    expect(dropped).toBeGreaterThan(100);
    await uno.during(board.encode({ code: 'rate', channels, period: 900, threshold: 256 }));
    // 127 frames in a row are the most that their numbers can tell.
    let lost = 0;
    board.onFrame = (frame) => {
      lost += frame.lost;
    };
    await uno.run(300_000);
    const { dropped: again } = await uno.during(board.status());
    expect(again).toBeGreaterThan(10);
    expect(lost).toBeGreaterThan(again - 5);
    expect(lost).toBeLessThanOrEqual(again);
  });

  it('goes over to a faster line', async (context) => {
    const { uno, board } = await openBoard(context);
    const took = async () => {
      let time = 0;
      const status = board.status();
      let isThere = false;
      status.then(() => {
        isThere = true;
      });
      for (; !isThere; time += 100) {
        await uno.run(100);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return time;
    };
    const before = await took();
    await uno.during(board.setLineRate(500_000));
    expect(await took()).toBeLessThan(before / 2);
    await uno.during(board.setLineRate(57_600));
    expect(await took()).toBeGreaterThan(before / 2);
  });

  it.for([
    { threshold: 0 },
    { threshold: 20_000 },
    { channels: [7] },
    { period: 99 },
    { period: 1_000_001 },
    { gather: 128 },
    { code: 'rate', threshold: 255 },
  ] as const)('refuses %j, and goes on', async (wrong, context) => {
    const { uno, board } = await openBoard(context);
    const right = { code: 'values', channels: [1], period: 1000, threshold: 5 } as const;
    const refused = await uno.during(board.encode({ ...right, ...wrong })).catch((problem: unknown) => problem);
    expect(refused).toBeInstanceOf(SpikewireError);
    await uno.during(board.encode(right));
    await uno.run(100_000);
    expect(board.counts.frames).toBeGreaterThan(0);
  });

  it('tells the spikes to a net, whose answer the LED shows', async (context) => {
    const { uno, board } = await openBoard(context);
    // Two inputs that rise together within 50 ms make it fire; one alone does not.
    const model = parseModel({
      nodes: {
        up: { type: 'Input', shape: [2] },
        fc: { type: 'Linear', weight: [[1, 1]] },
        cell: { type: 'LIF', tau: 0.05, v_threshold: 0.2, r: 1 },
        out: { type: 'Output' },
      },
      edges: chain('up', 'fc', 'cell', 'out'),
      semantics: { dt: 1e-3 },
    });
    const network = engineNamed('event').load(model);
    let reached = 0;
    board.onFrame = ({ events, until }) => {
      const ups = events.filter(({ value }) => value > 0);
      const stimulus = ups.map(({ tick, channel, value }) => [tick, channel, value] as const);
      const { out } = play(network, until + 1 - reached, { up: stimulus }, reached);
      reached = until + 1;
      if (out!.length > 0) board.show(true);
    };
    for (const channel of [0, 1]) uno.analog(channel, 2.5);
    await uno.during(board.encode({ code: 'changes', channels: [0, 1], period: 1000, threshold: 64 }));
    uno.analog(0, 4.5);
    await uno.run(300_000);
    expect(uno.pins.get(13)).toBeUndefined();
    uno.analog(0, 2.5);
    await uno.run(300_000);
    for (const channel of [0, 1]) uno.analog(channel, 4.5);
    await uno.run(100_000);
    await uno.during(board.status());
    expect(uno.pins.get(13)).toBe(1);
  });
});

const chunks = (values: readonly number[], size: number) =>
  Array.from({ length: values.length / size }, (_, k) => values.slice(size * k, size * (k + 1)));

import { readLearned } from '@spikewire/models';
import { EventBuffer } from 'spikewire';
import { afterEach, describe, expect, it } from 'vitest';
import { openPins } from '../../../devices/src/accelerators/odin/address.ts';
import { OdinBoard } from '../../../devices/src/accelerators/odin/board.ts';
import { odin, setRegister } from '../../../devices/src/accelerators/odin/chips.ts';
import { mapModel } from '../../../devices/src/accelerators/odin/mapping.ts';
import { abilitiesOf, odinDriver, tinyOdinDriver } from '../../../devices/src/accelerators/odin/odin.ts';
import { openOdinNet } from '../../../devices/src/accelerators/odin/odin-net.ts';
import { SoftwareNet } from '../../../devices/src/accelerators/odin/software-net.ts';
import { STEPS, smallBytes, smallModel, smallWindow } from './small-net.ts';
import { Twin, type TwinOptions } from './twin.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: TwinOptions): Promise<Twin> {
  const twin = await Twin.start({ seed: 5, ...options });
  closing.push(() => twin.stop());
  return twin;
}

/** A net on the board of a twin, with what is behind it. */
async function open(twin: Twin, query = '') {
  const { pins } = await openPins(odin, `${twin.address}${query}`);
  closing.push(() => pins.close());
  const board = new OdinBoard(odin, pins);
  const source = { name: 'odin', abilities: abilitiesOf(odin) };
  const net = await openOdinNet(source, board, smallBytes, undefined, () => {});
  const software = new SoftwareNet(mapModel(odin, smallModel()));
  /** A window on both; their outputs and membranes. */
  const run = async (seed: number, fresh = false) => {
    if (fresh) software.resetActivity();
    const input = smallWindow(seed);
    const [output, raster] = [new EventBuffer(10_000), new EventBuffer(10_000)];
    software.run(STEPS, EventBuffer.of(input), output, raster);
    const expected = { output: output.toList(), raster: raster.toList(), v: software.readState('hidden') };
    const found = await net.run({ steps: STEPS, input, membranes: ['hidden'], raster: true, fresh });
    return { expected, found: { output: found.output, raster: found.raster, v: found.membranes.hidden } };
  };
  return { net, run, board, pins };
}

describe('a line to the bridge', () => {
  it.each<[string, TwinOptions]>([
    ['loses frames', { loss: 0.03 }],
    ['doubles frames', { double: 0.1 }],
    ['changes their order', { reorder: 0.05 }],
    ['delays them', { delay: 4 }],
  ])('that %s changes no answer', async (_, options) => {
    const twin = await start(options);
    const { run } = await open(twin);
    for (const seed of [1, 2]) {
      const { found, expected } = await run(seed);
      expect(found).toEqual(expected);
    }
    const { lost, doubled, reordered } = (await twin.dump()).counts;
    expect(options.delay === undefined ? lost + doubled + reordered : 1).toBeGreaterThan(0);
  });

  it('that ends gives one error, and the board is gone', async () => {
    const twin = await start({});
    const source = await odinDriver.open(twin.address);
    closing.push(() => source.close());
    const net = await source.open(smallBytes);
    await twin.stop();
    const gone = { code: 'unsupported', message: expect.stringMatching(/^tcp:127\.0\.0\.1:\d+: is gone/) };
    await expect(net.run({ steps: STEPS, input: smallWindow(1) })).rejects.toMatchObject(gone);
    expect(source.isGone).toBe(true);
    await expect(net.save()).resolves.toBeInstanceOf(Uint8Array);
  });

  it('that ends while the chip is loaded gives one error', async () => {
    const twin = await start({ goneAfter: 40 });
    const source = await odinDriver.open(twin.address);
    closing.push(() => source.close());
    await expect(source.open(smallBytes)).rejects.toMatchObject({ code: 'unsupported' });
    expect(source.isGone).toBe(true);
  });

  it('whose frames have the other order of bytes is refused', async () => {
    const twin = await start({ swap: 'frames' });
    const line =
      /^tcp:127\.0\.0\.1:\d+: does not answer: .*; expected a bridge as docs\/guide\/boards\.md describes it$/;
    await expect(odinDriver.open(`${twin.address}?patience=1`)).rejects.toThrow(line);
  });

  it.each<[TwinOptions, RegExp]>([
    [{ swap: 'addresses' }, /: answers a row of 256 spikes with \d+; expected each neuron once, in order$/],
    [{ swap: 'counts' }, /: acknowledged 8448 of 33 events; expected ODIN on AERIN and AEROUT$/],
    [
      { leaksMore: 1 },
      /: spikes unlike its software in events \d+ to \d+ \(\d+ spikes\); expected \d+ spikes, the same in order$/,
    ],
    [{ tiny: true, leaksMore: 1 }, /: spikes unlike its software in events/],
    [{ keepsSpikes: true }, /: keeps 256 spikes back; expected some in each answer$/],
  ])('to a bridge with %o is refused when it is tried', async (options, line) => {
    const twin = await start(options);
    const driver = options.tiny ? tinyOdinDriver : odinDriver;
    await expect(driver.test!(twin.address)).rejects.toThrow(line);
  });

  it('where nobody listens is refused', async () => {
    const twin = await start({});
    await twin.stop();
    await expect(tinyOdinDriver.open(twin.address)).rejects.toThrow(/^tcp:.*: cannot be reached \(ECONNREFUSED\)/);
  });
});

describe('a chip', () => {
  it('whose SPI has the lowest bit first is refused', async () => {
    const twin = await start({ lsb: true });
    const source = await odinDriver.open(twin.address);
    closing.push(() => source.close());
    const line = /: does not give back a byte that was written to its memory; expected ODIN on SPI, mode 0$/;
    await expect(source.open(smallBytes)).rejects.toThrow(line);
  });

  it('whose AEROUT nobody serves does not acknowledge, which is told', async () => {
    const twin = await start({ deaf: true });
    const source = await odinDriver.open(`${twin.address}?patience=1`);
    closing.push(() => source.close());
    const net = await source.open(smallBytes);
    const line = /: acknowledged \d+ of \d+ events; expected ODIN on AERIN and AEROUT$/;
    await expect(net.run({ steps: STEPS, input: smallWindow(1) })).rejects.toThrow(line);
  });

  it('that counts a clock too many or too few is set right, or what it lost is told', async () => {
    const twin = await start({});
    const { run, board } = await open(twin, '?patience=1');
    const slips = [
      [1, 0],
      [-1, 0],
      [1, 2],
      [-1, 5],
      [1, 30],
      [-1, 66],
    ] as const;
    let told = 0;
    for (const [by, after] of slips) {
      const { repaired } = board.counts;
      await run(1, true);
      await twin.slip(by, after);
      for (const seed of [2, 3]) {
        // A frame out of step may overwrite memory, which cannot be undone.
        const { found, expected } = await run(seed).catch((problem: Error) => {
          told++;
          expect(problem.message).toMatch(/: lost count of SPI clocks or its power, and \d+ bytes of its memory/);
          return { found: undefined, expected: undefined };
        });
        expect(found).toEqual(expected);
        if (found === undefined) break;
      }
      expect(board.counts.repaired).toBe(repaired + 1);
    }
    expect(told).toBeLessThan(slips.length / 2);
  });

  it('that loses its power in a window is found at its end, and has its net again', async () => {
    const twin = await start({});
    const { run, board } = await open(twin);
    await run(1);
    await twin.losePower();
    await expect(run(2)).rejects.toMatchObject({ code: 'unsupported' });
    const { found, expected } = await run(4, true);
    expect(found).toEqual(expected);
    expect(board.counts.damaged).toBeGreaterThan(10_000);
  });

  it('that loses its power is found also where a byte happens to hold what was written', async () => {
    const twin = await start({});
    const { run, board } = await open(twin);
    await run(1);
    await twin.losePower([odin.scratch.at(-1)!.at]);
    await expect(board.readMembranes([0])).rejects.toThrow(
      /: lost count of SPI clocks or its power, and \d+ bytes of its memory; /,
    );
  });

  it('that loses its registers has them again with the next access to its memories', async () => {
    const twin = await start({});
    const { run } = await open(twin);
    await run(1);
    await twin.loseRegisters();
    const { found, expected } = await run(2, true);
    expect(found).toEqual(expected);
  });

  it('whose gate is closed takes no event, which the bridge tells in time, and it is opened', async () => {
    const twin = await start({});
    const { run, board, pins } = await open(twin, '?patience=1');
    await run(1);
    await pins.spi(setRegister(0, 1));
    const { found, expected } = await run(2);
    expect(found).toEqual(expected);
    expect(board.counts).toMatchObject({ repaired: 1, damaged: 0 });
    expect(pins.isGone).toBe(false);
  });

  it.each<[string, NonNullable<TwinOptions['defect']>]>([
    ['a dead line of addresses of neurons', { memory: 'neurons', address: 0x04 }],
    ['a dead line of addresses of synapses', { memory: 'synapses', address: 0x100 }],
    ['a dead line that selects the byte of a synapse word', { memory: 'synapses', address: 0x2000 }],
    ['a bit of neurons that is stuck at 0', { memory: 'neurons', data: 0x40 }],
  ])('with %s is found when it is tried', async (_, defect) => {
    const twin = await start({ defect });
    const line = /: holds 0x[\da-f]{2} in byte \d+ of (neuron \d+|synapses), not 0x[\da-f]{2}, and \d+ more bytes are/;
    const unable = /: does not give back a byte that was written to its memory; /;
    await expect(odinDriver.test!(twin.address)).rejects.toThrow(new RegExp(`${line.source}|${unable.source}`));
  });

  it('that takes a wrong bit as weights are restored has them written again', async () => {
    const twin = await start({});
    const source = await odinDriver.open(`${twin.address}?sdsp=4,0,7,7,6`);
    closing.push(() => source.close());
    const net = await source.open(smallBytes);
    const state = await net.save();
    await net.run({ steps: STEPS, input: smallWindow(1) });
    await twin.flipBit();
    await net.restore(state);
    expect(readLearned(await net.save())).toEqual(readLearned(state));
  });

  it('that has to be repaired has the weights that were saved last', async () => {
    const twin = await start({});
    const source = await odinDriver.open(`${twin.address}?sdsp=4,0,7,7,6`);
    closing.push(() => source.close());
    const net = await source.open(smallBytes);
    const first = readLearned(await net.save());
    await net.run({ steps: STEPS, input: smallWindow(1) });
    const state = readLearned(await net.save());
    expect(state).not.toEqual(first);
    await twin.losePower();
    await expect(net.run({ steps: STEPS, input: smallWindow(2) })).rejects.toMatchObject({ code: 'unsupported' });
    await net.run({ steps: STEPS, input: smallWindow(3), fresh: true, hold: true });
    expect(readLearned(await net.save())).toEqual(state);
  });
});

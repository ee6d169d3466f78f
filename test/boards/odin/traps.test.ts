import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPins } from '../../../devices/src/accelerators/odin/address.ts';
import { OdinBoard } from '../../../devices/src/accelerators/odin/board.ts';
import type { ChipPins } from '../../../devices/src/accelerators/odin/bridge.ts';
import { odin, setRegister } from '../../../devices/src/accelerators/odin/chips.ts';
import { mapModel } from '../../../devices/src/accelerators/odin/mapping.ts';
import { smallModel } from './small-net.ts';
import { type Dump, Twin } from './twin.ts';

const { image, cells } = mapModel(odin, smallModel());

describe('how ODIN is started', () => {
  let twin: Twin;
  let pins: ChipPins;
  /** Frames of SPI in hex, resets and events, in their order. */
  let course: string[];
  let board: OdinBoard;
  let loaded: Dump;

  beforeAll(async () => {
    twin = await Twin.start({ seed: 21 });
    course = [];
    ({ pins } = await openPins(odin, twin.address));
    const watched: ChipPins = {
      ...{ name: pins.name, isGone: false, counts: pins.counts, close: () => pins.close() },
      spi(frames) {
        const hex = Buffer.from(frames).toString('hex');
        course.push(...(hex.match(/.{10}/g) ?? []));
        return pins.spi(frames);
      },
      events(addresses) {
        course.push(...addresses.map((address) => `event ${address.toString(16)}`));
        return pins.events(addresses);
      },
      reset() {
        course.push('reset');
        return pins.reset();
      },
    };
    board = new OdinBoard(odin, watched);
    await board.load(image);
    loaded = await twin.dump();
  });
  afterAll(async () => {
    await pins.close();
    await twin.stop();
  });

  // R and W, command, byte and neuron, then mask and byte: docs of the chip.
  const disables = /^50f..0008.$/;
  const writesNeuron = /^50[0-9a-e]/;

  it('resets, closes the gate and opens the loop before anything else', () => {
    expect(course.slice(0, 3)).toEqual(['reset', '0000000001', '0000100001']);
    expect(course.filter((frame) => /^00001/.test(frame))).toEqual(['0000100001']);
    expect(loaded.registers[1]).toBe(1);
  });

  it('sets all registers, which have no value after a reset', () => {
    const { registers } = loaded;
    expect(registers.slice(0, 2)).toEqual([0, 1]);
    expect(registers.slice(18, 26)).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
    const signs = registers.slice(2, 18).flatMap((bits) => Array.from({ length: 16 }, (_, k) => (bits >> k) & 1));
    expect(signs).toEqual([...image.inhibitory]);
  });

  it('disables all neurons before it writes their words, and enables them last', () => {
    const first = course.findIndex((frame) => writesNeuron.test(frame) && !/^50cf[c-f]/.test(frame));
    const disabled = course.slice(0, first).filter((frame) => disables.test(frame));
    expect(new Set(disabled).size).toBe(256);
    const lastWrite = course.findLastIndex((frame) => writesNeuron.test(frame) && !/^50cf[c-f]/.test(frame));
    const enabled = course.findIndex((frame) => /^50f..00000$/.test(frame));
    expect(enabled).toBeGreaterThan(lastWrite);
  });

  it('leaves every byte as it should be, though memories held garbage', () => {
    const { neurons, synapses, lost } = loaded;
    for (const { at } of odin.scratch) neurons[at] = 0;
    expect(Buffer.from(neurons).equals(image.neurons)).toBe(true);
    expect(Buffer.from(synapses).equals(image.synapses)).toBe(true);
    expect(lost).toBe(0);
    expect(board.counts.verified).toBe(4096 + 32_768);
  });

  it('ends with a time reference for all neurons, which sets their latches', () => {
    expect(course.filter((each) => each.startsWith('event'))[0]).toBe('event 7f');
    expect(course.lastIndexOf('0000000000')).toBeLessThan(course.indexOf('event 7f'));
  });

  it('waits for events by virtual ones of weight 0 that are no spikes', async () => {
    const columns = [...cells.keys()];
    expect(await board.events([])).toHaveLength(0);
    expect((await board.readMembranes(columns)).every((v) => v === 0)).toBe(true);
    // The same with all bits of the tag 0 is a spike of neuron 0, and lets weights count that have no mapping bit, with
    // which they would learn.
    const spikes = await board.events([0x01]);
    const row = columns.map((k) => (image.synapses[k >> 1]! >> (4 * (k & 1))) & 0xf);
    const reach = row.map((weight, k) => weight >= cells[k]!.threshold);
    expect([...spikes]).toEqual(columns.filter((k) => reach[k]));
    expect([...(await board.readMembranes(columns))]).toEqual(row.map((weight, k) => (reach[k] ? 0 : weight)));
    expect(Math.max(...row)).toBeGreaterThan(0);
    expect(image.synapses.every((byte) => (byte & 0x88) === 0)).toBe(true);
  });

  it('sends rows with a tag of zeros', () => {
    for (let row = 0; row < 256; row++) expect(odin.row(row) & 0xf8).toBe(0);
  });

  it('never reads a register, which would write it, and opens the gate only at the end', async () => {
    expect(course.filter((frame) => /^[8c][048c]/.test(frame))).toEqual([]);
    const start = course.slice(0, course.indexOf('event 7f'));
    expect(start.filter((frame) => frame === '0000000000')).toHaveLength(1);
    await pins.spi(Uint8Array.of(0x80, 0, 0x10, 0, 0));
    expect((await twin.dump()).registers[1]).toBe(0);
    await pins.spi(setRegister(0, 1));
    await pins.spi(new Uint8Array(5));
    expect((await twin.dump()).registers[0]).toBe(0);
  });
});

describe('an address', () => {
  it.each([
    ['tcp:127.0.0.1', /^odin:tcp:127\.0\.0\.1: is not a board address; expected tcp:<host>:<port>, /],
    ['tcp:127.0.0.1:1?patience=0', /has the setting "patience=0"; expected patience=, baud=, /],
    ['spi:/dev/spidev0.0', /^odin:spi:\/dev\/spidev0\.0: has no line for events; expected spi:.*\?aer=<line>$/],
    [
      'tcp:127.0.0.1:1?patience=66',
      /^odin:tcp:127\.0\.0\.1:1\?patience=66: has patience=66; expected 65 seconds at most$/,
    ],
    ['tcp:127.0.0.1:1?patience=1?baud=5', /has the setting "patience=1\?baud=5"; expected patience=, baud=, /],
    ['tcp:127.0.0.1:1?sdsp=1,2', /has the setting "sdsp=1,2"; expected sdsp=<membrane 0…255>/],
  ])('%s is refused', async (address, line) => {
    await expect(openPins(odin, address)).rejects.toThrow(line);
  });
});

import { RandomGenerator } from '@spikewire/models';
import { afterEach, describe, expect, it } from 'vitest';
import { openPins } from '../../../devices/src/accelerators/odin/address.ts';
import { OdinBoard } from '../../../devices/src/accelerators/odin/board.ts';
import type { ChipPins } from '../../../devices/src/accelerators/odin/bridge.ts';
import { type ChipModel, modelOf } from '../../../devices/src/accelerators/odin/chip-model.ts';
import {
  type Chip,
  odin,
  SIZE,
  SYNAPSE_BYTES,
  setRegister,
  tinyOdin,
} from '../../../devices/src/accelerators/odin/chips.ts';
import { Twin, type TwinOptions } from './twin.ts';

let twin: Twin;
let pins: ChipPins;

afterEach(async () => {
  await pins.close();
  await twin.stop();
});

async function start(chip: Chip, options: TwinOptions = {}): Promise<OdinBoard> {
  twin = await Twin.start({ tiny: chip === tinyOdin, ...options });
  pins = (await openPins(chip, twin.address)).pins;
  return new OdinBoard(chip, pins);
}

/** Where the loop is closed, these neurons are silent and have many synapses, all others few: so it comes to rest. */
const DRIVERS = 64;

/** Neurons and synapses of any kind, a model of the chip that has the same, and the chip loaded with them. */
async function both(chip: Chip, board: OdinBoard, seed: number, closed: boolean): Promise<ChipModel> {
  const random = new RandomGenerator(seed, 'chip');
  const draw = (end: number) => random.nextInteger(end);
  const neurons = new Uint8Array(SIZE * chip.neuronBytes);
  for (let n = 0; n < SIZE; n++) {
    const learning = { membrane: draw(40), low: draw(3), up: 2 + draw(6), down: 2 + draw(6), leak: draw(8) };
    const setup = {
      threshold: 3 + draw(closed ? 6 : chip === tinyOdin ? 24 : 60),
      leak: draw(4),
      learning: draw(4) > 0 ? learning : undefined,
    };
    neurons.set(chip.neuron(setup), n * chip.neuronBytes);
    if (draw(16) === 0 || (closed && n < DRIVERS)) neurons[(n + 1) * chip.neuronBytes - 1]! |= 0x80;
  }
  const isEmpty = (at: number) => closed && at >= (DRIVERS * SIZE) / 2 && draw(200) > 0;
  const synapses = Uint8Array.from({ length: SYNAPSE_BYTES }, (_, at) => (isEmpty(at) ? 0 : draw(256)));
  const inhibitory = Uint8Array.from({ length: SIZE }, () => (draw(5) < 2 ? 1 : 0));
  await board.load({ neurons, synapses, inhibitory });
  const model = modelOf(chip);
  model.neurons.set(neurons);
  model.synapses.set(synapses);
  const dump = await twin.dump();
  for (const { memory, at } of chip.scratch) model[memory][at] = dump[memory][at]!;
  for (const [register, value] of chip.settings(inhibitory)) model.setRegister(register, value);
  model.setRegister(1, 1);
  model.serve(chip.leakAll);
  const settings: [number, number][] = [[1, closed ? 0 : 1]];
  if (chip === odin) settings.push([23, draw(2)], [24, draw(2)], [25, 1]);
  for (const [register, value] of settings) {
    model.setRegister(register, value);
    await pins.spi(setRegister(register, value));
  }
  return model;
}

/** Events of every kind, mostly rows. */
function anyEvent(chip: Chip, random: RandomGenerator): number {
  const draw = (end: number) => random.nextInteger(end);
  const n = draw(SIZE);
  const kind = draw(20);
  if (chip === tinyOdin) {
    if (kind < 12) return n;
    return kind < 16 ? 0x200 | draw(256) : 0x100 | (kind < 18 ? n : 0xff);
  }
  if (kind < 10) return (n << 8) | 7;
  if (kind < 13) return (n << 8) | (draw(8) << 5) | (draw(2) << 4) | [1, 7, 6][draw(3)]!;
  if (kind < 16) return (1 << 16) | (n << 8) | draw(256);
  return (n << 8) | [0xff, 0x7f, 0x7f, 0x80][kind - 16]!;
}

/** Hands events to both one by one, waits for rest each time, and compares all there is. */
async function compare(chip: Chip, model: ChipModel, events: number, seed: number) {
  const random = new RandomGenerator(seed, 'events');
  let [spikes, wrong] = [0, 0];
  for (let k = 0; k < events; k++) {
    const event = anyEvent(chip, random);
    const { acknowledged, spikes: first } = await pins.events([event]);
    const { spikes: rest } = await pins.events([]);
    const found = [...first, ...rest];
    const expected = model.serve(event);
    spikes += expected.length;
    if (acknowledged !== 1 || found.join() !== expected.join()) wrong++;
  }
  const { neurons, synapses, lost } = await twin.dump();
  const differing = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, byte, k) => sum + (byte === b[k] ? 0 : 1), 0);
  return {
    spikes,
    lost: { chip: lost, model: model.lost },
    wrong: { events: wrong, neurons: differing(neurons, model.neurons), synapses: differing(synapses, model.synapses) },
  };
}

describe.each([odin, tinyOdin])('$title as its own model has it', (chip) => {
  const same = { events: 0, neurons: 0, synapses: 0 };

  it('in open loop, 1,500 random events', async () => {
    const model = await both(chip, await start(chip, { seed: 11 }), 1, false);
    const { wrong, spikes } = await compare(chip, model, 1500, 1);
    expect(wrong).toEqual(same);
    expect(spikes).toBeGreaterThan(500);
  });

  it('in closed loop, 700 random events, some of whose spikes find the scheduler full', async () => {
    const model = await both(chip, await start(chip, { seed: 12 }), 2, true);
    const { wrong, spikes, lost } = await compare(chip, model, 700, 2);
    expect(wrong).toEqual(same);
    expect(spikes).toBeGreaterThan(300);
    expect(lost.chip).toBe(lost.model);
    expect(lost.model).toBeGreaterThan(0);
  });
});

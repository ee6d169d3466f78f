import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LearnedState, type Model, parseModel, quantize, readLearned } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPins } from '../../../devices/src/accelerators/odin/address.ts';
import { odin, tinyOdin } from '../../../devices/src/accelerators/odin/chips.ts';
import { lossOf } from '../../../devices/src/accelerators/odin/loss.ts';
import { mapModel } from '../../../devices/src/accelerators/odin/mapping.ts';
import { odinDriver, tinyOdinDriver } from '../../../devices/src/accelerators/odin/odin.ts';
import { SoftwareNet } from '../../../devices/src/accelerators/odin/software-net.ts';
import { openSpiPins } from '../../../devices/src/accelerators/odin/spi-pins.ts';
import { chain } from '../../chain.ts';
import { STEPS, smallBytes, smallModel, smallWindow } from './small-net.ts';
import { Twin } from './twin.ts';

const layer = (weight: number[][], cell: object = { type: 'IF', r: 1000, v_threshold: 20 }): Model =>
  parseModel({
    nodes: {
      in: { type: 'Input', shape: [weight[0]!.length] },
      fc: { type: 'Linear', weight },
      cells: cell as { type: string },
      out: { type: 'Output', shape: [weight.length] },
    },
    edges: chain('in', 'fc', 'cells', 'out'),
    semantics: { dt: 0.001 },
  });

/** One spike in each step, so that the order of events within a step does not matter. */
function oneByOne(inputs: number, steps: number) {
  const input = new EventBuffer(steps);
  for (let step = 0; step < steps; step++) input.push(step, 0, (step * step + 3 * step) % inputs, 1);
  return input;
}

describe('a model that lies on a chip', () => {
  const whole = [
    [1, 7, 3, 0, 5],
    [2, 2, 6, 7, 1],
    [4, 0, 0, 7, 7],
  ];

  it.each([odin, tinyOdin])('has its spikes on $title where its weights are whole and it does not leak', (chip) => {
    const signed = chip === tinyOdin ? whole.map((row) => row.map((w, k) => (k === 2 ? -w : w))) : whole;
    const model = layer(signed);
    const mapping = mapModel(chip, model);
    expect(mapping.worstError).toBe(0);
    const [exact, found] = [new EventBuffer(10_000), new EventBuffer(10_000)];
    engineNamed('reference').load(model).run(300, oneByOne(5, 300), exact);
    const net = new SoftwareNet(mapping);
    net.run(300, oneByOne(5, 300), found);
    expect(found.toList()).toEqual(exact.toList());
    expect(found.length).toBeGreaterThan(50);
  });

  it('takes the scale of each neuron at which its weights lie nearest to whole numbers', () => {
    const { cells, worstError } = mapModel(
      odin,
      layer([
        [1, 0.55],
        [3, -1],
      ]),
    );
    // 7 and 4 of 7, and 6 and −2 of 6, or 3 and −1 of 3.
    expect(worstError).toBeCloseTo(4 / 7 - 0.55, 6);
    expect([1, 0.55].map((weight) => cells[0]!.round(weight))).toEqual([7, 4]);
    expect(cells[1]!.error).toBeCloseTo(0, 9);
    expect(cells[1]!.round(3)).toBe(-3 * cells[1]!.round(-1));
  });

  it('says how many of its spikes differ from those of its float form', async () => {
    const { weight, spikes } = lossOf(mapModel(odin, smallModel()));
    expect(weight).toBeGreaterThan(0.02);
    expect(weight).toBeLessThan(0.2);
    expect(spikes).toBeGreaterThan(0);
    expect(lossOf(mapModel(odin, layer(whole)), 50).weight).toBe(0);
  });

  it('keeps its weights where it was quantised to four bits', () => {
    const model = quantize(layer(whole), { bits: 4, calibration: { inputs: new Map([['in', 'spikes']]) } });
    expect(mapModel(odin, model).worstError).toBeLessThan(1e-6);
  });

  it.each([
    [
      'more rows',
      layer([
        Array.from({ length: 200 }, (_, k) => k - 99.5),
        Array(200)
          .fill(-1)
          .map((x, k) => x + (k % 3)),
      ]),
    ],
  ])('is refused with %s than there are', (_, model) => {
    expect(() => mapModel(odin, model)).toThrow(
      /^model: needs \d+ rows of synapses; it has 256; expected a model for ODIN/,
    );
  });

  it('has its limits told, each with what it needs', async () => {
    const [profile] = await odinDriver.profiles!();
    const limits = await profile!.limits!(layer(whole));
    expect(limits.map(({ what, needs, has, fits }) => [what, needs, has, fits])).toEqual([
      ['neurons', '3', '256', true],
      ['synapses', '15', '65536', true],
      ['rows of synapses', '5', '256', true],
      ['bits of weights', expect.stringMatching(/errors of up to 0 %/), '3 bits, the sign by row', true],
      ['a leak by subtraction', expect.stringMatching(/% of spikes differ on random input$/), '7 bits', true],
    ]);
    await profile!.expectFit(layer(whole));
    const reset = layer(whole, { type: 'IF', r: 1000, v_threshold: 20, v_reset: 1 });
    await expect(profile!.expectFit(reset)).rejects.toThrow(/^node "cells": has v_reset 1; it takes 0 or less/);
  });
});

describe('a net on ODIN', () => {
  let twin: Twin;
  beforeAll(async () => {
    twin = await Twin.start({ seed: 31 });
  });
  afterAll(() => twin.stop());

  it('refuses an input that is no number of spikes', async () => {
    const source = await odinDriver.open(twin.address);
    const net = await source.open(smallBytes);
    expect(net.choice.warning).toMatch(/^weights are off by up to \S+ % of the largest; \S+ % of spikes differ/);
    const input = new EventBuffer(1);
    input.push(0, 0, 0, 0.5);
    const line = 'event 0 into "in": has value 0.5; expected a whole number of spikes, 0 … 255';
    await expect(net.run({ steps: 1, input: input.toList() })).rejects.toMatchObject({ code: 'input', message: line });
    await expect(source.open(smallBytes)).rejects.toMatchObject({ code: 'budget' });
    await source.close();
  });

  it('learns by SDSP as its software does, keeps what it learned, and forgets it', async () => {
    const sdsp = { membrane: 4, low: 0, down: 7, up: 7, leak: 6 };
    const source = await odinDriver.open(`${twin.address}?sdsp=4,0,7,7,6`);
    const net = await source.open(smallBytes);
    const mapping = mapModel(odin, smallModel(), sdsp);
    const software = new SoftwareNet(mapping);
    const before = readLearned(await net.save());
    const weights = (state: LearnedState) => new Map([...state].map(([name, each]) => [name, each.weights]));
    expect(weights(before)).toEqual(weights(software.saveLearned()));
    for (const seed of [1, 2]) {
      await net.run({ steps: STEPS, input: smallWindow(seed) });
      software.run(STEPS, EventBuffer.of(smallWindow(seed)), new EventBuffer(1000));
    }
    const state = await net.save();
    const learned = readLearned(state);
    expect(weights(learned)).toEqual(weights(software.saveLearned()));
    expect(learned.get('first')!.weights).not.toEqual(before.get('first')!.weights);
    await net.resetLearning();
    expect(readLearned(await net.save())).toEqual(before);
    await net.setLearning(false);
    await net.run({ steps: STEPS, input: smallWindow(3) });
    expect(readLearned(await net.save())).toEqual(before);
    await net.restore(state);
    expect(readLearned(await net.save())).toEqual(learned);
    await source.close();
  });

  it('runs over SPI of this machine, with a bridge for the events', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-odin-'));
    const pipe = join(folder, 'spi-pipe');
    const connect = `require('node:net').connect(${twin.spiPort},'127.0.0.1')`;
    const script = `const s=${connect};process.stdin.pipe(s);s.pipe(process.stdout);`;
    await writeFile(pipe, `#!${process.execPath}\n${script}\n`);
    await chmod(pipe, 0o755);
    await writeFile(join(folder, 'spidev0.0'), '');
    const { pins: bridge } = await openPins(odin, twin.address);
    const pins = await openSpiPins(bridge, join(folder, 'spidev0.0'), 1_000_000, pipe);
    try {
      const frames = [1, 2, 3].flatMap((n) => [...odinWrite(n, 0x30 + n), ...odinRead(n)]);
      await pins.spi(Uint8Array.of(0, 0, 0, 0, 1));
      const answer = await pins.spi(Uint8Array.from(frames));
      expect([9, 19, 29].map((at) => answer[at])).toEqual([0x31, 0x32, 0x33]);
    } finally {
      await pins.close();
      await rm(folder, { recursive: true });
    }
  });
});

const odinWrite = (neuron: number, value: number) => [0x50, 0, neuron << 4, 0, value];
const odinRead = (neuron: number) => [0x90, 0, neuron << 4, 0, 0];

describe('a chip that is tried', () => {
  it.each([
    [odinDriver, false],
    [tinyOdinDriver, true],
  ])('says what it found', async (driver, tiny) => {
    const twin = await Twin.start({ tiny, seed: 41 });
    const lines = await driver.test!(twin.address);
    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^memory: \d+ bytes hold what was written, in [\d.]+ s$/),
      'spikes: all 256 neurons, in order',
    ]);
    expect(await driver.list()).toEqual([]);
    await twin.stop();
  });
});

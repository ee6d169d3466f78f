import { type LearnedState, type Model, parseModel, quantize, readLearned, writeModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { odin, tinyOdin } from '../../../devices/src/accelerators/odin/chips.ts';
import { lossOf } from '../../../devices/src/accelerators/odin/loss.ts';
import { mapModel } from '../../../devices/src/accelerators/odin/mapping.ts';
import { odinDriver, tinyOdinDriver } from '../../../devices/src/accelerators/odin/odin.ts';
import { SoftwareNet } from '../../../devices/src/accelerators/odin/software-net.ts';
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
      ['threshold by largest weight', '2.857', '508', true],
    ]);
    expect(await profile!.notes!(layer(whole))).toEqual([
      'weights become 3 bits, with one sign for each row: errors of up to 0 % of the largest',
      expect.stringMatching(/^a leak subtracts a constant of 7 bits: .* % of spikes differ on random input$/),
    ]);
    await profile!.expectFit(layer(whole));
    const reset = layer(whole, { type: 'IF', r: 1000, v_threshold: 20, v_reset: 1 });
    await expect(profile!.expectFit(reset)).rejects.toThrow(/^node "cells": has v_reset 1; it takes 0 or less/);
  });

  it.each([0, -40])('is refused with a threshold of %d', async (v_threshold) => {
    const [profile] = await odinDriver.profiles!();
    const model = layer(whole, { type: 'IF', r: 1000, v_threshold });
    const line = `node "cells": has v_threshold ${v_threshold}; it takes more than 0`;
    await expect(profile!.expectFit(model)).rejects.toThrow(line);
    const [odd] = (await profile!.limits!(model)).filter(({ fits }) => !fits);
    expect(odd).toMatchObject({ node: 'cells', needs: `has v_threshold ${v_threshold}` });
  });

  it.each([
    ['odin', odinDriver, 508],
    ['tinyodin', tinyOdinDriver, 4092],
  ] as const)('is refused by %s where all weights of a neuron would be 0', async (_, driver, most) => {
    const [profile] = await driver.profiles!();
    const weak = (reach: number) => layer([[1, 0.5]], { type: 'IF', r: 1000, v_threshold: reach });
    const reachOf = async (reach: number) => {
      return (await profile!.limits!(weak(reach))).find(({ what }) => what === 'threshold by largest weight');
    };
    expect(await reachOf(most)).toMatchObject({ node: 'cells', needs: `${most}`, has: `${most}`, fits: true });
    await profile!.expectFit(weak(most));
    expect(await reachOf(2 * most)).toMatchObject({ needs: `${2 * most}`, has: `${most}`, fits: false });
    const problem = `has a threshold of ${2 * most} times its largest weight; expected ${most} times at most`;
    await expect(profile!.expectFit(weak(2 * most))).rejects.toThrow(`node "cells", neuron 0: ${problem}`);
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

  it('learns nothing in a window that holds its weights, also where it fails, and learns again in the next', async () => {
    const source = await odinDriver.open(`${twin.address}?sdsp=4,0,7,7,6`);
    const net = await source.open(smallBytes);
    const saved = async () => readLearned(await net.save());
    const before = await saved();
    await net.run({ steps: STEPS, input: smallWindow(1), hold: true });
    expect(await saved()).toEqual(before);
    const beyond = { ...smallWindow(2), index: smallWindow(2).index.map(() => 1000) };
    await expect(net.run({ steps: STEPS, input: beyond, hold: true })).rejects.toMatchObject({ code: 'input' });
    await net.run({ steps: STEPS, input: smallWindow(2), fresh: true });
    expect(await saved()).not.toEqual(before);
    await source.close();
  });

  it('learns of a fresh window the same, whatever was before', async () => {
    const source = await odinDriver.open(`${twin.address}?sdsp=4,2,7,7,6`);
    const net = await source.open(smallBytes);
    const learnedBy = async (...seeds: number[]) => {
      for (const seed of seeds) {
        await net.resetLearning();
        await net.run({ steps: STEPS, input: smallWindow(seed), fresh: true });
      }
      return readLearned(await net.save());
    };
    const first = await learnedBy(1);
    expect(await learnedBy(5, 6, 1)).toEqual(first);
    await source.close();
  });

  it('has calcium that falls also where no membrane leaks', async () => {
    const model = layer([[1, 7]], { type: 'IF', r: 1000, v_threshold: 0.9 });
    expect(mapModel(odin, model).hasTimeReferences).toBe(false);
    const source = await odinDriver.open(`${twin.address}?sdsp=0,0,0,2,8`);
    const net = await source.open(writeModel(model));
    // Each of two spikes raises the weight, and calcium with it to the bound; in 24 steps it falls to 0.
    const burst = new EventBuffer(2);
    for (let step = 0; step < 2; step++) burst.push(step, 0, 0, 1);
    const weights = [];
    for (const [steps, input] of [
      [2, burst],
      [24, new EventBuffer(0)],
      [2, burst],
    ] as const) {
      await net.run({ steps, input: input.toList() });
      weights.push(readLearned(await net.save()).get('fc')!.weights[0]);
    }
    expect(weights).toEqual([3, 3, 5]);
    await source.close();
  });
});

describe('a chip that is tried', () => {
  it.each([
    [odinDriver, false],
    [tinyOdinDriver, true],
  ])('says what it found', async (driver, tiny) => {
    const twin = await Twin.start({ tiny, seed: 41 });
    const lines = await driver.test!(twin.address);
    const size = tiny ? '33792 bytes, 1024 of neurons and 32768' : '36864 bytes, 4096 of neurons and 32768';
    const memory = `^memory: ${size} of synapses, hold what was written in two rounds, in [\\d.]+ s$`;
    expect(lines.slice(0, 2)).toEqual([expect.stringMatching(new RegExp(memory)), 'spikes: all 256 neurons, in order']);
    expect(lines[2]).toMatch(/^software: 640 random events, [1-9]\d{2,} spikes and 256 membranes are the same$/);
    expect(await driver.list()).toEqual([]);
    await twin.stop();
  });
});

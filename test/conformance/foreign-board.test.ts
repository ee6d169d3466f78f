import { type Model, parseModel, quantize, RandomGenerator, resolveGraph, writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { EventBuffer, integerEngine } from 'spikewire';
import { type ExecutorSource, placementOn } from 'spikewire/executor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { ForeignBoard } from './foreign-board.ts';
import { roomFor } from './play.ts';

const board = new ForeignBoard();
let source: ExecutorSource;
beforeAll(async () => {
  source = await board.open('0');
});
afterAll(() => source.close());

const matrix = (rows: number, columns: number, value: () => number) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, value));

function layer(cells: object, weight: readonly (readonly number[])[], semantics: object = {}): Model {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [weight[0]!.length] },
      fc: { type: 'Linear', weight },
      cells: { type: 'LIF', tau: 0.02, v_threshold: 1, ...cells },
      out: { type: 'Output', shape: [weight.length] },
    },
    edges: chain('in', 'fc', 'cells', 'out'),
    semantics: { dt: 0.001, ...semantics },
  });
}

const arbitraryLayer = fc.record({
  seed: fc.nat(),
  inputs: fc.integer({ min: 1, max: 32 }),
  neurons: fc.integer({ min: 1, max: 32 }),
  tau: fc.constantFrom(0.002, 0.02, 0.2),
  rest: fc.constantFrom(0, 0.002),
  leak: fc.constantFrom(0, 0.7),
  reset: fc.constantFrom('value', 'subtract'),
  integrate: fc.constantFrom('euler', 'exact'),
  threshold: fc.constantFrom('gt', 'ge'),
  bits: fc.constantFrom<8 | 4>(8, 4),
  membraneBits: fc.constantFrom<16 | 32>(16, 32),
  /** Whether its inputs are graded, some of them beyond their range. */
  graded: fc.boolean(),
});

describe('a board with its own arithmetic', () => {
  it('gives every bit of the integer engine for random layers and inputs', async () => {
    let [spikes, clipped] = [0, 0];
    const property = fc.asyncProperty(arbitraryLayer, async ({ seed, graded, bits, membraneBits, ...form }) => {
      const random = new RandomGenerator(seed, 'layer');
      const weight = matrix(form.neurons, form.inputs, () => random.nextNormal() + 0.2);
      const cells = { tau: form.tau, r: 200 * form.tau, tau_ref: form.rest, v_leak: form.leak, v_reset: 0.1 };
      const { reset, integrate, threshold } = form;
      const float = layer(cells, weight, { reset, integrate, threshold });
      const inputs = new Map([['in', graded ? 1.5 : ('spikes' as const)]]);
      const model = quantize(float, { bits, membraneBits, calibration: { inputs } });
      const [executor, network] = [await source.open(writeModel(model)), integerEngine.load(model)];
      try {
        for (let window = 0; window < 3; window++) {
          const input = new EventBuffer(40 * form.inputs);
          for (let step = 0; step < 40; step++) {
            for (let index = 0; index < form.inputs; index++) {
              if (random.nextUniform() < 0.2) input.push(step, 0, index, graded ? random.nextNormal() : 1);
            }
          }
          const [output, raster] = [roomFor(network, 40), roomFor(network, 40)];
          network.run(40, input, output, raster);
          const seen = await executor.run({ steps: 40, input: input.toList(), membranes: ['cells'], raster: true });
          expect(seen.output).toEqual(output.toList());
          expect(seen.raster).toEqual(raster.toList());
          expect(seen.membranes.cells).toEqual(network.readState('cells', 'v'));
          expect(seen.counters).toEqual(network.counters);
        }
      } finally {
        await executor.close();
      }
      spikes += network.counters.spikes;
      clipped += network.counters.clippedInputs;
    });
    await fc.assert(property, { numRuns: 60 });
    expect(spikes).toBeGreaterThan(1000);
    expect(clipped).toBeGreaterThan(0);
  });

  const ones = (rows: number, columns: number) => matrix(rows, columns, () => 1);

  it.each<[string, Model, RegExp]>([
    ['a layer that is too wide', layer({}, ones(33, 4)), /^model: has 33 neurons; it has room for 32/],
    ['too many inputs', layer({}, ones(4, 33)), /^node "cells": has a fan-in of 33; it takes 32/],
    ['a lowest membrane', layer({ v_min: -1 }, ones(4, 4)), /^node "cells": has v_min; it has none/],
    [
      'many spikes in a step',
      layer({}, ones(4, 4), { reset: 'subtract', spikesPerStep: 'many' }),
      /^node "cells": has semantics.spikesPerStep "many"; it has one/,
    ],
  ])('refuses %s, when it is placed and when it is opened', async (_, float, line) => {
    const model = quantize(float, { bits: 8 });
    expect((await placementOn(source, model)).fits).toBe(false);
    await expect(source.open(writeModel(model))).rejects.toThrow(line);
  });

  it('refuses what it declares and cannot run, node or model in front', async () => {
    const { nodes, edges } = layer({}, ones(4, 4)).graph;
    const ends = [...edges, { source: 'in', target: 'more', delay: 0 }, { source: 'more', target: 'cells', delay: 0 }];
    const model = layer({}, ones(4, 4));
    const two = quantize(
      { ...model, graph: { nodes: new Map([...nodes, ['more', nodes.get('fc')!]]), edges: ends } },
      { bits: 8 },
    );
    expect(resolveGraph(two.graph, two.semantics).nodes).toHaveLength(5);
    const { fits, problems } = await placementOn(source, two);
    expect({ fits, problems }).toEqual({
      fits: false,
      problems: [expect.stringMatching(/^model: is not a single layer/)],
    });
  });

  it('says so when it is gone, in each call that waits and in later ones', async () => {
    const lost = new ForeignBoard();
    const opened = await lost.open('1');
    const executor = await opened.open(writeModel(quantize(layer({}, ones(4, 4)), { bits: 8 })));
    const input = new EventBuffer(0).toList();
    const waiting = executor.run({ steps: 2 ** 30, input });
    lost.process!.kill('SIGKILL');
    await expect(waiting).rejects.toThrow(/^foreign 1: does not answer; expected a board that is attached$/);
    await expect(executor.run({ steps: 1, input })).rejects.toThrow(/^foreign 1: does not answer/);
    await opened.close();
  });
});

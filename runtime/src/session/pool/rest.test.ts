import { referenceEngine } from '@spikewire/engine';
import { OutputStage } from '@spikewire/engine/coding';
import type { WindowResult } from '@spikewire/engine/executor';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { modelDigest, parseModel, resolveGraph } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../../test/chain.ts';
import { Session } from '../session.ts';

const [STEPS, REST] = [5, 30];

/** A leaky read-out of one channel, with what `sample` is given besides its steps. */
function modelOf(sample: object) {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      cell: { type: 'LI', tau: 0.02 },
      out: { type: 'Output' },
    },
    edges: chain('in', 'cell', 'out'),
    semantics: { dt: 0.001, integrate: 'exact' },
    sample: { steps: STEPS, between: 'continue', ...sample },
    encoder: { in: { type: 'direct', span: 'unit' } },
    decoder: { out: { type: 'count' } },
  });
}

function open(sample: object) {
  const executor = new InProcessExecutor(referenceEngine, modelOf(sample));
  return { session: new Session(executor.network.model, executor), network: executor.network };
}

describe('a rest before each sample', () => {
  const left = Math.exp(-1 / 20);

  it('lets the membrane fall back without input, and then presents the sample', async () => {
    const { session, network } = open({ rest: REST });
    let v = 0;
    for (const value of [0.3, 1, 0, 0.7]) {
      await session.feed({ time: 0, values: Float64Array.of(value) });
      v = value + (v * left ** REST - value) * left ** STEPS;
      expect(network.readState('cell', 'v')[0]).toBeCloseTo(v, 12);
    }
    expect(network.step).toBe(4 * (REST + STEPS));
  });

  it('is part of the window, and so of the steps that are not skipped', async () => {
    const { session } = open({ rest: REST });
    for (const time of [0, 1000]) await session.feed({ time, values: Float64Array.of(0) });
    expect(session.skippedSteps).toBe(1000 - REST - STEPS);
  });

  it('gives nothing to the decoder', () => {
    const model = modelOf({ rest: REST });
    const graph = resolveGraph(model.graph, model.semantics);
    const index = graph.nodes.findIndex(({ name }) => name === 'out');
    const list = Int32Array.from({ length: REST + STEPS }, (_, step) => step);
    const output = {
      step: list,
      node: list.map(() => index),
      index: list.map(() => 0),
      value: new Float64Array(list.length).fill(1),
    };
    const window = { output, membranes: {} } as unknown as WindowResult;
    expect(new OutputStage(model, graph, 1).decode(window).values[0]).toBe(STEPS);
  });

  it('is left out of the file where there is none, so that models without one keep their digest', () => {
    expect(modelOf({ rest: 0 })).toEqual(modelOf({}));
    expect(modelDigest(modelOf({ rest: 0 }))).toBe(modelDigest(modelOf({})));
    expect(modelDigest(modelOf({ rest: 1 }))).not.toBe(modelDigest(modelOf({})));
  });
});

import { type Model, parseModel, RandomGenerator, scalar } from '@spikewire/models';
import { EventBuffer, referenceEngine } from 'spikewire';
import { windowsOf } from 'spikewire/data';
import { describe, expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { withTestPart } from '../data/test-part.ts';
import { normalise } from '../methods/normalise.ts';

const random = new RandomGenerator(2, 'analogue');
const rows = (outputs: number, inputs: number) =>
  Array.from({ length: outputs }, () => Array.from({ length: inputs }, () => random.nextNormal()));

/** Two layers of rectifiers with weights of no meaning. */
const analogue = parseModel({
  nodes: {
    in: { type: 'Input', shape: [3] },
    a: { type: 'Affine', weight: rows(12, 3), bias: rows(1, 12)[0] },
    first: { type: 'ReLU' },
    b: { type: 'Affine', weight: rows(10, 12), bias: rows(1, 10)[0] },
    second: { type: 'ReLU' },
    c: { type: 'Affine', weight: rows(3, 10), bias: rows(1, 3)[0] },
    out: { type: 'Output', shape: [3] },
  },
  edges: [
    ['in', 'a'],
    ['a', 'first'],
    ['first', 'b'],
    ['b', 'second'],
    ['second', 'c'],
    ['c', 'out'],
  ],
  encoder: { in: { type: 'direct', range: [-3, 5], span: 'unit' } },
  decoder: { out: { type: 'count' } },
  sample: { steps: 1, between: 'reset' },
  labels: ['a', 'b', 'c'],
});

const data = withTestPart(clouds(150));
const open = (model: Model, changes = {}) =>
  normalise.start(
    { data, seed: 1, backend: interpreter, model },
    { percentile: 100, candidates: '256,16', ...changes },
  );

/** What the Output adds up to for a sample, by the reference engine, per step. */
function answersOf(model: Model): number[][] {
  const network = referenceEngine.load(model);
  return [...windowsOf(model, { samples: data.samples })].map(({ steps, input }) => {
    const output = new EventBuffer(3 * steps);
    network.resetActivity();
    network.run(steps, input, output);
    const sums = [0, 0, 0];
    for (let k = 0; k < output.length; k++) sums[output.index[k]!]! += output.value[k]! / steps;
    return sums;
  });
}

describe('a run by conversion', () => {
  it('makes a spiking net whose answers near those of the analogue one, the more steps the closer', async () => {
    const run = await open(analogue);
    while (!run.finished) await run.step();
    expect(run.history.map(({ figures }) => figures!.steps)).toEqual([16, 256]);
    const exact = answersOf(analogue).flat();
    const errors = [16, 256].map((steps) => {
      const found = answersOf(run.model({ arrays: { steps: Int32Array.of(steps) }, progress: {} })).flat();
      return Math.sqrt(found.reduce((sum, value, i) => sum + (value - exact[i]!) ** 2, 0) / found.length);
    });
    const size = Math.sqrt(exact.reduce((sum, value) => sum + value ** 2, 0) / exact.length);
    expect(errors[1]!).toBeLessThan(0.02 * size);
    expect(errors[1]!).toBeLessThan(errors[0]! / 4);
  });

  it('goes on from a checkpoint with the candidates that are left', async () => {
    const [first, second] = [await open(analogue), await open(analogue)];
    await first.step();
    await second.restore(first.save(), 'a checkpoint');
    await second.step();
    await first.step();
    expect(second.save()).toEqual(first.save());
  });

  it('refuses what is no analogue net, and names the node', async () => {
    const cells = { type: 'LIF', parameters: { tau: scalar(0.01), v_threshold: scalar(1) } };
    const nodes = new Map(analogue.graph.nodes).set('first', cells);
    await expect(open({ ...analogue, graph: { ...analogue.graph, nodes } })).rejects.toThrow(
      'node "first" (LIF): cannot be normalised; expected ReLU, weights, pooling and reshaping',
    );
  });
});

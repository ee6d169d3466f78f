import { engineNamed } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { parseModel, resolveGraph } from '@spikewire/models';
import { expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { GradedWork } from './graded-work.ts';
import { Session } from './session.ts';

const STEPS = 4;

/** An image through a reshaping and two connections in a row to neurons that never spike: all work is the input's. */
const text = {
  nodes: {
    in: { type: 'Input', shape: [1, 2, 2] },
    flat: { type: 'Flatten' },
    some: { type: 'Sparse', weight: 1, target: [0, 1, 1], offset: [0, 2, 2, 3, 3], outputs: 2 },
    all: {
      type: 'Linear',
      weight: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    },
    cells: { type: 'IF', v_threshold: 1e6 },
    out: { type: 'Output', shape: [3] },
  },
  edges: chain('in', 'flat', 'some', 'all', 'cells', 'out'),
  sample: { steps: STEPS, between: 'reset' },
  encoder: { in: { type: 'direct', span: 'unit', range: [0, 1] } },
  decoder: { out: { type: 'count' } },
};

async function run(source: object, values: readonly number[]) {
  const model = parseModel(source);
  const graph = resolveGraph(model.graph, model.semantics);
  const graded = new GradedWork(model, graph);
  const session = new Session(model, new InProcessExecutor(engineNamed('reference'), model), { graph, graded });
  const { synapticOperations } = await session.feed({ time: 0, values: Float64Array.from(values) });
  await session.close();
  return { multiplications: graded.multiplications, synapticOperations, synapses: graded.synapses };
}

it('counts what the engine counts, where all input is graded and only input does anything', async () => {
  for (const values of [
    [0.5, 0, 0, 0],
    [0, 1, 0, 1],
    [0, 0, 0.25, 0],
  ]) {
    const { multiplications, synapticOperations } = await run(text, values);
    expect(multiplications).toBe(synapticOperations);
  }
  // Both connections have one synapse per entry, the second three for each output of the first.
  expect((await run(text, [0, 0, 0.25, 0])).multiplications).toBe(STEPS * (1 + 3));
});

it('counts none of spikes', async () => {
  const { multiplications, synapses, synapticOperations } = await run(
    { ...text, encoder: { in: { type: 'latency', range: [0, 1] } } },
    [1, 0, 1, 0],
  );
  expect([multiplications, synapses]).toEqual([0, 0]);
  expect(synapticOperations).toBeGreaterThan(0);
});

it('counts states that neurons send, in every step', async () => {
  const { cells: _, ...nodes } = text.nodes;
  const { multiplications, synapses } = await run(
    {
      ...text,
      nodes: {
        ...nodes,
        level: { type: 'LI', tau: 0.01 },
        next: { type: 'Linear', weight: [[1, 1, 1]] },
        cells: text.nodes.cells,
        out: { type: 'Output', shape: [1] },
      },
      edges: chain('in', 'flat', 'some', 'all', 'level', 'next', 'cells', 'out'),
      encoder: { in: { type: 'latency', range: [0, 1] } },
    },
    [1, 0, 0, 0],
  );
  expect([multiplications, synapses]).toEqual([3 * STEPS, 3]);
});

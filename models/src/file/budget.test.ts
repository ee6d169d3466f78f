import { describe, expect, it } from 'vitest';
import { resolveGraph } from '../graph/resolve.ts';
import { demandOf } from './budget.ts';
import { parseModel } from './text/model.ts';

describe('demandOf', () => {
  it('counts the synapses that the connections have', () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [2, 6, 6] },
        conv: { type: 'Conv2d', weight: [1, 2, 3].map(() => [1, 2].map(() => [1, 2, 3].map(() => [1, 1, 1]))) },
        pool: { type: 'AvgPool2d', kernel_size: 2, stride: 2 },
        flat: { type: 'Flatten' },
        fc: { type: 'Linear', weight: [new Array(12).fill(1), new Array(12).fill(2)] },
        lif: { type: 'LIF', tau: 0.02, v_threshold: 1 },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'conv'],
        ['conv', 'pool'],
        ['pool', 'flat'],
        ['flat', 'fc'],
        ['fc', 'lif', { delay: 5 }],
        ['lif', 'out'],
      ],
    });
    const graph = resolveGraph(model.graph, model.semantics);
    let synapses = 0;
    for (const { kind, node, inputShape } of graph.nodes) {
      if (kind.role !== 'connection') continue;
      const connectivity = kind.connect(node, inputShape);
      for (let input = 0; input < connectivity.inputs; input++) connectivity.forEachSynapse(input, () => synapses++);
    }
    expect(demandOf(graph)).toMatchObject({ neurons: 2, synapses });
  });

  it('counts a float64 for each element and each step of a delay', () => {
    const model = parseModel({
      nodes: { in: { type: 'Input', shape: [10] }, out: { type: 'Output' } },
      edges: [['in', 'out', { delay: 7 }]],
    });
    // The shape itself is a parameter of one float64.
    expect(demandOf(resolveGraph(model.graph, model.semantics)).bytes).toBe(8 * (10 + 10 + 7 * 10 + 1));
  });
});

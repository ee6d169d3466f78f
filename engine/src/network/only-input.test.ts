import { parseModel, resolveGraph } from '@spikewire/models';
import { expect, it } from 'vitest';
import { onlyInput } from './only-input.ts';

/** A net of three neurons with these Inputs. */
function graphOf(...inputs: readonly string[]) {
  const { graph, semantics } = parseModel({
    nodes: {
      ...Object.fromEntries(inputs.map((name) => [name, { type: 'Input', shape: [3] }])),
      cells: { type: 'IF', r: [1, 1, 1], v_threshold: [1, 1, 1] },
      out: { type: 'Output' },
    },
    edges: [...inputs.map((name) => [name, 'cells']), ['cells', 'out']],
    semantics: { dt: 1e-3 },
  });
  return resolveGraph(graph, semantics);
}

it('is found where it stands, and refused where there are several', () => {
  const graph = graphOf('eye');
  const [node, { name, shape }] = onlyInput(graph, 'edges');
  expect([name, shape]).toEqual(['eye', [3]]);
  expect(graph.nodes[node]!.name).toBe('eye');
  expect(() => onlyInput(graphOf('eye', 'ear'), 'edges')).toThrow('edges: find 2 Input nodes; expected one');
});

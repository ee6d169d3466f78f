import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseModel } from '../file/text/model.ts';
import { defaultSemantics } from '../graph/semantics.ts';
import { type ResolvedGraph, resolveGraph } from './resolve.ts';

type Nodes = Record<string, Record<string, unknown>>;

function resolve(nodes: Nodes, edges: readonly unknown[]): ResolvedGraph {
  return resolveGraph(parseModel({ nodes, edges }, { check: false }).graph, defaultSemantics);
}

const input = (...shape: number[]) => ({ type: 'Input', shape });
const output = { type: 'Output' };
const lif = { type: 'LIF', tau: 0.02, v_threshold: 1 };
const matrix = (outputs: number, inputs: number) => Array.from({ length: outputs }, () => new Array(inputs).fill(1));
const linear = (outputs: number, inputs: number) => ({ type: 'Linear', weight: matrix(outputs, inputs) });

describe('resolveGraph', () => {
  it('gives every node its index, its shapes and its semantics', () => {
    const resolved = resolve(
      {
        out: output,
        lif: { ...lif, semantics: { reset: 'subtract' } },
        fc: linear(3, 8),
        flat: { type: 'Flatten' },
        in: input(2, 2, 2),
      },
      [
        ['lif', 'out'],
        ['fc', 'lif'],
        ['flat', 'fc'],
        ['in', 'flat'],
        ['lif', 'lif', { delay: 2 }],
      ],
    );
    expect(resolved.nodes.map(({ name, inputShape, shape }) => [name, inputShape, shape])).toEqual([
      ['in', [2, 2, 2], [2, 2, 2]],
      ['flat', [2, 2, 2], [8]],
      ['fc', [8], [3]],
      ['lif', [3], [3]],
      ['out', [3], [3]],
    ]);
    expect(resolved.nodes.map(({ semantics }) => semantics.reset)).toEqual([
      'value',
      'value',
      'value',
      'subtract',
      'value',
    ]);
    expect(resolved.edges).toContainEqual({ source: 3, target: 3, delay: 2, port: 0 });
    expect(resolved.warnings).toEqual([]);
  });

  it.each<[what: string, nodes: Nodes, edges: readonly unknown[], message: string]>([
    [
      'shapes that do not meet, with the edge and both shapes',
      { in: input(3), fc: linear(2, 4), out: output },
      [
        ['in', 'fc'],
        ['fc', 'out'],
      ],
      'edge "in"→"fc": source gives shape [3]; expected [4], the shape that "fc" takes',
    ],
    [
      'a second source of another shape',
      { a: input(3), b: input(2), out: output },
      [
        ['a', 'out'],
        ['b', 'out'],
      ],
      'edge "b"→"out": source gives shape [2]; expected [3], the shape that "out" takes',
    ],
    [
      'an image of other channels, with the edge',
      { in: input(2, 5, 5), conv: { type: 'Conv2d', weight: [[[[1]], [[1]], [[1]]]] }, out: output },
      [
        ['in', 'conv'],
        ['conv', 'out'],
      ],
      'edge "in"→"conv": source gives shape [2, 5, 5], but Conv2d: gets 2 channels; expected 3 (weight × groups)',
    ],
    [
      'a kernel larger than the image that the node itself declares',
      {
        in: input(1, 1, 1),
        conv: {
          type: 'Conv2d',
          weight: [
            [
              [
                [1, 1],
                [1, 1],
              ],
            ],
          ],
          input_shape: [1, 1],
        },
        out: output,
      },
      [
        ['in', 'conv'],
        ['conv', 'out'],
      ],
      'node "conv": Conv2d: has a kernel of 2×2 over 1×1; expected a kernel that fits',
    ],
    [
      'a window larger than the image',
      { in: input(1, 2, 2), pool: { type: 'SumPool2d', kernel_size: 5, stride: 1 }, out: output },
      [
        ['in', 'pool'],
        ['pool', 'out'],
      ],
      'node "pool" (SumPool2d): gives shape [1, -2, -2] for [1, 2, 2]; expected sizes of at least 1',
    ],
    [
      'a type it does not know',
      { in: input(1), x: { type: 'Lif' } },
      [['in', 'x']],
      'node "x": has unknown type "Lif"; expected Input, Output,',
    ],
    [
      'a parameter that the type does not have',
      { in: input(1), lif: { ...lif, tau_mem: 1 } },
      [['in', 'lif']],
      'node "lif" (LIF): has no parameter "tau_mem"; expected tau,',
    ],
    [
      'an edge into nothing, with the candidates',
      { in: input(1), lif },
      [['in', 'fil']],
      'edge "in"→"fil": refers to unknown node "fil"; expected one of in, lif',
    ],
    [
      'an edge out of nothing',
      { in: input(1), lif },
      [['ni', 'lif']],
      'edge "ni"→"lif": refers to unknown node "ni"; expected one of in, lif',
    ],
    [
      'a node whose shape nothing tells',
      { lif, out: output },
      [['lif', 'out']],
      'node "lif": has no known shape; expected an Input with a shape before it, or parameters as full arrays',
    ],
    [
      'parameters of another length than the node',
      { in: input(3), lif: { ...lif, tau: [1, 1] } },
      [['in', 'lif']],
      'edge "in"→"lif": source gives shape [3]; expected [2], the shape that "lif" takes',
    ],
    [
      'parameters of two lengths',
      { in: input(3), lif: { ...lif, tau: [1, 1, 1], v_threshold: [1, 1] } },
      [['in', 'lif']],
      'node "lif" (LIF).v_threshold: has 2 values; expected 1 or 3 for shape [3]',
    ],
    [
      'parameters without any number',
      { in: input(1), lif: { ...lif, tau: [] } },
      [['in', 'lif']],
      'node "lif" (LIF).tau: has no values; expected at least one number',
    ],
    [
      'a port of a node that has none',
      { in: input(1), lif },
      [['in', 'lif', { port: 'excitatory' }]],
      'edge "in"→"lif": names unknown port "excitatory"; expected no port',
    ],
    [
      'a cycle without delay, with its nodes',
      { in: input(2), a: lif, b: linear(2, 2), c: lif, out: output },
      [
        ['in', 'a'],
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'b'],
        ['c', 'out'],
      ],
      'cycle b→c→b: has no delay; expected an edge with {"delay": 1} or more in every cycle',
    ],
    [
      'a node that feeds itself in the same step',
      { in: input(1), lif },
      [
        ['in', 'lif'],
        ['lif', 'lif'],
      ],
      'cycle lif→lif: has no delay',
    ],
    [
      'an own dt of a node',
      { in: input(1), lif: { ...lif, semantics: { dt: 1e-4 } } },
      [['in', 'lif']],
      'node "lif".semantics: dt is 0.0001; expected 0.001, the dt of the model: all nodes share one step',
    ],
    [
      'many spikes per step with a reset to a value',
      { in: input(1), lif: { ...lif, semantics: { spikesPerStep: 'many' } } },
      [['in', 'lif']],
      'node "lif".semantics: spikesPerStep "many" with reset "value"; expected reset "subtract"',
    ],
  ])('refuses %s', (_what, nodes, edges, message) => {
    expect(() => resolve(nodes, edges)).toThrow(message);
  });

  it('counts identical edges once, with a warning; other delays and ports are other edges', () => {
    const resolved = resolve({ in: input(1), out: output }, [
      ['in', 'out'],
      ['in', 'out', { delay: 1 }],
      ['in', 'out'],
    ]);
    expect(resolved.edges).toHaveLength(2);
    expect(resolved.warnings).toEqual(['edge "in"→"out" occurs twice and counts once']);
  });

  it('takes leading dimensions of 1 for nothing, in weights and in what arrives', () => {
    const matrices = [matrix(2, 3), [matrix(2, 3)], [[matrix(2, 3)]]];
    for (const weight of matrices) {
      for (const shape of [[3], [1, 3], [1, 1, 3]]) {
        const { nodes } = resolve({ in: input(...shape), fc: { type: 'Linear', weight }, out: output }, [
          ['in', 'fc'],
          ['fc', 'out'],
        ]);
        expect(nodes.map((node) => node.shape.at(-1))).toEqual([3, 2, 2]);
      }
    }
    const one = resolve({ in: input(1), out: { ...output, shape: [1, 1, 1] } }, [['in', 'out']]);
    expect(one.nodes).toHaveLength(2);
    expect(() => resolve({ in: input(3, 1), fc: linear(2, 3), out: output }, [['in', 'fc']])).toThrow(
      'gives shape [3, 1]',
    );
  });

  it('leaves out nodes without edges, with a warning', () => {
    const resolved = resolve({ in: input(1), idle: lif, out: output }, [['in', 'out']]);
    expect(resolved.nodes.map(({ name }) => name)).toEqual(['in', 'out']);
    expect(resolved.warnings).toEqual(['node "idle" has no edge and is ignored']);
  });

  it('names few candidates of many', () => {
    const nodes = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`n${index}`, lif]));
    try {
      resolve(nodes, [['n1', 'x']]);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(300);
    }
  });

  it('visits every node after all that deliver to it in the same step', () => {
    const dag = fc.integer({ min: 2, max: 30 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        names: fc.shuffledSubarray(
          Array.from({ length: size }, (_, index) => index),
          { minLength: size, maxLength: size },
        ),
        edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.nat(3)), { maxLength: 80 }),
      }),
    );
    fc.assert(
      fc.property(dag, ({ size, names, edges }) => {
        const nodes = Object.fromEntries(names.map((index) => [`n${index}`, { type: 'LI', tau: [1, 2] }]));
        // Backward edges get a delay, forward ones may have none: then no cycle is without one.
        const written = edges.map(([a, b, delay]) => [`n${a}`, `n${b}`, { delay: a < b ? delay : delay + 1 }]);
        for (let index = 1; index < size; index++) written.push([`n${index - 1}`, `n${index}`, { delay: 0 }]);
        const resolved = resolve(nodes, written);
        expect(resolved.nodes).toHaveLength(size);
        for (const edge of resolved.edges) if (edge.delay === 0) expect(edge.source).toBeLessThan(edge.target);
      }),
    );
  });
});

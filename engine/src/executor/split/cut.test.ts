import { parseModel, resolveGraph, wire } from '@spikewire/models';
import { expect, it } from 'vitest';
import { cutOf } from './cut.ts';

const cell = { type: 'LIF', tau: 0.01, v_threshold: 1 };

it.each(['x', 'y'])(
  'keeps a cycle on one side in one part, where "%s" of it gets events from the other side',
  (entry) => {
    const connection = (from: string, to: string, delay = 0) => ({ from, to, delay, name: `${from} to ${to}` });
    const connections = [
      ...[connection('in', 'a'), connection('in', 'x'), connection('a', entry)],
      ...[connection('x', 'y'), connection('y', 'x', 3), connection('y', 'z')],
    ];
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        ...{ a: cell, x: cell, y: cell, z: cell },
        ...Object.fromEntries(connections.map(({ name }) => [name, { type: 'Linear', weight: [[1]] }])),
        out: { type: 'Output', shape: [1] },
      },
      edges: [
        ...connections.flatMap(({ from, to, delay, name }) => [
          [from, name, { delay }],
          [name, to],
        ]),
        ['z', 'out'],
      ],
    });
    const wiring = wire(resolveGraph(model.graph, model.semantics));
    const nameOf = (index: number) => wiring.graph.nodes[index]!.name;
    const { parts, stride } = cutOf(wiring, (index) => ['x', 'y'].includes(nameOf(index)));
    expect(parts.map(({ onBoard, targets }) => [onBoard, targets.map(nameOf).sort()])).toEqual([
      [false, ['a']],
      [true, ['x', 'y']],
      [false, ['out', 'z']],
    ]);
    expect(stride).toBe(Number.POSITIVE_INFINITY);
  },
);

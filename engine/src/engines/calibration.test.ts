import { defaultSemantics, type GraphNode, type Model, parseModel, quantize, scalar, tensor } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { EventBuffer } from '../event-buffer.ts';
import { integerEngine } from '../reference/integer.ts';
import { calibrate } from './calibration.ts';

const model: Model = {
  graph: {
    nodes: new Map<string, GraphNode>([
      ['graded', { type: 'Input', parameters: { shape: tensor(Int32Array.of(2)) } }],
      ['spikes', { type: 'Input', parameters: { shape: tensor(Int32Array.of(2)) } }],
      ['a', { type: 'Linear', parameters: { weight: tensor(Float64Array.of(1, 0.5), [1, 2]) } }],
      ['b', { type: 'Linear', parameters: { weight: tensor(Float64Array.of(-1, 0.25), [1, 2]) } }],
      // dt = tau: the state is the input of the step.
      ['li', { type: 'LI', parameters: { tau: scalar(0.001) } }],
      ['out', { type: 'Output', parameters: {} }],
    ]),
    edges: [
      ['graded', 'a'],
      ['spikes', 'b'],
      ['a', 'li'],
      ['b', 'li'],
      ['li', 'out'],
    ].map(([source, target]) => ({ source: source!, target: target!, delay: 0 })),
  },
  semantics: defaultSemantics,
  learning: new Map(),
  encoder: new Map(),
  decoder: new Map(),
  channels: [],
  sample: { steps: 3, between: 'reset' },
  labels: [],
  provenance: {},
  selfTests: [],
};

function windowOf(...events: [step: number, node: number, index: number, value: number][]) {
  const input = new EventBuffer(10);
  for (const [step, node, index, value] of events) input.push(step, node, index, value);
  return { steps: 3, input };
}

describe('calibrate', () => {
  const graph = integerEngine.load(quantize(model, { bits: 8 })).graph;
  const indexOf = (name: string) => graph.nodes.findIndex((node) => node.name === name);
  const windows = [
    windowOf([0, indexOf('graded'), 0, 1], [0, indexOf('spikes'), 0, 1], [2, indexOf('graded'), 1, -3]),
    windowOf([1, indexOf('graded'), 0, 2.5], [1, indexOf('spikes'), 1, 1]),
  ];

  it('notes how large inputs and read-outs get', () => {
    const { inputs, states } = calibrate(model, windows);
    expect([...inputs!]).toEqual([
      ['graded', 3],
      ['spikes', 'spikes'],
    ]);
    // −1.5 in the first sample, 2.5 + 0.25 in the second.
    expect([...states!]).toEqual([['li', 2.75]]);
  });

  it('takes of rectifiers what they hand on, and not what they hold back', () => {
    const rectifiers = parseModel({
      nodes: {
        graded: { type: 'Input', shape: [2] },
        positive: { type: 'ReLU' },
        held: { type: 'ReLU', ceiling: 2 },
        out: { type: 'Output' },
      },
      edges: [
        ['graded', 'positive'],
        ['graded', 'held'],
        ['positive', 'out'],
        ['held', 'out'],
      ],
    });
    const { states } = calibrate(rectifiers, [windowOf([0, 0, 0, 2.5], [1, 0, 1, -7])]);
    expect([...states!]).toEqual([
      ['positive', 2.5],
      ['held', 2],
    ]);
  });

  it('gives a read-out that neither saturates nor wastes its 8 bits', () => {
    const running = integerEngine.load(quantize(model, { bits: 8, calibration: calibrate(model, windows) }));
    const output = new EventBuffer(10);
    running.run(3, windows[1]!.input, output);
    expect(running.counters.saturatedHigh).toBe(0);
    expect(output.value[0]).toBeCloseTo(2.75, 1);
    expect(running.readState('li', 'v')[0]).toBe(0);
    const coarse = integerEngine.load(quantize(model, { bits: 8, calibration: { inputs: new Map([['graded', 3]]) } }));
    const { handOn, fraction, scale } = coarse.model.quantization!.neurons.get('li')!;
    const calibrated = running.model.quantization!.neurons.get('li')!;
    const stepOf = (n: typeof calibrated) => n.scale[0]! * 2 ** (n.handOn! - n.fraction);
    expect(stepOf(calibrated)).toBeLessThanOrEqual(scale[0]! * 2 ** (handOn! - fraction));
    expect(2.75 / stepOf(calibrated)).toBeGreaterThanOrEqual(63);
  });
});

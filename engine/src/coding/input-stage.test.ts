import { parseModel, resolveGraph, viewsOf } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { InputStage } from './input-stage.ts';

/** Two inputs of two and one elements, given out of order, with encoders of their own ranges. */
const text = JSON.stringify({
  nodes: {
    a: { type: 'Input', shape: [2] },
    b: { type: 'Input', shape: [1] },
    out: { type: 'Output', shape: [2] },
    rest: { type: 'Output', shape: [1] },
  },
  edges: [
    ['a', 'out'],
    ['b', 'rest'],
  ],
  semantics: { dt: 0.001 },
  sample: { steps: 3, between: 'reset' },
  encoder: {
    a: {
      type: 'direct',
      range: [
        [0, 10],
        [0, 100],
      ],
    },
    b: { type: 'direct', range: [-1, 1] },
  },
});

function open() {
  const model = parseModel(text);
  return new InputStage(model, resolveGraph(model.graph, model.semantics), 1);
}

describe('input stage', () => {
  it('gives each input its channels in order, and events in order of steps', () => {
    const stage = open();
    expect(stage.channels).toBe(3);
    const list = stage.encode(Float64Array.of(10, 50, -1))!;
    expect([...list.step]).toEqual([...list.step].sort((x, y) => x - y));
    const at = (step: number) =>
      [...list.step.keys()]
        .filter((k) => list.step[k] === step)
        .map((k) => [list.node[k], list.index[k], list.value[k]]);
    const nodes = [...new Set(list.node)].sort((x, y) => x - y);
    for (const step of [0, 1, 2]) {
      expect(at(step).filter(([node]) => node === nodes[0])).toContainEqual([nodes[0], 0, 1]);
      expect(at(step).filter(([node]) => node === nodes[1])).toEqual([[nodes[1], 0, -1]]);
    }
    expect(stage.rangeOf(1)).toEqual({ low: 0, high: 100 });
    expect(stage.rangeOf(2)).toEqual({ low: -1, high: 1 });
  });

  it('refuses a bad sample before any encoder takes it', () => {
    const stage = open();
    const before = structuredClone(viewsOf(stage.state));
    expect(() => stage.encode(Float64Array.of(1, 2))).toThrow('reading: has 2 values; expected 3');
    expect(() => stage.encode(Float64Array.of(99, 2, Number.NaN))).toThrow(
      'reading, channel 2: is NaN; expected a finite number',
    );
    expect(viewsOf(stage.state)).toEqual(before);
  });

  it('says what a model without encoders lacks', () => {
    const { encoder: _, ...bare } = JSON.parse(text);
    const model = parseModel(JSON.stringify(bare));
    expect(() => new InputStage(model, resolveGraph(model.graph, model.semantics), 1)).toThrow(
      'node "a" (Input): has no encoder',
    );
  });
});

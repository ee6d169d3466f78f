import { type Model, NEXT_READING_HEADROOM, nextReadingModel, quantize, resolveGraph } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { engines } from './engines/engines.ts';

const float = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 10 });
const integer = quantize(float, { bits: 8, headroom: NEXT_READING_HEADROOM });
const graphOf = ({ graph, semantics }: Model) => resolveGraph(graph, semantics);

describe.each(engines)('engine $name', (engine) => {
  const models = [integer, ...(engine.weightBits?.includes(32) === false ? [] : [float])];

  it('takes the graph of a model from whoever has resolved it', () => {
    for (const model of models) expect(() => engine.load(model, { graph: graphOf(model) })).not.toThrow();
  });

  it('refuses the graph of another model, and of the same with other semantics', () => {
    const [other, semantics] = [graphOf({ ...float, graph: { ...float.graph } }), { ...float.semantics }];
    for (const model of models) {
      for (const graph of [other, graphOf({ ...model, semantics })])
        expect(() => engine.load(model, { graph })).toThrow('resolved graph: is that of another model');
    }
  });
});

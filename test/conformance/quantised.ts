import { type Calibration, type Model, quantize, resolveGraph } from '@spikewire/models';
import type { Engine } from 'spikewire';
import type { LoadModel } from './engine-under-test.ts';

/** Loads float models into an engine that takes integer ones. */
export function quantised(engine: Engine, bits: 8 | 4 = 8): LoadModel {
  return (model, { largestInput, ...options } = {}) => {
    const calibration = { inputs: rangesOf(model, largestInput) };
    return engine.load(quantize(model, { bits, calibration }), options);
  };
}

function rangesOf(model: Model, largestInput: number | undefined): NonNullable<Calibration['inputs']> {
  const inputs = resolveGraph(model.graph, model.semantics).nodes.filter(({ kind }) => kind.role === 'input');
  return new Map(inputs.map(({ name }) => [name, largestInput ?? 'spikes']));
}

import { graphOf, integerFormOf, wire } from '@spikewire/models';
import type { Engine } from '../../engine.ts';
import { learnedConnections } from '../../learn/learned-connections.ts';
import { compileProgram } from './compiler.ts';
import { floatForm } from './float-form.ts';
import { integerForm } from './integer-form.ts';
import { ClockedNetwork } from './network.ts';

/**
 * The fast engine: every neuron in every step, work per arriving event. A float model runs in float32, an integer model
 * bit for bit as the integer form says.
 */
export const clockedEngine: Engine = {
  name: 'clocked',
  doc: 'updates every neuron in every step, with SIMD; fast',
  load(model, options = {}) {
    const graph = graphOf(model, options.graph);
    const integers = model.quantization === undefined ? undefined : integerFormOf(model, graph);
    const form = integers === undefined ? floatForm : integerForm(integers, options.seed ?? 1);
    const learned = learnedConnections(model, graph);
    const indices = new Set(learned.map(({ index }) => index));
    const program = compileProgram(integers?.wiring ?? wire(graph), form, indices);
    return new ClockedNetwork(model, program, form, learned, options);
  },
};

import { modelDigest } from '@spikewire/models';
import { engineNamed } from '../../engine/engines.ts';
import { type Inspection, inspect } from '../../inspect.ts';
import type { Command } from '../command.ts';
import { parseModelFile, readModelFile } from '../model-argument.ts';

/** `spikewire inspect`: what a model is and costs. */
export const command: Command = {
  name: 'inspect',
  summary: 'show a model: graph, parameters, memory, card',
  positionals: [{ name: 'model', doc: 'a .spike file or its text form in JSON' }],
  options: { engine: { type: 'string', value: '<name>', doc: 'the engine whose memory is counted', default: 'clocked' } },

  async run(args, console) {
    const path = args.positionals[0]!;
    const bytes = await readModelFile(path);
    const model = parseModelFile(path, bytes);
    const engine = engineNamed(args.text('engine')!);
    const inspection = inspect(model, { fileBytes: bytes.length, digest: modelDigest(model), engine });
    console.result(inspection, () => format(path, inspection));
  },
};

function format(path: string, inspection: Inspection): string {
  const { nodes, edges, neurons, synapses, weights, bits, steps, fileBytes, memoryBytes, engine, digest } = inspection;
  const width = Math.max(...nodes.map(({ name }) => name.length));
  const kinds = Math.max(...nodes.map(({ type }) => type.length));
  return [
    `${path}: ${neurons} neurons, ${synapses} synapses, ${weights} weights of ${bits} bits, ${steps} steps a sample`,
    `digest ${digest}`,
    '',
    ...nodes.map(({ name, type, shape, learns }) => {
      const rules = learns.length === 0 ? '' : `  learns: ${learns.join(', ')}`;
      return `  ${name.padEnd(width)}  ${type.padEnd(kinds)}  [${shape.join(', ')}]${rules}`;
    }),
    '',
    `  ${edges.map(({ source, target, delay }) => `${source}→${target}${delay > 0 ? ` (${delay} steps)` : ''}`).join(', ')}`,
    '',
    `flash ${fileBytes} bytes; memory ${memoryBytes} bytes on ${engine}`,
    `synaptic operations per sample: at most ${inspection.synapticOperationsAtMost}, if every neuron spiked in every step`,
    ...inspection.warnings.map((line) => `warning: ${line}`),
    ...Object.entries(inspection.provenance).map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
  ].join('\n');
}

// Contestants of this house: its engines, in both number formats.
import { EventBuffer, engineNamed } from 'spikewire';
import { countSpikes } from './spikes.mjs';

const CLASSES = 10;

export const engines = [
  engine('int8 clocked wasm', { engine: 'clocked', kernels: 'wasm', numbers: 'integer' }),
  engine('float32 clocked wasm', { engine: 'clocked', kernels: 'wasm', numbers: 'real' }),
  engine('int8 clocked typescript', { engine: 'clocked', kernels: 'typescript', numbers: 'integer' }),
  engine('float32 clocked typescript', { engine: 'clocked', kernels: 'typescript', numbers: 'real' }),
  engine('int8 reference', { engine: 'integer', numbers: 'integer' }),
  engine('float64 reference', { engine: 'reference', numbers: 'real' }),
];

function engine(name, { engine, kernels, numbers }) {
  return {
    name,
    numbers,
    async open({ model, integerModel, steps, samples }) {
      const form = numbers === 'integer' ? integerModel : model;
      const network = engineNamed(engine).load(form, kernels === undefined ? {} : { kernels });
      const output = new EventBuffer(steps * CLASSES);
      return {
        run(sample) {
          network.resetActivity();
          output.clear();
          network.run(steps, samples[sample], output);
        },
        counts: async (sample) => countSpikes(network, samples[sample], steps),
        close: async () => {},
      };
    },
  };
}

import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { decoderKind } from './decoder.ts';
import { softmax } from './softmax.ts';

const parameters = {
  temperature: { doc: 'divides the membranes: the higher, the more even', form: 'number', default: 1, above: 0 },
} as const satisfies ParameterTable;

/**
 * Softmax of the membranes at the window's end: e^(v_i/T) / Σ e^(v_k/T), a probability per class, for read-outs that
 * integrate without spiking (or spike rarely). The winner has the highest membrane; of equal ones the lowest index.
 */
export const membraneSoftmax = decoderKind({
  type: 'membrane-softmax',
  examples: [{ parameters: {} }],
  parameters,
  reads: 'membrane',
  classifies: true,
  prepare({ temperature }, { where, size }) {
    const values = new Float64Array(size);
    const decoded = { values, winner: 0 };
    return {
      outputs: size,
      decode({ membrane }) {
        if (membrane === undefined) {
          throw new SpikewireError('unsupported', where, 'gets no membrane', 'a neuron node in front of the Output');
        }
        decoded.winner = softmax(membrane, temperature, values);
        return decoded;
      },
    };
  },
});

import { SpikewireError } from '../error.ts';
import type { DecoderKind } from './decoder.ts';
import { type CodingParameterTable, readParameters } from './parameters.ts';
import { winnerOf } from './winner.ts';

const parameters = {
  temperature: { doc: 'divides the membranes: the higher, the more even', form: 'elements', default: 1, above: 0 },
} as const satisfies CodingParameterTable;

/**
 * Softmax of the membranes at the window's end: e^(v_i/T) / Σ e^(v_k/T), a probability per class, for read-outs that integrate
 * without spiking (or spike rarely). The winner has the highest membrane; of equal ones the lowest index.
 */
export const membraneSoftmax: DecoderKind = {
  type: 'membrane-softmax',
  parameters,
  reads: 'membrane',
  prepare(given, { size }) {
    const where = 'decoder "membrane-softmax"';
    const temperature = readParameters(where, given, parameters).numbers.temperature!;
    const values = new Float64Array(size);
    const decoded = { values, winner: 0 };
    return {
      decode({ membrane }) {
        if (membrane === undefined) {
          throw new SpikewireError('unsupported', where, 'gets no membrane', 'a neuron node in front of the Output');
        }
        const winner = winnerOf(membrane);
        let total = 0;
        for (let i = 0; i < size; i++) {
          // Relative to the highest, so that nothing overflows.
          values[i] = Math.exp((membrane[i]! - membrane[winner]!) / temperature);
          total += values[i]!;
        }
        for (let i = 0; i < size; i++) values[i]! /= total;
        decoded.winner = winner;
        return decoded;
      },
    };
  },
};

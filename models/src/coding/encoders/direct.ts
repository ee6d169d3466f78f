import type { ParameterTable } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { encoderKind, encodeWithin } from './encoder.ts';

const parameters = {
  ...rangeParameters,
  span: {
    doc: 'what a channel is normalised to: "signed" [−1, 1] or "unit" [0, 1]',
    form: 'word',
    words: ['signed', 'unit'],
    default: 'signed',
  },
  gain: { doc: 'current at the upper end of the range', form: 'number', default: 1 },
} as const satisfies ParameterTable;

/**
 * Direct current: element i carries gain·x_i in every step of the sample, x the normalised channel. Analogue, without
 * randomness: the first layer of neurons does the encoding (the input of NEF ensembles, and of nets trained with few
 * steps: Rueckauer et al. 2017, section 2.2). Elements = channels.
 */
export const direct = encoderKind({
  type: 'direct',
  examples: [{ parameters: {} }, { parameters: { span: 'unit' } }],
  parameters,
  emits: () => 'graded',
  steady: true,

  prepare(read, { where, size, steps }) {
    const signed = read.span === 'signed';
    const range = readRange(where, read, size, signed ? [-1, 1] : [0, 1]);
    const gain = read.gain;
    const current = new Float64Array(size);
    return encodeWithin(range, current.byteLength, (sample, emit) => {
      for (let i = 0; i < size; i++) {
        current[i] = gain * (signed ? range.toSigned(i, sample[i]!) : range.toUnit(i, sample[i]!));
      }
      for (let step = 0; step < steps; step++) {
        for (let i = 0; i < size; i++) if (current[i] !== 0) emit(step, i, current[i]!);
      }
    });
  },
});

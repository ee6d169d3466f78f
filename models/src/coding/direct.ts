import { encodeWithin } from './encode-within.ts';
import type { EncoderKind } from './encoder.ts';
import { type CodingParameterTable, readParameters } from './parameters.ts';
import { rangeParameters, readRange } from './range.ts';

const parameters = {
  ...rangeParameters,
  span: {
    doc: 'what a channel is normalised to: "signed" [−1, 1] or "unit" [0, 1]; "signed" where absent',
    form: 'text',
    words: ['signed', 'unit'],
    optional: true,
  },
  gain: { doc: 'current at the upper end of the range', form: 'elements', default: 1 },
} as const satisfies CodingParameterTable;

/**
 * Direct current: element i carries gain·x_i in every step of the sample, x the normalised channel. Analogue, without
 * randomness: the first layer of neurons does the encoding (the input of NEF ensembles, and of nets trained with few steps:
 * Rueckauer et al. 2017, section 2.2). Elements = channels.
 */
export const direct: EncoderKind = {
  type: 'direct',
  parameters,
  emits: () => 'graded',

  prepare(given, { size, steps }) {
    const where = 'encoder "direct"';
    const read = readParameters(where, given, parameters);
    const signed = read.words.span !== 'unit';
    const range = readRange(where, given, read, size, signed ? [-1, 1] : [0, 1]);
    const gain = read.numbers.gain!;
    const current = new Float64Array(size);
    return encodeWithin(range, (sample, emit) => {
      for (let i = 0; i < size; i++) {
        current[i] = gain * (signed ? range.toSigned(i, sample[i]!) : range.toUnit(i, sample[i]!));
      }
      for (let step = 0; step < steps; step++) {
        for (let i = 0; i < size; i++) if (current[i] !== 0) emit(step, i, current[i]!);
      }
    });
  },
};

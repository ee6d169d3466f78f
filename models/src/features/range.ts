import { rangeParameters, readRange } from '../coding/range.ts';
import { prefixed } from '../kept-numbers.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { featureKind, framesOf16 } from './feature.ts';
import { OBJECT } from './frame-memory.ts';

const parameters = {
  ...rangeParameters,
  span: {
    doc: 'what numbers are normalised to: "signed" [−1, 1] or "unit" [0, 1]',
    form: 'word',
    words: ['signed', 'unit'],
    default: 'signed',
  },
} as const satisfies ParameterTable;

const OBJECTS_PER_RANGE = 12;

/**
 * Normalises each number of a frame by its range, given or found in a warm-up as those of encoders are
 * (coding/range.ts); nothing is handed on before it is known. For what follows in the chain; the encoder behind it has
 * a range of its own.
 */
export const range = featureKind({
  type: 'range',
  examples: [
    {
      stages: [
        framesOf16,
        { type: 'rms', parameters: {} },
        { type: 'range', parameters: { range: 'auto', warmUp: 3 } },
      ],
      outputs: 1,
    },
  ],
  parameters,

  prepare(read, { where, width, channels, memory }) {
    const signed = read.span === 'signed';
    // Every range is a few objects, and keeps its ends and at most 512 samples of its warm-up.
    memory.take(
      where,
      channels * width * (4 + Math.min(512, read.warmUp)) + width,
      channels * OBJECTS_PER_RANGE * OBJECT,
    );
    const normalised: readonly [number, number] = signed ? [-1, 1] : [0, 1];
    const ranges = Array.from({ length: channels }, () => readRange(where, read, width, normalised));
    const values = new Float64Array(width);
    return {
      takes: width,
      outputs: width,
      frames: 1,
      work: width,
      ranges,
      state: Object.assign({}, ...ranges.map(({ state }, c) => prefixed(String(c), state))),
      // It hands on the frame that completes its warm-up.
      takesFor: (frames) => Math.max(0, ranges[0]!.of - ranges[0]!.samples - 1) + frames,
      push(channel, frame, emit) {
        const own = ranges[channel]!;
        if (!own.take(frame)) return;
        for (let k = 0; k < width; k++) values[k] = signed ? own.toSigned(k, frame[k]!) : own.toUnit(k, frame[k]!);
        emit(channel, values);
      },
    };
  },
});

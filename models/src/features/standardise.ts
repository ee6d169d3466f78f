import { SpikewireError } from '../error.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { featureKind, framesOf16 } from './feature.ts';
import { FrameScale } from './frame-scale.ts';

export const standardiseParameters = {
  mean: {
    doc: 'what is usual: one number, or one for each of a frame, or of all frames',
    form: 'json',
    optional: true,
  },
  deviation: { doc: 'how far numbers usually are from it, above 0, in the same form', form: 'json', optional: true },
  clip: {
    doc: 'largest magnitude, in deviations, that is handed on; beyond it counts as this',
    form: 'number',
    default: 4,
    above: 0,
  },
} as const satisfies ParameterTable;

const parameters = {
  ...standardiseParameters,
  warmUp: {
    doc:
      'frames that set mean and deviation where these are not given; ' +
      'before, it hands nothing on, unless a read-out is taught',
    form: 'integer',
    default: 30,
    minimum: 2,
  },
} as const satisfies ParameterTable;

/**
 * Standardises each number of a frame: (x − mean)/deviation, clipped. Mean and deviation are given, or those of the
 * first frames of each channel (Welford 1962), and stay. In front of a read-out that is taught it hands on frames from
 * the second on, by those so far, and the first lessons widen it.
 */
export const standardise = featureKind({
  type: 'standardise',
  examples: [
    {
      stages: [framesOf16, { type: 'rms', parameters: {} }, { type: 'standardise', parameters: { warmUp: 3 } }],
      outputs: 1,
    },
    { stages: [{ type: 'standardise', parameters: { mean: 1, deviation: 2 } }, framesOf16], outputs: 16 },
  ],
  parameters,

  prepare({ mean, deviation, clip, warmUp }, { where, width, channels, memory, early }) {
    if ((mean === undefined) !== (deviation === undefined)) {
      throw new SpikewireError('parameter', where, 'has one of mean and deviation', 'both, or none');
    }
    memory.take(where, (early ? 5 : 2) * channels * width + channels + width);
    const given = mean !== undefined && {
      mean: numbersOf(`${where}.mean`, mean, width, channels),
      deviation: numbersOf(`${where}.deviation`, deviation, width, channels),
    };
    if (given && !given.deviation.every((each) => each > 0)) {
      throw new SpikewireError('parameter', `${where}.deviation`, 'is not above 0 everywhere', 'numbers above 0');
    }
    const scale = new FrameScale(channels, width, given || { of: warmUp, early });
    const values = new Float64Array(width);
    return {
      takes: width,
      outputs: width,
      frames: given ? 'each' : 1,
      work: width,
      state: scale.state,
      scale,
      takesFor: (frames) => scale.missing + frames,
      push(channel, frame, emit) {
        if (!scale.observe(channel, frame)) return;
        for (let k = 0; k < width; k++) values[k] = clipped(scale.apply(channel, k, frame[k]!), clip);
        emit(channel, values);
      },
    };
  },
});

export function clipped(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

/**
 * One number for all, one for each of a frame, or one for each of all channels' frames. Throws `parameter`. A chain is
 * first tried with one channel, so a list may be longer than what is asked for.
 */
function numbersOf(where: string, given: unknown, width: number, channels: number): Float64Array {
  const size = width * channels;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const fits = list.length === 1 || list.length === width || (list.length % width === 0 && list.length >= size);
  if (!fits || !list.every((each) => Number.isFinite(each))) {
    const expected = `one number, ${width} of a frame or ${size} of all channels`;
    throw new SpikewireError('parameter', where, `has ${list.length} values, or one that is not a number`, expected);
  }
  return Float64Array.from({ length: size }, (_, k) => list[k % list.length] as number);
}

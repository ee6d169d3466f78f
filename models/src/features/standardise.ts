import { SpikewireError } from '../error.ts';
import { kept, real, whole } from '../kept-numbers.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { featureKind, framesOf16 } from './feature.ts';
import { FRAME_NUMBER } from './frame-numbers.ts';

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
    doc: 'frames that set mean and deviation where these are not given; nothing is handed on before',
    form: 'integer',
    default: 30,
    minimum: 2,
  },
} as const satisfies ParameterTable;

/** Below it a deviation is rounding, in units of the mean; such numbers count as usual ones. */
const FLAT = 1e-9;

/**
 * Standardises each number of a frame: (x − mean)/deviation, clipped. Mean and deviation are given, or those of the
 * first frames of each channel (Welford 1962), and stay.
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

  prepare({ mean, deviation, clip, warmUp }, { where, width, channels, memory }) {
    if ((mean === undefined) !== (deviation === undefined)) {
      throw new SpikewireError('parameter', where, 'has one of mean and deviation', 'both, or none');
    }
    const size = channels * width;
    memory.take(where, 2 * size + channels + width);
    const given = mean !== undefined;
    const means = given ? numbersOf(`${where}.mean`, mean, width, channels) : new Float64Array(size);
    const deviations = given ? numbersOf(`${where}.deviation`, deviation, width, channels) : new Float64Array(size);
    if (given && !deviations.every((each) => each > 0)) {
      throw new SpikewireError('parameter', `${where}.deviation`, 'is not above 0 everywhere', 'numbers above 0');
    }
    /** Frames of each channel that were counted; `deviations` are sums of squares until there are enough. */
    const counted = new Float64Array(channels);
    const values = new Float64Array(width);

    function learn(channel: number, frame: Float64Array): void {
      const n = ++counted[channel]!;
      for (let k = 0, at = channel * width; k < width; k++, at++) {
        const change = frame[k]! - means[at]!;
        means[at]! += change / n;
        deviations[at]! += change * (frame[k]! - means[at]!);
        if (n === warmUp) deviations[at] = Math.sqrt(deviations[at]! / n);
      }
    }

    return {
      takes: width,
      outputs: width,
      frames: given ? 'each' : 1,
      state: given
        ? {}
        : {
            mean: kept(means, FRAME_NUMBER),
            deviation: kept(deviations, real(0)),
            counted: kept(counted, whole(0, warmUp)),
          },
      takesFor: (frames) => (given ? 0 : Math.max(0, warmUp - counted[0]!)) + frames,
      push(channel, frame, emit) {
        if (!given && counted[channel]! < warmUp) {
          learn(channel, frame);
          return;
        }
        for (let k = 0, at = channel * width; k < width; k++, at++) {
          values[k] = clipped((frame[k]! - means[at]!) / unitOf(deviations[at]!, means[at]!), clip);
        }
        emit(channel, values);
      },
    };
  },
});

function unitOf(deviation: number, mean: number): number {
  return deviation > FLAT * Math.abs(mean) ? deviation : Math.max(Math.abs(mean), 1);
}

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
    throw new SpikewireError('parameter', where, `has ${list.length} values, or one that is no number`, expected);
  }
  return Float64Array.from({ length: size }, (_, k) => list[k % list.length] as number);
}

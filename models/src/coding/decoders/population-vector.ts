import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { fixedRange } from '../range.ts';
import { fieldCentre, receptiveFields } from '../receptive-fields.ts';
import { decoderKind } from './decoder.ts';

const parameters = {
  fields: { doc: 'elements per channel', form: 'integer', minimum: 3 },
  range: { doc: '[low, high] for all channels, or one per channel; absent: [0, 1]', form: 'json', optional: true },
  over: {
    doc: '"line": fields of the population code; "circle": preferred directions, `range` being one turn',
    form: 'word',
    words: ['line', 'circle'],
    default: 'line',
  },
} as const satisfies ParameterTable;

/**
 * Population vector (Georgopoulos, Schwartz and Kettner 1986): a value per channel, the mean of what its elements stand
 * for, weighted with their activity (events counted with their value) over the window. Element f of channel c is
 * c·fields + f, as in the population code.
 *
 * - `line`: x̂ = Σ n_f·c_f / Σ n_f, c_f the centres of the receptive fields.
 * - `circle`: x̂ is the direction of Σ n_f·(cos 2πf/m, sin 2πf/m), m the fields: exact for activities a + b·cos(2πf/m −
 *   x).
 *
 * Where the elements of a channel say nothing (silence, or a sum of 0, but for rounding), its value is the middle of
 * the range. No winner (−1).
 */
export const populationVector = decoderKind({
  type: 'population-vector',
  examples: [{ parameters: { fields: 4, range: [0, 8] } }],
  parameters,
  reads: 'spikes',
  classifies: false,

  prepare(read, { where, size }) {
    const { fields } = read;
    if (size % fields !== 0) {
      throw new SpikewireError('parameter', where, `output has ${size} elements`, `a multiple of the ${fields} fields`);
    }
    if (read.range === 'auto') {
      throw new SpikewireError(
        'parameter',
        `${where}.range`,
        'is "auto"',
        '[low, high], because a decoder sees no samples',
      );
    }
    const channels = size / fields;
    const range = fixedRange(where, read.range ?? [0, 1], channels);
    const estimate = read.over === 'circle' ? onCircle(fields) : onLine(fields);
    const activity = new Float64Array(size);
    const values = new Float64Array(channels);
    const decoded = { values, winner: -1 };
    return {
      outputs: channels,
      workingBytes: activity.byteLength + values.byteLength + range.bytes,
      decode({ events }) {
        activity.fill(0);
        for (let k = 0; k < events.length; k++) activity[events.index(k)]! += events.value(k);
        for (let c = 0; c < channels; c++) {
          const unit = estimate(activity, c * fields);
          values[c] = range.fromUnit(c, Number.isFinite(unit) ? unit : 0.5);
        }
        return decoded;
      },
    };
  },
});

/** The place on [0, 1] that the activities from `first` on stand for; not finite where there are none. */
type Estimate = (activity: Float64Array, first: number) => number;

function onLine(count: number): Estimate {
  // The centres do not depend on the width.
  const fields = receptiveFields(count, 1);
  return (activity, first) => fieldCentre(fields, activity, first);
}

/** Sums below this part of the activity have no direction. */
const ROUNDING = 1e-12;

function onCircle(fields: number): Estimate {
  const turn = 2 * Math.PI;
  const cosine = Float64Array.from({ length: fields }, (_, f) => Math.cos((turn * f) / fields));
  const sine = Float64Array.from({ length: fields }, (_, f) => Math.sin((turn * f) / fields));
  return (activity, first) => {
    let x = 0;
    let y = 0;
    let total = 0;
    for (let f = 0; f < fields; f++) {
      x += activity[first + f]! * cosine[f]!;
      y += activity[first + f]! * sine[f]!;
      total += Math.abs(activity[first + f]!);
    }
    // Activities that are all equal add up to nothing but rounding.
    if (Math.hypot(x, y) <= ROUNDING * total) return Number.NaN;
    const angle = Math.atan2(y, x) / turn;
    return angle < 0 ? angle + 1 : angle;
  };
}

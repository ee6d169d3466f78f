import { SpikewireError } from '../../error.ts';
import { kept, whole } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { encoderKind } from './encoder.ts';

const parameters = {
  ...rangeParameters,
  threshold: {
    doc: 'change that is one event, as a share of the range',
    form: 'number',
    default: 0.05,
    minimum: 1e-9,
    maximum: 1,
  },
  polarity: {
    doc: '"split": an element for up and one for down; "signed": one element, ±1',
    form: 'word',
    words: ['split', 'signed'],
    default: 'split',
  },
  maxEvents: {
    doc: 'most events of a channel per sample (default its steps)',
    form: 'integer',
    minimum: 1,
    optional: true,
  },
} as const satisfies ParameterTable;

/**
 * Send-on-delta (Miskowicz 2006; the code of event cameras): an event for each change of a channel by the threshold θ
 * since the last one. What was sent is ½ + θ·(ups − downs) of the range, starting in its middle, so whoever counts the
 * events knows the channel within θ.
 *
 * A channel has at most one event per step, from the sample's first step on; the rest of a change too large for one
 * sample follows in the next. Up of channel c is element 2c, down 2c + 1; with `signed`, both are element c.
 */
export const delta = encoderKind({
  type: 'delta',
  examples: [{ parameters: {}, elements: 2 }, { parameters: { polarity: 'signed', maxEvents: 2 } }],
  parameters,
  emits: () => 'spikes',

  prepare(read, { where, size, steps }) {
    const split = read.polarity !== 'signed';
    if (split && size % 2 !== 0) {
      throw new SpikewireError(
        'parameter',
        where,
        `input has ${size} elements`,
        'two per channel, or polarity "signed"',
      );
    }
    const channels = split ? size / 2 : size;
    const range = readRange(where, read, channels, [0, 1]);
    const threshold = read.threshold;
    const most = Math.min(read.maxEvents ?? steps, steps);
    /** Ups − downs so far: whole numbers, so that the sum of endlessly many thresholds stays exact. */
    const level = new Float64Array(channels);
    const farthest = Math.ceil(0.5 / threshold);
    const due = new Float64Array(channels);
    return {
      channels,
      range,
      state: { ...range.state, level: kept(level, whole(-farthest, farthest)) },
      workingBytes: due.byteLength,
      encode(sample, emit) {
        if (!range.take(sample)) return;
        let busiest = 0;
        for (let c = 0; c < channels; c++) {
          const change = Math.trunc((range.toUnit(c, sample[c]!) - 0.5) / threshold - level[c]!);
          due[c] = Math.max(-most, Math.min(most, change));
          level[c]! += due[c]!;
          busiest = Math.max(busiest, Math.abs(due[c]!));
        }
        for (let step = 0; step < busiest; step++) {
          for (let c = 0; c < channels; c++) {
            if (Math.abs(due[c]!) <= step) continue;
            if (split) emit(step, due[c]! > 0 ? 2 * c : 2 * c + 1, 1);
            else emit(step, c, Math.sign(due[c]!));
          }
        }
      },
    };
  },
});

import { SpikewireError } from '../error.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { shortNumber } from '../printable.ts';
import { monitorKind, watchParameters } from './monitor.ts';
import { UsualSizes } from './usual-sizes.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 100 },
  quantile: {
    doc: 'the usual error is this running quantile of its magnitude',
    form: 'number',
    default: 0.99,
    above: 0,
    below: 1,
  },
  sensitivity: { ...watchParameters.sensitivity, default: 6 },
} as const satisfies ParameterTable;

/**
 * The least size of a usual error, in normalised units (a channel's range is −1…1): half a step of an 8-bit input.
 * Below it an error is rounding and not news.
 */
const LEAST_ERROR = 0.5 / 127;

/** A channel's range, −1…1. */
const WHOLE_RANGE = 2;
/** An error of so many learned ones, if it is also as wide as the range, is none that comes. */
const OUT_OF_REACH = 100;

/**
 * Error of prediction: the net predicts the next sample of its own input, and what it could not foresee is unusual.
 * Score = max over channels of |error| over the usual size of that channel's error.
 */
export const nextReading = monitorKind({
  type: 'next-reading',
  parameters,
  predicts: true,
  channelBytes: 2560,

  prepare({ quantile, normalFor }, { where, channels, outputs }) {
    const { length } = channels;
    if (outputs !== length) {
      const problem = `has ${outputs} outputs for ${length} channels`;
      throw new SpikewireError('graph', where, problem, 'one output per channel');
    }
    const usual = new UsualSizes(length, { quantile, least: LEAST_ERROR, normalFor });
    const lastError = new Float64Array(length);
    let [worst, measured, foreseen] = [0, Number.NaN, Number.NaN];
    return {
      read({ error, sample, expected }, { learning, sensitivity }) {
        if (error === undefined) return undefined;
        let score = 0;
        for (let channel = 0; channel < length; channel++) {
          const own = usual.score(channel, Math.abs(error[channel]!), sensitivity);
          if (own > score) worst = channel;
          score = Math.max(score, own);
        }
        measured = sample?.[worst] ?? Number.NaN;
        foreseen = expected?.[worst] ?? Number.NaN;
        lastError.set(error);
        if (learning)
          for (let channel = 0; channel < length; channel++) usual.learn(channel, Math.abs(error[channel]!));
        return score;
      },
      reason: () => `${channels[worst]} is ${shortNumber(measured)} where ${shortNumber(foreseen)} was expected`,
      accept(sensitivity) {
        for (let channel = 0; channel < length; channel++) {
          usual.accept(channel, Math.abs(lastError[channel]!), sensitivity);
        }
      },
      // A sensor that has left its range makes errors wider than that.
      isMuted: (sensitivity) =>
        channels.every((_, channel) => {
          const limit = sensitivity * usual.at(channel);
          return limit >= WHOLE_RANGE && limit >= OUT_OF_REACH * usual.learned(channel);
        }),
      state: { lastError, ...usual.state },
    };
  },
});

import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { encoderKind, encodeWithin } from './encoder.ts';

const parameters = {
  ...rangeParameters,
  maxSpikes: { doc: 'spikes of the longest burst', form: 'integer', default: 5, minimum: 2 },
  minInterval: {
    doc: 'interval at the upper end of the range (default a step)',
    unit: 's',
    form: 'number',
    above: 0,
    optional: true,
  },
  maxInterval: {
    doc: 'interval at the lower end of the range (default the longest that lets maxSpikes fit into a sample)',
    unit: 's',
    form: 'number',
    above: 0,
    optional: true,
  },
} as const satisfies ParameterTable;

/**
 * Burst code (Guo, Fouda, Eltawil and Salama 2021): a sample begins with a burst of N = ⌈N_max·x⌉ spikes at intervals
 * of ⌈I_max − (I_max − I_min)·x⌉ steps, x the channel on [0, 1]: the larger the value, the more spikes, and the denser.
 * x is known within ½/N_max from the count and, from two spikes on, within ½/(I_max − I_min) from the interval.
 * Elements = channels.
 */
export const burst = encoderKind({
  type: 'burst',
  examples: [{ parameters: {} }],
  parameters,
  emits: () => 'spikes',

  prepare(read, { where, size, steps, dt }) {
    const range = readRange(where, read, size, [0, 1]);
    const { maxSpikes, minInterval, maxInterval } = read;
    const fail = (key: keyof typeof parameters, expected: string) =>
      new SpikewireError('parameter', `${where}.${key}`, `is ${read[key]}`, expected);
    const longest = Math.floor((steps - 1) / (maxSpikes - 1));
    if (longest < 1) throw fail('maxSpikes', `at most the ${steps} steps of a sample`);
    const inSteps = (interval: number) => Math.max(1, Math.round(interval / dt));
    const shortest = minInterval === undefined ? 1 : inSteps(minInterval);
    const slowest = maxInterval === undefined ? longest : inSteps(maxInterval);
    if (slowest > longest)
      throw fail('maxInterval', `at most ${longest * dt}, so that a sample holds ${maxSpikes} spikes`);
    if (shortest > slowest) throw fail('minInterval', `at most the longest interval, ${slowest * dt}`);
    const spikes = new Float64Array(size);
    const interval = new Float64Array(size);
    return encodeWithin(range, spikes.byteLength + interval.byteLength, (sample, emit) => {
      let last = -1;
      for (let i = 0; i < size; i++) {
        const x = range.toUnit(i, sample[i]!);
        spikes[i] = Math.ceil(maxSpikes * x);
        interval[i] = Math.ceil(slowest - (slowest - shortest) * x);
        last = Math.max(last, (spikes[i]! - 1) * interval[i]!);
      }
      for (let step = 0; step <= last; step++) {
        for (let i = 0; i < size; i++) {
          if (step % interval[i]! === 0 && step / interval[i]! < spikes[i]!) emit(step, i, 1);
        }
      }
    });
  },
});

import { describeValue, type NamedReading, SpikewireError } from '@spikewire/models';
import { timeIn } from '../reading/time.ts';

/**
 * Which reading a command is about, where it says so: by its number as `seq`, or its time as `t` or `time`, in the
 * forms that a reading may have it. Throws `input`.
 */
export function namedReading({ seq, t, time = t }: Readonly<Record<string, unknown>>): NamedReading {
  if (seq !== undefined && !(Number.isSafeInteger(seq) && (seq as number) > 0))
    throw new SpikewireError('input', 'seq', `is ${describeValue(seq)}`, 'the number of a reading, from 1');
  return {
    ...(seq !== undefined && { sequence: seq as number }),
    ...(time !== undefined && { time: timeIn(time, 'time') }),
  };
}

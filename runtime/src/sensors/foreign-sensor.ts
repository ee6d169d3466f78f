import type { SpikewireError } from '@spikewire/models';
import type { ForeignCode } from '../extensions/foreign-code.ts';
import { list, table, text } from '../extensions/kind.ts';
import type { SampleBlock, Sensor, SensorDescription } from './sensor.ts';

/** What `list` of somebody else's driver gave, once it is known to be descriptions. */
export function checkDescriptions(given: unknown, code: ForeignCode): readonly SensorDescription[] {
  if (!Array.isArray(given)) throw code.refuse('what list gave', given, 'an array of descriptions');
  return given.map((each, k) => checkDescription(each, `what list gave at ${k}`, code));
}

/**
 * Checks and guards what `open` of another package's driver returned: a sensor whose reads return numbers for its
 * channels, or reject. If it throws by mistake, it cannot be read now, and is read again later.
 */
export function guardSensor(given: unknown, code: ForeignCode): Sensor {
  if (!table.holds(given)) throw code.refuse('what open gave', given, 'a sensor');
  const sensor = given as Partial<Record<keyof Sensor | 'read' | 'samples' | 'counted', unknown>>;
  const { read, samples, counted, close } = sensor;
  const description = checkDescription(sensor.description, 'description of what open gave', code);
  const common = {
    description,
    close: async () => {
      if (typeof close === 'function') await code.wait('close', () => close.call(sensor));
    },
  };
  const count = description.channels.length;
  if (typeof read === 'function') {
    const ask = async () => checkSample(await code.wait('read', () => read.call(sensor), 'input'), count, code);
    return { ...common, read: ask };
  }
  if (typeof samples !== 'function') throw code.refuse('read of what open gave', read, 'a function, or one in samples');
  return {
    ...common,
    ...(typeof counted === 'function' && {
      counted: () =>
        checkCounts(
          code.call('counted', () => counted.call(sensor)),
          code,
        ),
    }),
    async *samples(signal) {
      try {
        for await (const block of samples.call(sensor, signal)) yield checkBlock(block, count, code);
      } catch (problem) {
        throw code.failure('samples', problem, 'input');
      }
    },
  };
}

function checkDescription(given: unknown, what: string, code: ForeignCode): SensorDescription {
  const refuse = (name: string, value: unknown, expected: string): SpikewireError =>
    code.refuse(`${name} of ${what}`, value, expected);
  if (!table.holds(given)) throw code.refuse(what, given, 'an object with address, name and channels');
  const { address, name, channels, rate, timed, counts } = given as Partial<Record<keyof SensorDescription, unknown>>;
  for (const [key, value] of Object.entries({ address, name })) {
    if (!text.holds(value)) throw refuse(key, value, text.expected);
  }
  const isChannel = (each: unknown) =>
    table.holds(each) && text.holds((each as { name?: unknown }).name) && isText((each as { unit?: unknown }).unit);
  if (!list.holds(channels) || !(channels as unknown[]).every(isChannel) || (channels as unknown[]).length === 0) {
    throw refuse('channels', channels, 'an array of objects with name and unit');
  }
  if (rate !== undefined && !((rate as number) > 0 && (rate as number) < Number.POSITIVE_INFINITY)) {
    throw refuse('rate', rate, 'a number above 0, or nothing');
  }
  if (timed !== undefined && timed !== 'at the source') throw refuse('timed', timed, '"at the source", or nothing');
  if (counts !== undefined && counts !== 'events') throw refuse('counts', counts, '"events", or nothing');
  const checked = {
    address,
    name,
    channels,
    ...(rate === undefined ? {} : { rate }),
    ...(timed === undefined ? {} : { timed }),
    ...(counts === undefined ? {} : { counts }),
  };
  return checked as SensorDescription;
}

const isText = (value: unknown) => typeof value === 'string';

function checkSample(given: unknown, count: number, code: ForeignCode): Float64Array {
  if (given instanceof Float64Array && given.length === count) return given;
  throw code.refuse('what read gave', shown(given), `a Float64Array of length ${count}, one number for each channel`);
}

function checkBlock(given: unknown, count: number, code: ForeignCode): SampleBlock {
  const { origin, times, values, changed } = Object(given) as Partial<Record<keyof SampleBlock, unknown>>;
  if (typeof origin !== 'number') throw code.refuse('origin of a block', origin, 'a number');
  if (!(times instanceof Float64Array)) throw code.refuse('times of a block', shown(times), 'a Float64Array');
  const length = times.length * count;
  if (!(values instanceof Float64Array) || values.length !== length) {
    throw code.refuse('values of a block', shown(values), `a Float64Array of length ${length}`);
  }
  if (changed !== undefined && !(changed instanceof Int32Array && changed.length === times.length)) {
    throw code.refuse('changed of a block', shown(changed), `an Int32Array of length ${times.length}, or nothing`);
  }
  return given as SampleBlock;
}

function checkCounts(given: unknown, code: ForeignCode): Readonly<Record<string, number>> {
  if (table.holds(given) && Object.values(given as object).every((count) => Number.isFinite(count))) {
    return given as Readonly<Record<string, number>>;
  }
  throw code.refuse('what counted gave', given, 'an object of numbers');
}

/** An array of numbers by its length, which an error about it needs. */
function shown(value: unknown): unknown {
  return ArrayBuffer.isView(value) ? `${value.constructor.name} of length ${(value as Float64Array).length}` : value;
}

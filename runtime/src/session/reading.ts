import { type ChannelDeclaration, describeValue, SpikewireError } from '@spikewire/models';

/** One sample of a stream: when it was taken and the channels' numbers, in the model's order. */
export interface Reading {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly values: Float64Array;
}

/** Largest message that is looked at, in bytes. */
const MAXIMUM_MESSAGE_BYTES = 1 << 20;

/**
 * Reads a message of docs/semantics.md §8: a JSON number, an array, an object of named channels, or `{"t": ms,
 * "values": …}`. Where a reading has several numbers of each channel, an array has those of the first channel first,
 * and a named channel is an array. Throws `input` with what was wrong; a number that is not finite is an error, never a
 * reading.
 */
export function parseReading(
  payload: Uint8Array,
  channels: readonly ChannelDeclaration[],
  count: number,
  now: number,
): Reading {
  const message = parseJson(payload);
  if (isObject(message) && 'values' in message) {
    const { t, values, ...rest } = message;
    const surplus = Object.keys(rest)[0];
    if (surplus !== undefined)
      throw new SpikewireError('input', 'message', `has unknown key "${surplus}"`, 't and values');
    return { time: t === undefined ? now : finiteNumber(t, 't'), values: parseValues(values, channels, count) };
  }
  return { time: now, values: parseValues(message, channels, count) };
}

/** A JSON document from bytes, or an `input` error of one line. */
export function parseJson(payload: Uint8Array): unknown {
  if (payload.length > MAXIMUM_MESSAGE_BYTES) {
    throw new SpikewireError('input', 'message', `has ${payload.length} bytes`, `at most ${MAXIMUM_MESSAGE_BYTES}`);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (cause) {
    throw new SpikewireError(
      'input',
      'message',
      `is not JSON: ${excerpt(payload)}`,
      'a number, an array, an object of named channels, or {"t", "values"}',
      cause,
    );
  }
}

function excerpt(payload: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(payload.subarray(0, 40)));
}

function parseValues(source: unknown, channels: readonly ChannelDeclaration[], count: number): Float64Array {
  if (typeof source === 'number') return parseValues([source], channels, count);
  if (Array.isArray(source)) {
    if (source.length !== count)
      throw new SpikewireError('input', 'message', `has ${source.length} values`, `${count}`);
    return Float64Array.from(source, (value, index) => {
      const name = channels.length === count ? channels[index]!.name : `[${index}]`;
      return finiteNumber(value, name);
    });
  }
  if (!isObject(source) || channels.length === 0) {
    throw new SpikewireError(
      'input',
      'message',
      `is ${source === null ? 'null' : typeof source}`,
      count === 1 ? 'a number' : `an array of ${count} numbers`,
    );
  }
  const names = channels.map(({ name }) => name);
  const unknown = Object.keys(source).find((key) => !names.includes(key));
  if (unknown !== undefined)
    throw new SpikewireError('input', 'message', `has unknown channel "${unknown}"`, names.join(', '));
  const each = count / names.length;
  if (!Number.isInteger(each)) {
    const expected = `an array of ${count} numbers, which the channels share unevenly`;
    throw new SpikewireError('input', 'message', 'names channels', expected);
  }
  const values = names.flatMap((name) => {
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    return each > 1 ? blockOf(value, name, each) : finiteNumber(value, name);
  });
  return Float64Array.from(values);
}

/** The consecutive samples of one channel. */
function blockOf(value: unknown, name: string, length: number): number[] {
  if (Array.isArray(value) && value.length === length) {
    return value.map((sample, k) => finiteNumber(sample, `${name}[${k}]`));
  }
  const problem = Array.isArray(value)
    ? `has ${value.length} values`
    : value === undefined
      ? 'is missing'
      : 'is no array';
  throw new SpikewireError('input', `channel ${name}`, problem, `an array of ${length} numbers`);
}

function finiteNumber(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new SpikewireError(
    'input',
    `channel ${name}`,
    value === undefined ? 'is missing' : `is ${describeValue(value)}`,
    'a finite number',
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { SpikewireError } from '@spikewire/models';
import type { ReadingForm } from '../reading/form.ts';
import { isObject, parseJsonOrWord } from '../reading/json.ts';
import { numberIn } from '../reading/number.ts';
import { valueAt } from '../reading/path.ts';
import type { RecordedShape } from './recorded-file.ts';

/** A list of more numbers than these, without names, is taken for a block of samples of one channel. */
const MOST_UNNAMED = 256;

/**
 * What the first message says of all: its channels by name, those that a person has named or all that are numbers, and
 * how many numbers a reading has. Throws `input`.
 */
export function messageShape(payload: Uint8Array, { paths = new Map() }: Pick<ReadingForm, 'paths'>): RecordedShape {
  const message = parseJsonOrWord(payload);
  const named = [...paths].filter(([name]) => name !== 't');
  const isTimed = isObject(message) && 'values' in message && !named.some(([, [first]]) => first === 'values');
  const values = isTimed ? message.values : message;
  if (!isObject(values))
    return listShape(
      values,
      named.map(([name]) => name),
    );
  const [time] = paths.get('t') ?? ['t'];
  const found =
    named.length > 0
      ? named.map(([name, path]) => [name, valueAt(values, path)] as const)
      : Object.entries(values).filter(([name, value]) => name !== time && isNumeric(value));
  if (found.length === 0) throw withoutNumbers(values);
  const lengths = found.map(([, value]) => (Array.isArray(value) ? value.length : 1));
  return expectNumbers({ channels: found.map(([name]) => name), numbers: lengths.reduce((sum, n) => sum + n, 0) });
}

/** Numbers often lie a level deeper, as in {"ENERGY": {"Power": 60}}. */
function withoutNumbers(values: Readonly<Record<string, unknown>>): SpikewireError {
  const names = Object.keys(values);
  if (names.length === 0) return new SpikewireError('input', 'message', 'is empty', 'numbers');
  const inside = Object.entries(values).flatMap(([name, value]) =>
    isObject(value) ? Object.keys(value).map((key) => `${name}.${key}`) : [],
  );
  const problem = `has no number at its top level (it has ${names.slice(0, 8).join(', ')})`;
  return new SpikewireError('input', 'message', problem, `the path to one, such as --channels x=${inside[0] ?? 'a.b'}`);
}

function listShape(values: unknown, named: readonly string[]): RecordedShape {
  const numbers = Array.isArray(values) ? values.length : 1;
  const channels = named.length === 0 && numbers > MOST_UNNAMED ? ['value'] : named;
  if (numbers % (channels.length || 1) === 0) return expectNumbers({ channels, numbers });
  throw new SpikewireError('input', 'message', `has ${numbers} values`, `as many for each of ${channels.join(', ')}`);
}

function expectNumbers(shape: RecordedShape): RecordedShape {
  if (shape.numbers > 0) return shape;
  throw new SpikewireError('input', 'message', 'is empty', 'numbers');
}

function isNumeric(value: unknown): boolean {
  return Array.isArray(value) || numberIn(value) !== undefined;
}

import { SpikewireError } from '../error.ts';
import type { ParameterDeclaration } from '../graph/parameter.ts';

/** What an encoder or decoder says about one of its parameters: a number or a word. */
export interface CodingParameter extends ParameterDeclaration {
  /** Highest allowed value. */
  readonly maximum?: number;
}

export type CodingParameterTable = Readonly<Record<string, CodingParameter>>;

/** Parameters that were checked, with the defaults filled in. */
export interface CodingParameters {
  /** A number, or undefined where an optional one was left out. */
  readonly numbers: Readonly<Record<string, number>>;
  /** A word, or undefined where it was left out. */
  readonly words: Readonly<Record<string, string | undefined>>;
}

/** Parameters whose form is `array` are left to the code that understands them (`range`). */
const isSimple = (declaration: CodingParameter) => declaration.form !== 'array';

/**
 * Reads the JSON parameters of an encoder or decoder by its table. Throws `parameter` errors that name the key: unknown,
 * missing, not a number, out of range, not one of the words.
 *
 * @param where for messages, such as `encoder "delta"`
 * @param given as in the model; the key `type` may stand among them
 */
export function readParameters(
  where: string,
  given: Readonly<Record<string, unknown>>,
  table: CodingParameterTable,
): CodingParameters {
  for (const key of Object.keys(given)) {
    if (key === 'type' || Object.hasOwn(table, key)) continue;
    throw new SpikewireError(
      'parameter',
      where,
      `has no parameter "${key}"`,
      Object.keys(table).join(', ') || 'no parameters',
    );
  }
  const numbers: Record<string, number> = {};
  const words: Record<string, string> = {};
  for (const [key, declaration] of Object.entries(table).filter(([, entry]) => isSimple(entry))) {
    const value = given[key] ?? declaration.default;
    if (value === undefined) {
      if (declaration.optional) continue;
      throw new SpikewireError('parameter', `${where}.${key}`, 'is missing', declaration.doc);
    }
    if (declaration.form === 'text') words[key] = checkWord(`${where}.${key}`, value, declaration);
    else numbers[key] = checkNumber(`${where}.${key}`, value, declaration);
  }
  return { numbers, words };
}

function checkWord(where: string, value: unknown, { words = [] }: CodingParameter): string {
  if (typeof value === 'string' && words.includes(value)) return value;
  throw new SpikewireError(
    'parameter',
    where,
    `is ${JSON.stringify(value)}`,
    words.map((word) => `"${word}"`).join(' or '),
  );
}

function checkNumber(where: string, value: unknown, declaration: CodingParameter): number {
  const { form, above, minimum, maximum } = declaration;
  const fail = (expected: string) =>
    new SpikewireError('parameter', where, `is ${typeof value === 'number' ? value : JSON.stringify(value)}`, expected);
  if (typeof value !== 'number' || !Number.isFinite(value)) throw fail('a finite number');
  if (form === 'integers' && !Number.isSafeInteger(value)) throw fail('a whole number');
  if (above !== undefined && value <= above) throw fail(`a number above ${above}`);
  if (minimum !== undefined && value < minimum) throw fail(`at least ${minimum}`);
  if (maximum !== undefined && value > maximum) throw fail(`at most ${maximum}`);
  return value;
}

import { SpikewireError } from '@spikewire/models';

interface Declaration {
  /** One line for the help. */
  readonly doc: string;
}

/** A number, in these bounds. */
export interface NumberDeclaration extends Declaration {
  readonly form: 'number' | 'whole';
  readonly default?: number;
  readonly above?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A word: one of `words`, or of the kinds in an index, which may bring parameters of their own; without either any text. */
export interface WordDeclaration extends Declaration {
  readonly form: 'word';
  readonly default?: string;
  readonly words?: readonly string[];
}

/**
 * What a method, or a kind of one of its parts, lets people choose, by name. The record's type, the defaults, the messages, the options
 * of the command line and their help come from it. Without a default a parameter may be left out.
 */
export type ParameterTable = Readonly<Record<string, NumberDeclaration | WordDeclaration>>;

type ValueOf<Declared> = Declared extends { form: 'word' } ? string : number;

/** The record of a table. */
export type Parameters<Table extends ParameterTable> = {
  readonly [Key in keyof Table]: Table[Key] extends { default: number | string }
    ? ValueOf<Table[Key]>
    : ValueOf<Table[Key]> | undefined;
};

/** A record as it stands in configurations: what was chosen, and the defaults. */
export type ParameterRecord = Readonly<Record<string, number | string | undefined>>;

/**
 * Reads a record by its table, with the defaults filled in. Numbers may come as text. Throws `usage`, naming the parameter, for what is
 * unknown, no number, out of bounds, or none of the words.
 *
 * @param where for messages, by parameter, such as `surrogate arctan, alpha`
 */
export function readParameters<Table extends ParameterTable>(
  where: (key: string) => string,
  given: Readonly<Record<string, unknown>>,
  table: Table,
): Parameters<Table> {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(table, key)) continue;
    throw new SpikewireError('usage', where(key), 'does not exist', Object.keys(table).join(', ') || 'no parameters');
  }
  const values = Object.entries(table).map(([key, declaration]) => {
    const value = given[key] ?? declaration.default;
    return [key, value === undefined ? undefined : checked(where(key), value, declaration)];
  });
  return Object.fromEntries(values);
}

function checked(where: string, value: unknown, declaration: NumberDeclaration | WordDeclaration): number | string {
  const refuse = (expected: string) => new SpikewireError('usage', where, `is ${JSON.stringify(value)}`, expected);
  if (declaration.form === 'word') {
    if (typeof value !== 'string') throw refuse('a word');
    if (declaration.words?.includes(value) === false) throw refuse(declaration.words.join(' or '));
    return value;
  }
  const { form, above, minimum, maximum } = declaration;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw refuse('a number');
  if (form === 'whole' && !Number.isSafeInteger(number)) throw refuse('a whole number');
  if (above !== undefined && number <= above) throw refuse(`a number above ${above}`);
  if (minimum !== undefined && number < minimum) throw refuse(`at least ${minimum}`);
  if (maximum !== undefined && number > maximum) throw refuse(`at most ${maximum}`);
  return number;
}

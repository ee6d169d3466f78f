import { type ErrorCode, SpikewireError } from '../error.ts';
import type { ParameterDeclaration, ParameterTable, PlainParameters, WordDeclaration } from './declaration.ts';

/**
 * Reads parameters that are numbers and words by their table: checks names, presence, form and range, and fills in
 * defaults. Arrays and `json` come as they were given, for the code that understands them.
 *
 * @param where what errors start with, such as `encoder "delta"`
 * @param given as in the model, without the key that names the kind
 * @throws SpikewireError `code`, naming the key
 */
export function readParameters<Table extends ParameterTable>(
  where: string,
  given: Readonly<Record<string, unknown>>,
  table: Table,
  code: ErrorCode = 'parameter',
): PlainParameters<Table> {
  checkNames(where, given, table, code);
  const entries = Object.entries(table).map(([key, declaration]) => {
    const value = given[key] ?? presetOf(declaration);
    const path = `${where}.${key}`;
    if (value !== undefined) return [key, readValue(path, value, declaration, code)] as const;
    if (declaration.optional) return [key, undefined] as const;
    throw new SpikewireError(code, path, 'is missing', declaration.doc);
  });
  return Object.fromEntries(entries) as PlainParameters<Table>;
}

/** Refuses names that the table does not have. */
export function checkNames(
  where: string,
  given: Readonly<Record<string, unknown>>,
  table: ParameterTable,
  code: ErrorCode = 'parameter',
): void {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(table, key));
  if (unknown === undefined) return;
  const expected = Object.keys(table).join(', ') || 'no parameters';
  throw new SpikewireError(code, where, `has no parameter "${unknown}"`, expected);
}

/** What is taken where a parameter is left out. */
export function presetOf(declaration: ParameterDeclaration): number | string | undefined {
  return 'default' in declaration ? declaration.default : undefined;
}

function readValue(where: string, value: unknown, declaration: ParameterDeclaration, code: ErrorCode): unknown {
  switch (declaration.form) {
    case 'word':
      return readWord(where, value, declaration, code);
    case 'text':
      if (typeof value === 'string') return value;
      throw new SpikewireError(code, where, `is ${shown(value)}`, 'text');
    case 'number':
    case 'integer': {
      const expected = typeof value === 'number' ? expectedNumber(value, declaration) : 'a number';
      if (expected === undefined) return value;
      throw new SpikewireError(code, where, `is ${typeof value === 'number' ? value : shown(value)}`, expected);
    }
    default:
      return value;
  }
}

function readWord(where: string, value: unknown, { words }: WordDeclaration, code: ErrorCode): string {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new SpikewireError(code, where, `is ${shown(value)}`, words.map((word) => `"${word}"`).join(' or '));
}

/** What a number that is not allowed should have been; undefined for one that is. */
export function expectedNumber(number: number, declaration: ParameterDeclaration): string | undefined {
  if (!Number.isFinite(number)) return 'a finite number';
  if (declaration.form === 'word' || declaration.form === 'text' || declaration.form === 'json') return undefined;
  const { form, above, below, minimum, maximum } = declaration;
  if ((form === 'integer' || form === 'integers') && !Number.isSafeInteger(number)) return 'a whole number';
  if (above !== undefined && number <= above) return `a number above ${above}`;
  if (below !== undefined && number >= below) return `a number below ${below}`;
  if (minimum !== undefined && number < minimum) return `at least ${minimum}`;
  if (maximum !== undefined && number > maximum) return `at most ${maximum}`;
  return undefined;
}

/** Longest part of a value that a message shows. */
const SHOWN = 64;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** Where something is prepared; `where` is what its errors start with. */
interface Site {
  readonly where?: string;
}

/** A kind as its file has it: `prepare` gets the parameters of its table, read. */
export type WrittenKind<
  Kind extends { prepare(given: never, site: never): unknown },
  Table extends ParameterTable,
> = Omit<Kind, 'parameters' | 'prepare'> & {
  readonly parameters: Table;
  prepare(
    parameters: PlainParameters<Table>,
    site: Parameters<Kind['prepare']>[1] & { readonly where: string },
  ): ReturnType<Kind['prepare']>;
};

/**
 * Puts the reading of parameters in front of a kind's `prepare`. Errors start with the site's `where`, else with
 * `name`.
 */
export function readingFirst<Table extends ParameterTable, At extends Site, Result>(
  name: string,
  table: Table,
  prepare: (parameters: PlainParameters<Table>, site: At & { readonly where: string }) => Result,
  code: ErrorCode = 'parameter',
): (given: Readonly<Record<string, unknown>>, site: At) => Result {
  return (given, site) => {
    const where = site.where ?? name;
    return prepare(readParameters(where, given, table, code), { ...site, where });
  };
}

import { type ParameterTable, type PlainParameters, readParameters, SpikewireError } from '@spikewire/models';

/** Something that has a name in an index. */
export interface Named {
  readonly name: string;
  /** One line for the help, with the source. */
  readonly summary: string;
}

/** A record by a method's table, as it stands in configurations: what was chosen, and the defaults. */
export type ParameterRecord = Readonly<Record<string, unknown>>;

/** A kind of part of a training: a loss, a surrogate, a schedule. One file, one line in the index of its folder. */
export interface Kind<Part> extends Named {
  readonly parameters: ParameterTable;
  /** The part for parameters by the kind's table. */
  prepare(parameters: never): Part;
}

/** A kind, its parameters typed by its table. */
export function kind<const Table extends ParameterTable, Part>(
  declared: Named & { readonly parameters: Table; prepare(parameters: PlainParameters<Table>): Part },
): Kind<Part> {
  return declared;
}

/**
 * The entry of an index that has a name, or a `usage` error that lists those there are. `what` is what they are called.
 */
export function named<Entry extends { readonly name: string }>(
  what: string,
  index: readonly Entry[],
  name: string,
): Entry {
  const entry = index.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  throw new SpikewireError('usage', `${what} "${name}"`, 'does not exist', index.map((known) => known.name).join(', '));
}

/**
 * A name with parameters as people write it: `arctan`, or `arctan:alpha=3`, several of them with commas. Numbers are
 * read as such.
 */
export function readSpecification(text: string): {
  readonly name: string;
  readonly given: Readonly<Record<string, string | number>>;
} {
  const [name, rest] = text.split(/:(.*)/s) as [string, string?];
  const pairs = rest === undefined ? [] : rest.split(',').map((pair) => pair.split(/=(.*)/s));
  const bad = pairs.find(([key, value]) => !key || !value);
  if (bad !== undefined) throw new SpikewireError('usage', `"${text}"`, `has "${bad.join('=')}"`, 'name:key=value,…');
  const entries = pairs.map(([key, value]) => [key!, Number.isFinite(Number(value)) ? Number(value) : value!] as const);
  return { name, given: Object.fromEntries(entries) };
}

/**
 * The part that `text` names, `name` or `name:key=value,…`. Throws `usage` for names and parameters that do not exist.
 */
export function prepared<Part>(what: string, index: readonly Kind<Part>[], text: string): Part {
  const { name, given } = readSpecification(text);
  const found = named(what, index, name);
  return found.prepare(readParameters(`${what} ${name}`, given, found.parameters, 'usage') as never);
}

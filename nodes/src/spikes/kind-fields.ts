import type { ParameterDeclaration, ParameterTable } from '@spikewire/models';
import { SpikewireError } from 'spikewire';
import type { Field, FieldTable } from '../field.ts';

/** What a form needs to know of a kind of encoder or decoder. */
interface Kind {
  readonly type: string;
  readonly parameters: ParameterTable;
  readonly examples: readonly { readonly parameters: Readonly<Record<string, unknown>> }[];
}

/** Far beyond any parameter that has no bound of its own. */
const BOUND = 1e9;

/**
 * Fields for the parameters of kinds that are one number or word, each shown where the field `choice` names its kind.
 * What a kind cannot do without stands as in the kind's example. Ranges have fields of their own.
 */
export function kindFields(kinds: readonly Kind[], choice: string, ranges: readonly string[]): FieldTable {
  const entries = kinds.flatMap(({ type, parameters, examples }) =>
    Object.entries(parameters).flatMap(([name, declaration]) => {
      if (ranges.includes(name)) return [];
      const field = fieldOf(declaration, examples[0]?.parameters[name], { [choice]: type });
      return field === undefined ? [] : [[fieldName(type, name), field] as const];
    }),
  );
  return Object.fromEntries(entries);
}

/** The parameters of a kind in what such fields hold; those that were left empty are left out. */
export function kindParameters(
  { type, parameters }: Kind,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given = Object.keys(parameters).map((name) => [name, values[fieldName(type, name)]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** `rank-order` and `cutoff` are `rankOrderCutoff`. */
function fieldName(type: string, name: string): string {
  return `${type}-${name}`.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function fieldOf(
  declaration: ParameterDeclaration,
  example: unknown,
  when: Readonly<Record<string, string>>,
): Field | undefined {
  const icon = 'sliders';
  if (declaration.form === 'word')
    return {
      form: 'word',
      icon,
      when,
      words: declaration.words,
      default: declaration.default ?? declaration.words[0]!,
    };
  if (declaration.form !== 'number' && declaration.form !== 'integer') return undefined;
  const usual = declaration.default ?? (declaration.optional ? undefined : (example as number | undefined));
  const minimum = declaration.minimum ?? declaration.above ?? -BOUND;
  const maximum = declaration.maximum ?? declaration.below ?? BOUND;
  return { form: declaration.form, icon, when, minimum, maximum, ...(usual === undefined ? {} : { default: usual }) };
}

/** `0, 100`: the ends of a range; empty: undefined. Throws `usage`. */
export function readEnds(where: string, text: string): readonly [number, number] | undefined {
  if (text === '') return undefined;
  const ends = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (ends.length === 2 && ends[0]! < ends[1]!) return [ends[0]!, ends[1]!];
  throw new SpikewireError('usage', where, `is "${text}"`, 'its two ends, such as 0, 100');
}

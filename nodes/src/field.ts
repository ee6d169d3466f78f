import { SpikewireError } from 'spikewire';
import type { NodeConfiguration } from './node-red.ts';

/** What a form shows of a field besides its input; `field.<name>` in the locales is its label. */
interface Shown {
  /** In front of the label, a name of Font Awesome 4. */
  readonly icon: string;
  /** `hint.<this>` in the locales: inside an empty input, or beside a box. */
  readonly hint?: string;
  /**
   * Another field and what it must be, or one of what: empty for no node. Else this one is hidden, and its default
   * holds.
   */
  readonly when?: Readonly<Record<string, string | readonly string[]>>;
}

/** From `minimum` to `maximum`; without a default it may be left empty. */
interface NumberField extends Shown {
  readonly form: 'number' | 'integer';
  readonly minimum: number;
  readonly maximum: number;
  readonly default?: number;
  /** `unit.<this>` in the locales. */
  readonly unit?: string;
}

/** One of a few words; `<field>.<word>` in the locales says what it means. */
interface WordField extends Shown {
  readonly form: 'word';
  readonly words: readonly string[];
  readonly default: string;
}

/** A box; `hint` stands beside it. */
interface FlagField extends Shown {
  readonly form: 'flag';
  readonly default: boolean;
}

interface TextField extends Shown {
  readonly form: 'text';
  readonly default?: string;
}

/**
 * Text of one of several types, the first of which is usual. It is stored as two properties, `<name>` and `<name>Type`.
 */
interface TypedField extends Shown {
  readonly form: 'typed';
  readonly types: readonly string[];
  /** Icons of types that are not Node-RED's own; `<field>.<type>` in the locales names them. */
  readonly icons?: Readonly<Record<string, string>>;
  readonly default: string;
  readonly required?: boolean;
}

/** The id of a configuration node of this type; empty only where it is optional. */
interface NodeField extends Shown {
  readonly form: 'node';
  readonly type: string;
  readonly optional?: true;
}

export type Field = NumberField | WordField | FlagField | TextField | TypedField | NodeField;

/** The fields of a node by the names under which flows store them; each node has a `name` besides. */
export type FieldTable = Readonly<Record<string, Field>>;

type FieldValue<Of extends Field> = Of extends { form: 'word'; words: readonly (infer Word)[] }
  ? Word
  : Of extends { form: 'number' | 'integer' }
    ? number | (Of extends { default: number } ? never : undefined)
    : Of extends { form: 'flag' }
      ? boolean
      : Of extends { form: 'typed'; types: readonly (infer Type)[] }
        ? { readonly type: Type; readonly text: string }
        : string;

/** What a table's fields hold: texts without spaces around them, undefined for numbers that were left empty. */
export type FieldValues<Table extends FieldTable> = { readonly [Name in keyof Table]: FieldValue<Table[Name]> };

/** Reads what the editor stored. Throws `usage` with the name of the field. */
export function readFields<Table extends FieldTable>(stored: NodeConfiguration, table: Table): FieldValues<Table> {
  const entries = Object.entries(table).map(([name, field]) => {
    const given = isShown(field, stored, table) ? stored : {};
    return [name, readField(name, field, given)] as const;
  });
  return Object.fromEntries(entries) as FieldValues<Table>;
}

function isShown({ when = {} }: Field, stored: NodeConfiguration, table: FieldTable): boolean {
  return Object.entries(when).every(([name, expected]) => {
    const value = readField(name, table[name]!, stored);
    return [expected].flat().includes(typeof value === 'object' ? value.type : String(value));
  });
}

function readField(name: string, field: Field, stored: NodeConfiguration) {
  const value = stored[name];
  switch (field.form) {
    case 'flag':
      return typeof value === 'boolean' ? value : field.default;
    case 'word':
      return readWord(name, value, field.words, field.default);
    case 'number':
    case 'integer':
      return readNumber(name, value, field);
    case 'typed': {
      const type = `${name}Type`;
      return { type: readWord(type, stored[type], field.types, field.types[0]!), text: textOf(value ?? field.default) };
    }
    case 'text':
      return textOf(value ?? field.default);
    case 'node':
      return textOf(value);
  }
}

function readNumber(name: string, value: unknown, field: NumberField): number | undefined {
  if (textOf(value) === '') return field.default;
  const { minimum, maximum } = field;
  const isWhole = field.form === 'integer';
  const number = Number(value);
  if (number >= minimum && number <= maximum && (!isWhole || Number.isInteger(number))) return number;
  const expected = `a ${isWhole ? 'whole ' : ''}number from ${minimum} to ${maximum}`;
  throw new SpikewireError('usage', name, `is "${String(value)}"`, expected);
}

function readWord(name: string, value: unknown, words: readonly string[], usual: string): string {
  if (textOf(value) === '') return usual;
  if (words.includes(value as string)) return value as string;
  throw new SpikewireError('usage', name, `is "${String(value)}"`, words.join(', '));
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}

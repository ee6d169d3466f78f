import { describeValue, SpikewireError } from '@spikewire/models';
import { type ExtensionKind, type Requirement, table } from './kind.ts';

/** One of what a module exports. */
export interface CheckedEntry<Entry> {
  /** As the module has it. */
  readonly entry: Entry;
  /** Its properties as they were checked, each read once: another answer later changes nothing. */
  readonly checked: Entry;
}

/** What a module exports of a kind. Throws `unsupported` with `where` in front, where that is something else. */
export function entriesOf<Entry extends object>(
  { exported, title, shape }: ExtensionKind<Entry>,
  where: string,
  module: object,
): readonly CheckedEntry<Entry>[] {
  const refuse = (name: string, value: unknown, expected: string) =>
    new SpikewireError('unsupported', where, `${name} is ${describeValue(value)}`, expected);
  const entries = (module as Readonly<Record<string, unknown>>)[exported];
  if (!Array.isArray(entries)) throw refuse(exported, entries, `an array, each element a ${title}`);
  return entries.map((entry, k) => {
    if (!table.holds(entry)) throw refuse(`${exported}[${k}]`, entry, `a ${title}`);
    const checked: Record<string, unknown> = {};
    for (const [property, { holds, expected }] of Object.entries<Requirement>(shape)) {
      const value: unknown = entry[property];
      if (!holds(value)) throw refuse(`${exported}[${k}].${property}`, value, expected);
      if (value !== undefined) checked[property] = value;
    }
    return { entry: entry as Entry, checked: checked as Entry };
  });
}

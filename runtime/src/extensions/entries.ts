import { describeValue, SpikewireError } from '@spikewire/models';
import { type ExtensionKind, type Requirement, table } from './kind.ts';

/** What a module exports of a kind. Throws `unsupported` with `where` in front, where that is something else. */
export function entriesOf<Entry extends object>(
  { exported, title, shape }: ExtensionKind<Entry>,
  where: string,
  module: object,
): readonly Entry[] {
  const refuse = (name: string, value: unknown, expected: string) =>
    new SpikewireError('unsupported', where, `${name} is ${describeValue(value)}`, expected);
  const entries = (module as Readonly<Record<string, unknown>>)[exported];
  if (!Array.isArray(entries)) throw refuse(exported, entries, `an array, each element a ${title}`);
  for (const [k, entry] of entries.entries()) {
    if (!table.holds(entry)) throw refuse(`${exported}[${k}]`, entry, `a ${title}`);
    for (const [property, { holds, expected }] of Object.entries<Requirement>(shape as Record<string, Requirement>)) {
      const value = (entry as Readonly<Record<string, unknown>>)[property];
      if (!holds(value)) throw refuse(`${exported}[${k}].${property}`, value, expected);
    }
  }
  return entries;
}

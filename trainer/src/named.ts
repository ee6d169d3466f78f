import { SpikewireError } from '@spikewire/models';

/** The entry of an index that has a name, or a `usage` error that lists those there are. `kind` is what they are called. */
export function named<Entry extends { readonly name: string }>(
  kind: string,
  index: readonly Entry[],
  name: string,
): Entry {
  const entry = index.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  throw new SpikewireError('usage', `${kind} "${name}"`, 'does not exist', index.map((known) => known.name).join(', '));
}

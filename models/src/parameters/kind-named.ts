import { SpikewireError } from '../error.ts';

/**
 * The kind of a type name in a list of its family, or a `graph` error that says where and lists the types there are.
 */
export function kindNamed<K extends { readonly type: string }>(
  family: string,
  kinds: readonly K[],
  type: string,
  where: string,
): K {
  const kind = kinds.find((candidate) => candidate.type === type);
  if (kind !== undefined) return kind;
  const types = kinds.map((candidate) => candidate.type).join(', ');
  throw new SpikewireError('graph', where, `has unknown ${family} "${type}"`, types);
}

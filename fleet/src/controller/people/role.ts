import { SpikewireError } from '@spikewire/models';
import type { Role } from '../wire/wire.ts';

/** Each may do what those before it may. */
export const PERSON_ROLES = ['look', 'operate', 'release', 'administer'] as const satisfies readonly Role[];

/** Of one controller. */
export const MOST_PEOPLE = 1000;

/** Whether a person with this role may do what needs the other one. */
export function mayDo(role: Role, needed: Role): boolean {
  return PERSON_ROLES.indexOf(role) >= PERSON_ROLES.indexOf(needed);
}

/** A role that somebody named. Throws `usage`. */
export function personRole(word: string, where: string): Role {
  const role = PERSON_ROLES.find((each) => each === word);
  if (role !== undefined) return role;
  throw new SpikewireError('usage', where, `"${word}" is not a role`, PERSON_ROLES.join(', '));
}

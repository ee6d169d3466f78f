import { SpikewireError } from '@spikewire/models';
import { ROLES, type Role } from 'spikewire/agent';
import type { CommandArguments, CommandConsole, PositionalDeclaration } from 'spikewire/cli';

/** One thing that `spikewire fleet` does. */
export interface Action {
  readonly name: string;
  readonly doc: string;
  /** What it is done to, where it is done to something. */
  readonly subject?: PositionalDeclaration;
  /** The words behind the subject: the positionals of the arguments from the third on. */
  readonly more?: readonly PositionalDeclaration[];
  /** Names of the options of the command that this action accepts. */
  readonly options: readonly string[];
  /** What options say on the help page of this action, where other actions take them in another way. */
  readonly docs?: Readonly<Record<string, string>>;
  run(subject: string, args: CommandArguments, console: CommandConsole): Promise<void>;
}

/** A role that a user named. Throws `usage`. */
export function roleNamed(word: string, where: string): Role {
  const role = ROLES.find((each) => each === word);
  if (role !== undefined) return role;
  throw new SpikewireError('usage', where, `"${word}" is not a role`, ROLES.join(', '));
}

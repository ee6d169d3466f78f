import { SpikewireError } from '@spikewire/models';
import { type AccessRules, SWITCHED_COMMANDS, type SwitchedCommand } from '../desk/access.ts';
import { readSecretFile, SharedSecret } from '../desk/shared-secret.ts';
import type { CommandArguments, OptionDeclaration } from './command.ts';

/**
 * The environment variable with the secret, where no file has it. A command line would show it to every user of the
 * machine.
 */
export const SECRET_VARIABLE = 'SPIKEWIRE_SECRET';
const NONE = 'none';

/** Options that say who may have a net and who may command it. */
export const ruleOptions = {
  only: {
    type: 'string',
    value: '<name,name>',
    doc: 'with "+" in --in: accept only topics with one of these names in place of "+"',
  },
  commands: {
    type: 'string',
    value: `<name,name>|${NONE}`,
    doc:
      'commands to accept, from MQTT and from the page (--dashboard); docs/messages.md in the source code explains ' +
      'each',
    default: SWITCHED_COMMANDS.join(', '),
  },
  'no-lessons': {
    type: 'boolean',
    doc: 'refuse lessons (labels or values that people send as the right answer), from MQTT and from the page',
  },
  'secret-file': {
    type: 'string',
    value: '<file>',
    doc:
      'file with a secret that every command and lesson by MQTT must carry ' +
      `(or the secret itself in $${SECRET_VARIABLE})`,
  },
} as const satisfies Record<string, OptionDeclaration>;

/** Throws `usage`. */
export async function readRules(
  args: CommandArguments,
  environment: NodeJS.ProcessEnv,
): Promise<AccessRules & { readonly only?: ReadonlySet<string> }> {
  const only = args.text('only');
  const secret = await readSecret(args.text('secret-file'), environment);
  return {
    commands: readCommands(args.text('commands')!),
    lessons: !args.flag('no-lessons'),
    ...(only === undefined ? {} : { only: readKeys(only, args.text('in') ?? '') }),
    ...(secret === undefined ? {} : { secret }),
  };
}

function readCommands(list: string): ReadonlySet<SwitchedCommand> {
  if (list === NONE) return new Set();
  const names = list.split(',').map((name) => name.trim());
  if (names.includes(NONE))
    throw new SpikewireError('usage', '--commands', `has "${NONE}" beside other commands`, `${NONE} alone`);
  const unknown = names.find((name) => !SWITCHED_COMMANDS.includes(name as SwitchedCommand));
  if (unknown === undefined) return new Set(names as SwitchedCommand[]);
  throw new SpikewireError(
    'usage',
    '--commands',
    `has "${unknown}"`,
    `${NONE}, or some of ${SWITCHED_COMMANDS.join(',')}`,
  );
}

function readKeys(list: string, input: string): ReadonlySet<string> {
  const levels = input.split('/').filter((level) => level === '+').length;
  if (levels === 0) throw new SpikewireError('usage', '--only', 'has no effect without "+" in --in', 'a "+" in --in');
  const keys = list.split(',').map((key) => key.trim());
  const wrong = keys.find((key) => key === '' || key.split('/').length !== levels);
  if (wrong === undefined) return new Set(keys);
  const expected =
    levels === 1 ? 'the name that is in place of the "+" of --in' : `${levels} levels, as --in has "+": a/b`;
  throw new SpikewireError('usage', '--only', `has "${wrong}"`, expected);
}

/** The secret of a file, or else of the environment. Throws `usage`. */
export async function readSecret(
  path: string | undefined,
  { [SECRET_VARIABLE]: variable }: NodeJS.ProcessEnv,
): Promise<SharedSecret | undefined> {
  if (path !== undefined) return readSecretFile(path);
  return variable === undefined ? undefined : new SharedSecret(variable, SECRET_VARIABLE);
}

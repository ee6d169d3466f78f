import { resolve } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { parseBrokerAddress } from '../mqtt/link/broker-address.ts';
import type { UnitWord } from '../service/unit.ts';
import { BROKER_VARIABLES, PASSWORD_VARIABLE } from './broker-option.ts';
import type { Command, CommandArguments } from './command.ts';
import { SECRET_VARIABLE } from './stream-rules.ts';

/** Files that nobody else may see, or that lie where a service sees nothing: systemd hands them over. */
const SECRET_FILES = [
  'secret-file',
  'mqtt-password-file',
  'mqtt-ca',
  'mqtt-cert',
  'mqtt-key',
  'join-file',
  'controller-ca',
  'controller-cert',
  'controller-key',
  'dashboard-token-file',
  'dashboard-viewer-token-file',
];
/** Variables that the command would read here and a service does not have, with the option that says the same. */
const VARIABLES = [
  ...Object.entries(BROKER_VARIABLES),
  ['mqtt-password-file', PASSWORD_VARIABLE],
  ['secret-file', SECRET_VARIABLE],
] as const;
const WHERE = 'spikewire service install';
/** Every user may read a unit and the list of processes. */
const SHOWN = 'which the unit would show to every user of this device';

/**
 * The options of a command as they were given, where a service can have them. Throws `usage` for one that it cannot
 * have, such as `state`, for a secret among the words, and for one in the environment.
 *
 * @param state the option for the folder that systemd makes
 */
export function serviceWords(
  run: Command,
  asked: CommandArguments,
  state: string,
  environment: NodeJS.ProcessEnv,
): UnitWord[] {
  if (asked.text(state) !== run.options[state]!.default) {
    const expected = `no --${state}: systemd makes the folder`;
    throw new SpikewireError('usage', `${WHERE} --${state}`, 'cannot be chosen for a service', expected);
  }
  refuseEnvironment(run, asked, environment);
  return Object.entries(run.options).flatMap(([option, { type, multiple, default: preset }]): UnitWord[] => {
    const word = `--${option}`;
    if (type === 'boolean') return asked.flag(option) ? [word] : [];
    const values = multiple === true ? asked.texts(option) : [asked.text(option)];
    const given = values.filter((value): value is string => value !== undefined && value !== preset);
    return given.flatMap((value) => {
      refuseSecret(option, value);
      return SECRET_FILES.includes(option) ? [word, { secret: option, file: resolve(value) }] : [`${word}=${value}`];
    });
  });
}

/** What runs here with a secret of the environment would run as a service without it. */
function refuseEnvironment(run: Command, asked: CommandArguments, environment: NodeJS.ProcessEnv): void {
  for (const [option, variable] of VARIABLES) {
    if (!environment[variable] || asked.text(option) !== undefined) continue;
    const expected = `--${option} ${run.options[option]!.value}`;
    throw new SpikewireError('usage', WHERE, `${variable} is set, which a service does not have`, expected);
  }
}

/** No error repeats the value. */
function refuseSecret(option: string, value: string): void {
  const where = `${WHERE} --${option}`;
  if (option === 'dashboard-token' || option === 'join')
    throw new SpikewireError('usage', where, `is a secret, ${SHOWN}`, `--${option}-file <file>`);
  if (option === 'mqtt' && SECRET_QUERY.test(value))
    throw new SpikewireError('usage', where, `has a secret after its "?", ${SHOWN}`, 'an address without one');
  const hasPassword = option === 'mqtt' ? parseBrokerAddress(value).password !== undefined : URL_PASSWORD.test(value);
  if (!hasPassword) return;
  const expected = option === 'mqtt' ? '--mqtt-user <name> --mqtt-password-file <file>' : 'an address without one';
  throw new SpikewireError('usage', where, `has a password, ${SHOWN}`, expected);
}

/** A broker behind WebSockets may take its token from the query. */
const SECRET_QUERY = /[?&][^=&]*(token|secret|passw|key|auth|credential|signature)[^=&]*=./i;
const URL_PASSWORD = /^\w+:\/\/[^/\s@]*:[^/\s]*@/;

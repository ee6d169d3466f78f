import { SpikewireError } from '@spikewire/models';
import type { Certificates } from '../agent/fleet/http-request.ts';
import { DEFAULT_BROKER, parseBrokerAddress } from '../mqtt/link/broker-address.ts';
import type { TlsOptions } from '../mqtt/link/connection.ts';
import { readOwnersFile, readOwnersLine } from '../owners-file.ts';
import { readWholeFile } from '../regular-file.ts';
import type { CommandArguments, CommandConsole, OptionDeclaration } from './command.ts';

/** Where each option may stand instead, so that a service needs no words for it. */
export const BROKER_VARIABLES = {
  'mqtt-user': 'SPIKEWIRE_MQTT_USER',
  'mqtt-password-file': 'SPIKEWIRE_MQTT_PASSWORD_FILE',
  'mqtt-ca': 'SPIKEWIRE_MQTT_CA',
  'mqtt-cert': 'SPIKEWIRE_MQTT_CERT',
  'mqtt-key': 'SPIKEWIRE_MQTT_KEY',
} as const;
/** The password itself; a command line would show it to every user of the machine. */
export const PASSWORD_VARIABLE = 'SPIKEWIRE_MQTT_PASSWORD';

/** Options that say as whom to talk to a broker, and whom to believe. */
export const brokerOptions = {
  'mqtt-user': { type: 'string', value: '<name>', doc: `MQTT user name (or $${BROKER_VARIABLES['mqtt-user']})` },
  'mqtt-password-file': {
    type: 'string',
    value: '<file>',
    doc:
      'file with the password in one line, readable only by its owner ' +
      `(or the password itself in $${PASSWORD_VARIABLE})`,
  },
  'mqtt-ca': {
    type: 'string',
    value: '<file>',
    doc: 'CA certificates that verify the certificate of the broker (PEM)',
  },
  'mqtt-cert': { type: 'string', value: '<file>', doc: 'client certificate (PEM)' },
  'mqtt-key': {
    type: 'string',
    value: '<file>',
    doc: 'key of the client certificate (PEM), readable only by its owner',
  },
} as const satisfies Record<string, OptionDeclaration>;

/** A broker and what it wants to see. */
export interface BrokerAccess {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsOptions;
}

/**
 * What the options and the environment say of the broker. A password in the URL is taken, warned of, and hidden from
 * the list of processes. Throws `usage`.
 */
export async function readBroker(
  args: Pick<CommandArguments, 'text'>,
  environment: NodeJS.ProcessEnv,
  console?: Pick<CommandConsole, 'warn'>,
): Promise<BrokerAccess> {
  const url = args.text('mqtt') ?? DEFAULT_BROKER;
  const address = parseBrokerAddress(url);
  if (address.password !== undefined) {
    process.title = withoutPasswords([process.argv0, ...process.argv.slice(1)].join(' '));
    const expected = `--mqtt-password-file or ${PASSWORD_VARIABLE}`;
    console?.warn(`spikewire: --mqtt has a password, which other users may have seen; expected ${expected}`);
  }
  // Files of services often set a variable to nothing.
  const given = (option: keyof typeof BROKER_VARIABLES) =>
    args.text(option) ?? (environment[BROKER_VARIABLES[option]] || undefined);
  const [username, passwordFile] = [given('mqtt-user'), given('mqtt-password-file')];
  const password =
    passwordFile === undefined
      ? environment[PASSWORD_VARIABLE] || undefined
      : await readOwnersLine(passwordFile, 'password file');
  if (password !== undefined && (username ?? address.username) === undefined) {
    throw new SpikewireError('usage', '--mqtt-user', 'is missing', 'the user of the password');
  }
  const tls = await readTls('mqtt', { ca: given('mqtt-ca'), cert: given('mqtt-cert'), key: given('mqtt-key') });
  const isTls = address.scheme === 'mqtts' || address.scheme === 'wss';
  if (tls !== undefined && !isTls) {
    throw new SpikewireError('usage', `--mqtt ${address.shown}`, 'has certificates, but no TLS', 'mqtts:// or wss://');
  }
  return {
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/**
 * The certificates in these files; undefined where there are none. Throws `usage`.
 * @param of the beginning of the names of the options
 */
export async function readTls(
  of: 'mqtt' | 'controller',
  { ca, cert, key }: { readonly [Name in 'ca' | 'cert' | 'key']: string | undefined },
): Promise<Certificates | undefined> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new SpikewireError('usage', `--${of}-cert`, `and --${of}-key belong together`, 'both or none');
  }
  if (ca === undefined && cert === undefined) return undefined;
  return {
    ...(ca === undefined ? {} : { ca: await readPem(ca) }),
    ...(cert === undefined ? {} : { cert: await readPem(cert) }),
    ...(key === undefined ? {} : { key: await readOwnersFile(key, 'key file') }),
  };
}

/** Bytes: all authorities that a system trusts are less. */
const LARGEST_PEM = 1 << 20;

async function readPem(path: string): Promise<string> {
  try {
    return (await readWholeFile(path, LARGEST_PEM, 'a PEM file')).toString('utf8');
  } catch (cause) {
    throw new SpikewireError('usage', 'certificate', (cause as Error).message, undefined, cause);
  }
}

/** A command line without what stands between scheme and host of a broker. */
export function withoutPasswords(line: string): string {
  return line.replace(/\b((?:mqtts?|wss?):\/\/)[^/\s]*@/gi, '$1***@');
}

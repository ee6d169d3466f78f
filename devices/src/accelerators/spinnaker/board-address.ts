import { readFile, stat } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { type BoardNetwork, readDescription } from './board-network.ts';
import { readDatabase } from './database.ts';
import { SCAMP_PORT, usualLink } from './scp-link.ts';

/** What an address says: `HOST[:PORT]?network=FILE&late=5`. */
export interface BoardAddress {
  /** Absent: the one that the network names. */
  readonly host: string | undefined;
  readonly port: number;
  /** The file that describes the network. */
  readonly network: string | undefined;
  /** Where the tool chain says where its database is: a UDP port, of this machine alone where no address is given. */
  readonly listen: { readonly host: string | undefined; readonly port: number } | undefined;
  /** Seconds for which the tool chain is waited for. */
  readonly wait: number;
  /** Steps by which answers are late; absent: 5 ms, and 1 step at least. */
  readonly late: number | undefined;
  /** Seconds of a step, for a network in CSV or JSON. */
  readonly step: number;
  /** Whether spikes go to the board by the numbers of neurons or by their keys. */
  readonly inject: 'neurons' | 'keys';
  /** Milliseconds that a reply is waited for. */
  readonly timeout: number;
}

export const FORM = 'spinnaker:<host>?network=<file>';
const SETTINGS = 'network, listen, wait, late, step, inject, timeout';

/** Throws `usage` for an address that means nothing here. */
export function readAddress(rest: string): BoardAddress {
  const [, host = '', port, query = ''] = /^([\w.-]*)(?::(\d{1,5}))?(?:\?(.*))?$/.exec(rest) ?? [];
  // A plus in the name of a file is a plus.
  const settings = new Map(new URLSearchParams(query.replaceAll('+', '%2B')));
  const take = (name: string) => {
    const value = settings.get(name);
    settings.delete(name);
    return value;
  };
  const number = (name: string, usual: number, least: number, most: number, given = take(name)) => {
    const value = given === undefined || given === '' ? usual : Number(given);
    if (value >= least && value <= most) return value;
    throw wrong(rest, `has ${name}=${given}`, `a number from ${least} to ${most}`);
  };
  const whole = (name: string, usual: number, least: number, most: number, given = take(name)) => {
    const value = number(name, usual, least, most, given);
    if (Number.isInteger(value)) return value;
    throw wrong(rest, `has ${name}=${given}`, `a whole number from ${least} to ${most}`);
  };
  const listenAt = (given: string) => {
    const [, host, port] = /^(?:([^:]+):)?(.*)$/.exec(given)!;
    return { host, port: whole('listen', 19_999, 1, 65_535, port) };
  };
  const [network, listen, late] = [take('network'), take('listen'), settings.has('late')];
  const address = {
    host: host || undefined,
    port: whole('port', SCAMP_PORT, 1, 65_535, port),
    network,
    listen: listen === undefined ? undefined : listenAt(listen),
    wait: number('wait', 60, 0, 86_400),
    late: late ? whole('late', 1, 1, 10_000) : undefined,
    step: number('step', 1e-3, 1e-6, 1),
    inject: (take('inject') ?? 'neurons') as BoardAddress['inject'],
    timeout: whole('timeout', usualLink.timeout, 1, 60_000),
  };
  const [unknown] = settings.keys();
  if (unknown !== undefined) throw wrong(rest, `has the setting "${unknown}"`, SETTINGS);
  if (!['neurons', 'keys'].includes(address.inject)) throw wrong(rest, `has inject=${address.inject}`, 'neurons, keys');
  if (address.host === undefined && network === undefined && listen === undefined)
    throw wrong(rest, 'is not a board address', FORM);
  return address;
}

const wrong = (rest: string, problem: string, expected: string) =>
  new SpikewireError('usage', `spinnaker:${rest}`, problem, expected);

const SQLITE = 'SQLite format 3\0';
/** A million neurons take some 30 MB, also in a database. */
const MOST_BYTES = 64 * 2 ** 20;

/** The network of a file: the database of the tool chain, CSV or JSON. */
export async function readNetworkFile(path: string, step?: number): Promise<BoardNetwork> {
  const where = `network ${path}`;
  const refuse = (cause: NodeJS.ErrnoException) => {
    throw new SpikewireError('file', where, `cannot be read (${cause.code})`, 'a file', cause);
  };
  const { size } = await stat(path).catch(refuse);
  if (size > MOST_BYTES) throw new SpikewireError('file', where, `has ${size} bytes`, `at most ${MOST_BYTES}`);
  const bytes = await readFile(path).catch(refuse);
  const isDatabase = bytes.subarray(0, SQLITE.length).toString('latin1') === SQLITE;
  return isDatabase ? readDatabase(path) : readDescription(bytes.toString('utf8'), step);
}

import { createHash, randomBytes } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import type { Changes, Database } from '../database/database.ts';
import type { JoinTokenRow } from '../database/device-rows.ts';
import { inTransaction } from '../database/transaction.ts';
import { UnknownItemError } from '../database/unknown-item.ts';
import { note } from '../history/history.ts';
import { type Labels, readLabels, writeLabels } from '../labels/labels.ts';
import { DeviceRefusal } from './device-refusal.ts';

export interface TokenRequest {
  /** Who makes it. */
  readonly by: string;
  /** Of the devices that join by it. */
  readonly labels: Labels;
  /** For which it can be used. */
  readonly hours: number;
  /** Devices that can join by it. */
  readonly uses: number;
}

/** A token, as far as it is known after it was made. */
export interface JoinToken extends Omit<JoinTokenRow, 'hash' | 'labels'> {
  readonly id: string;
  readonly labels: Labels;
}

const HOUR = 3_600_000;
const MOST_HOURS = 24 * 365;
const MOST_USES = 10_000;
/** Tokens that exist at a time. */
const MOST_TOKENS = 1000;
const BYTES = 24;

/** Makes a token, and returns it with its end: only its hash is kept. */
export function makeToken(database: Database, request: TokenRequest): Promise<{ token: string; expires: number }> {
  const { by, hours, uses } = request;
  if (!(hours > 0 && hours <= MOST_HOURS)) throw wrong('hours', hours, `more than 0, at most ${MOST_HOURS}`);
  if (!(Number.isInteger(uses) && uses >= 1 && uses <= MOST_USES)) throw wrong('uses', uses, `1 to ${MOST_USES}`);
  const labels = writeLabels(request.labels);
  const token = randomBytes(BYTES).toString('base64url');
  const hash = hashOf(token);
  return inTransaction(database, async (changes) => {
    await removeExpired(changes, database.now);
    const { count } = await changes
      .selectFrom('joinToken')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    if (count >= MOST_TOKENS) throw wrong('tokens', count, `fewer than ${MOST_TOKENS}; withdraw some`);
    const { expires } = await changes
      .insertInto('joinToken')
      .values(({ eb }) => ({
        ...{ hash, labels, uses, madeBy: by, made: database.now() },
        expires: eb(database.now(), '+', Math.round(hours * HOUR)),
      }))
      .returning('expires')
      .executeTakeFirstOrThrow();
    const details = { labels: request.labels, hours, uses };
    await note(changes, database.now, { actor: by, action: 'make-token', subject: idOf(hash), details });
    return { token, expires };
  });
}

/** The tokens by which devices can join. */
export async function listTokens({ queries, now }: Database): Promise<JoinToken[]> {
  const rows = await queries.selectFrom('joinToken').selectAll().where('expires', '>', now()).orderBy('hash').execute();
  return rows.map(({ hash, labels, ...rest }) => ({ id: idOf(hash), labels: readLabels(labels), ...rest }));
}

/** Rejects with an `UnknownItemError` where there is no such token. */
export function withdrawToken(database: Database, id: string, by: string): Promise<void> {
  return inTransaction(database, async (changes) => {
    const rows = await changes.selectFrom('joinToken').select('hash').execute();
    const hash = rows.map((row) => row.hash).find((each) => idOf(each) === id);
    if (hash === undefined) throw new UnknownItemError('token', id);
    await changes.deleteFrom('joinToken').where('hash', '=', hash).execute();
    await note(changes, database.now, { actor: by, action: 'withdraw-token', subject: id });
  });
}

/** Throws a `DeviceRefusal` where the token cannot be used. */
export async function expectToken({ queries, now }: Database, token: string): Promise<void> {
  const found = await queries
    .selectFrom('joinToken')
    .select('hash')
    .where('hash', '=', hashOf(token))
    .where('expires', '>', now())
    .executeTakeFirst();
  if (found === undefined) throw new DeviceRefusal('token', { kind: 'token' });
}

/** Uses the token once, and returns the labels that it gives. Throws a `DeviceRefusal` where it cannot be used. */
export async function useToken(changes: Changes, now: Database['now'], token: string): Promise<Labels> {
  await removeExpired(changes, now);
  const used = await changes
    .updateTable('joinToken')
    .set(({ eb }) => ({ uses: eb('uses', '-', 1) }))
    .where('hash', '=', hashOf(token))
    .returning(['labels', 'uses', 'hash'])
    .executeTakeFirst();
  if (used === undefined) throw new DeviceRefusal('token', { kind: 'token' });
  if (used.uses === 0) await changes.deleteFrom('joinToken').where('hash', '=', used.hash).execute();
  return readLabels(used.labels);
}

async function removeExpired(changes: Changes, now: Database['now']): Promise<void> {
  await changes.deleteFrom('joinToken').where('expires', '<=', now()).execute();
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** A name for people that does not help to find the token. */
function idOf(hash: string): string {
  return hash.slice(0, 12);
}

function wrong(where: string, value: number, expected: string): SpikewireError {
  return new SpikewireError('usage', `token, ${where}`, `is ${value}`, expected);
}

import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import { LEAST_LESSONS, MOST_LESSONS, readoutOf } from 'spikewire/agent';
import { readNetModel } from 'spikewire/session';
import type { Database } from '../database/database.ts';
import type { RoundMethod } from '../database/round-rows.ts';
import { expectName } from '../database/text.ts';
import { inTransaction } from '../database/transaction.ts';
import { note } from '../history/history.ts';
import { type Labels, writeLabels } from '../labels/labels.ts';

/** A round in which devices learn from each other. */
export interface RoundRequest {
  /** Of the machines that it asks. */
  readonly model: string;
  readonly channel: string;
  /** SHA-256 of the base's file, in hex. */
  readonly base: string;
  /** Of the machines' devices; none: all devices. */
  readonly labels: Labels;
  readonly method: RoundMethod;
  /** Devices whose parts a result needs, at least. */
  readonly cohort: number;
  /** Parts with which it closes. */
  readonly most: number;
  /** Lessons in a part, at least. */
  readonly fewest: number;
  /** Days after which it closes at the latest; parts are kept no longer. */
  readonly days: number;
}

export type RoundDefaults = Pick<RoundRequest, 'method' | 'cohort' | 'most' | 'fewest' | 'days'>;

export const DEFAULT_ROUND: RoundDefaults = {
  method: 'checked-sum',
  ...{ cohort: 10, most: 200, fewest: LEAST_LESSONS, days: 7 },
};

/** Of fewer devices a result could tell what one of them has sent. */
export const LEAST_COHORT = 3;
const MOST_PARTS = 10_000;
const MOST_DAYS = 30;
const DAY = 86_400_000;

/**
 * Begins a round, and returns its id. Rejects with `usage` where a value is wrong or another round asks the same
 * machines, and with `unsupported` where sums of lessons on this base do not add up.
 * @param file of the base
 */
export function beginRound(database: Database, request: RoundRequest, file: Uint8Array, by: string): Promise<string> {
  checkRequest(request);
  const labels = writeLabels(request.labels);
  readoutOf(readNetModel(file, Number.POSITIVE_INFINITY));
  const { days, ...asked } = request;
  return inTransaction(database, async (changes) => {
    const { time } = await changes.selectNoFrom(database.now().as('time')).executeTakeFirstOrThrow();
    const open = await changes
      .selectFrom('round')
      .select('id')
      .where('ended', 'is', null)
      .where('base', '=', request.base)
      .where('model', '=', request.model)
      .where('channel', '=', request.channel)
      .executeTakeFirst();
    if (open !== undefined)
      throw new SpikewireError(
        'usage',
        'round',
        `${open.id} asks devices with this base, too`,
        'the end of that round',
      );
    const id = idOf(JSON.stringify([request, by, time]));
    await changes
      .insertInto('round')
      .values({
        ...{ ...asked, id, labels, file: Buffer.from(file), deadline: time + Math.round(days * DAY) },
        ...{ parts: 0, taken: 0, phase: 'open', reason: null, begun: time, begunBy: by, ended: null },
        ...{ result: null, resultSha256: null },
      })
      .execute();
    await note(changes, database.now, { actor: by, action: 'begin-round', subject: id, details: request });
    return id;
  });
}

function checkRequest({ model, channel, base, cohort, most, fewest, days, method }: RoundRequest): void {
  for (const [where, text] of Object.entries({ model, channel })) expectName(`round, ${where}`, text);
  if (!/^[0-9a-f]{64}$/.test(base)) throw new SpikewireError('usage', 'round, base', 'is wrong', '64 hex digits');
  expectWhole('cohort', cohort, LEAST_COHORT, MOST_PARTS);
  expectWhole('most', most, cohort, MOST_PARTS);
  expectWhole('fewest', fewest, LEAST_LESSONS, MOST_LESSONS);
  if (method !== 'checked-sum' && method !== 'sum')
    throw new SpikewireError('usage', 'round, method', 'is unknown', 'checked-sum or sum');
  if (!(days > 0 && days <= MOST_DAYS))
    throw new SpikewireError('usage', 'round, days', `is ${days}`, `above 0, at most ${MOST_DAYS}`);
}

function expectWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new SpikewireError('usage', `round, ${name}`, `is ${value}`, `a whole number, ${least} to ${most}`);
}

function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

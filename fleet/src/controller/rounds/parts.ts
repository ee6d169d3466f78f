import { SpikewireError } from '@spikewire/models';
import { problemOfSums } from '@spikewire/models/aggregation';
import { type Part, readPart, type SharedBase, type WantedParts } from 'spikewire/agent';
import type { Changes, Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { UnknownItemError } from '../database/unknown-item.ts';
import { lockDevice } from '../devices/device-acts.ts';
import { expectMember } from '../devices/device-backups.ts';
import { DeviceRefusal } from '../devices/device-refusal.ts';
import { type DeviceRequest, expectSigned } from '../devices/taking-report.ts';
import { isInGroup, readLabels } from '../labels/labels.ts';
import type { KnownBases } from './known-bases.ts';

/** In an answer to a device. */
const MOST_WANTED = 64;

/**
 * The open rounds that want a part of the device, which has learned on these bases. Rejects with a `DeviceRefusal`.
 * @param read the bases in the body, of which nothing is looked at before its signature was checked
 */
export async function wantedParts(
  { queries, now }: Database,
  every: number,
  request: DeviceRequest,
  read: () => readonly SharedBase[],
): Promise<WantedParts> {
  await expectSigned(queries, request);
  const bases = read();
  const { device } = request;
  const { status, labels } = await queries
    .selectFrom('device')
    .select(['status', 'labels'])
    .where('id', '=', device)
    .executeTakeFirstOrThrow();
  if (status !== 'member') throw new DeviceRefusal(`device ${device}`, { kind: 'left', device });
  if (bases.length === 0) return { parts: [], every };
  const rounds = await queries
    .selectFrom('round')
    .select(['id', 'model', 'channel', 'base', 'fewest', 'labels'])
    .where('phase', '=', 'open')
    .where('ended', 'is', null)
    .where('deadline', '>', now())
    .whereRef('parts', '<', 'most')
    .where(
      'base',
      'in',
      bases.map(({ sha256 }) => sha256),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('roundPart')
            .select('roundPart.device')
            .whereRef('roundPart.round', '=', 'round.id')
            .where('roundPart.device', '=', device),
        ),
      ),
    )
    .orderBy('begun')
    .limit(MOST_WANTED)
    .execute();
  const own = readLabels(labels);
  const parts = rounds.filter(
    (round) => isInGroup(own, readLabels(round.labels)) && bases.some((base) => isAbout(round, base)),
  );
  return {
    parts: parts.map(({ id, model, channel, base, fewest }) => ({ round: id, model, channel, sha256: base, fewest })),
    every,
  };
}

function isAbout(
  { model, channel, base }: { readonly model: string; readonly channel: string; readonly base: string },
  wanted: SharedBase,
): boolean {
  return model === wanted.model && channel === wanted.channel && base === wanted.sha256;
}

/**
 * Keeps the part of a device for its round, if it has none of it yet. Rejects with a `DeviceRefusal`, with `input` for
 * what is no part, and with `usage` where the round does not take it or its sums cannot be of lessons.
 * @param permit throws where the device, whose signature was checked, has sent too many
 */
export async function storePart(
  database: Database,
  bases: KnownBases,
  request: DeviceRequest,
  permit: (device: string) => void,
): Promise<void> {
  const { device, body } = request;
  await expectSigned(database.queries, request);
  permit(device);
  await expectMember(database, device);
  const part = readPart(body);
  await expectSound(bases, part);
  await inTransaction(database, async (changes) => {
    const { status, labels } = await lockDevice(changes, device);
    if (status !== 'member') throw new DeviceRefusal(`device ${device}`, { kind: 'left', device });
    await insert(changes, database, request, part, readLabels(labels));
  });
}

async function expectSound(bases: KnownBases, { round, base, sums }: Part): Promise<void> {
  const known = await bases.ofRound(round);
  if (known === undefined) throw new UnknownItemError('round', round);
  if (base !== known.base)
    throw new SpikewireError('usage', `round ${round}`, `is about another base than ${base.slice(0, 12)}…`, known.base);
  const { inputs, classes, limits } = known.readout;
  const problem =
    sums.inputs !== inputs || sums.classes !== classes.length
      ? `has ${sums.inputs} inputs and ${sums.classes} classes, not ${inputs} and ${classes.length}`
      : problemOfSums(sums, { ...limits, fewest: known.fewest });
  if (problem !== undefined)
    throw new SpikewireError('usage', 'part', problem, 'sums of lessons on the base of the round');
}

/** One statement counts the part, so that no round takes more than it may, or any after it has closed. */
async function insert(
  changes: Changes,
  { now }: Database,
  { device, body }: DeviceRequest,
  { round, sums }: Part,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await changes
    .insertInto('roundPart')
    .values({
      ...{ round, device, time: now(), samples: sums.samples, bytes: body.byteLength },
      ...{ content: Buffer.from(body), leftOut: null },
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) return; // it has come before, and its answer was lost
  const counted = await changes
    .updateTable('round')
    .set(({ eb }) => ({ parts: eb('parts', '+', 1) }))
    .where('id', '=', round)
    .where('phase', '=', 'open')
    .where('deadline', '>', now())
    .whereRef('parts', '<', 'most')
    .returning('labels')
    .executeTakeFirst();
  if (counted === undefined) throw new SpikewireError('usage', `round ${round}`, 'is closed', 'a round that is open');
  if (!isInGroup(labels, readLabels(counted.labels)))
    throw new SpikewireError('usage', `round ${round}`, 'does not ask this device', 'a device with its labels');
}

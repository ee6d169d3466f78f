import { SpikewireError } from '@spikewire/models';
import { deviceId } from 'spikewire/agent';
import type { Database } from '../database/database.ts';
import type { DeviceRow } from '../database/device-rows.ts';
import { expectName } from '../database/text.ts';
import { inTransaction } from '../database/transaction.ts';
import { note } from '../history/history.ts';
import { storeLabels } from '../labels/labels.ts';
import { DeviceRefusal } from './device-refusal.ts';
import { expectToken, useToken } from './join-tokens.ts';

/** How a device asks to become a member. */
export interface JoinRequest {
  readonly token: string;
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  /** For people. */
  readonly name: string;
}

export interface Joined {
  /** Id of the device. */
  readonly device: string;
}

export const LONGEST_DEVICE_NAME = 64;

/**
 * Makes the device a member. A device that repeats its request, since it lost the answer, gets the same answer, and the
 * token loses no use. Only a request that can succeed changes the database, so a flood of others delays no report.
 */
export async function joinDevice(database: Database, request: JoinRequest): Promise<Joined> {
  const { token, publicKey, name } = request;
  if (!/^[0-9a-f]{64}$/.test(publicKey))
    throw new SpikewireError('input', 'publicKey', 'is not a public key', '32 bytes as 64 hex digits');
  expectName('name', name, LONGEST_DEVICE_NAME);
  const id = deviceId(publicKey);
  const before = await joinedBefore(database.queries, id);
  if (before !== undefined) return before;
  await expectToken(database, token);
  return inTransaction(database, async (changes) => {
    const joined = await changes
      .insertInto('device')
      .values({ ...NEW_DEVICE, id, publicKey, name, joined: database.now() })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (joined === undefined) return (await joinedBefore(changes, id))!;
    const labels = await useToken(changes, database.now, token);
    await storeLabels(changes, id, labels);
    await note(changes, database.now, { actor: id, action: 'join', subject: id, details: { name, labels } });
    return { device: id };
  });
}

/** The answer to a device that has joined; undefined where it has not. Throws where it is no member any more. */
async function joinedBefore(reads: Database['queries'], id: string): Promise<Joined | undefined> {
  const device = await reads.selectFrom('device').select('status').where('id', '=', id).executeTakeFirst();
  if (device === undefined) return undefined;
  if (device.status !== 'member') throw new DeviceRefusal(`device ${id}`, { kind: 'left', device: id });
  return { device: id };
}

const NEW_DEVICE: Omit<DeviceRow, 'id' | 'publicKey' | 'name' | 'joined'> = {
  ...{ labels: '{}', seen: null, counter: 0, version: null, platform: null, memory: null },
  ...{ boot: null, formerBoot: null, doubled: null },
  status: 'member',
};

import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import type { Changes, Database } from '../database/database.ts';
import type { MachineRow } from '../database/device-rows.ts';
import type { RolloutMachineRow } from '../database/rollout-rows.ts';
import { expectName } from '../database/text.ts';
import { inTransaction } from '../database/transaction.ts';
import { note } from '../history/history.ts';
import { devicesInGroup, type Labels, writeLabels } from '../labels/labels.ts';
import { hasRefused, machineState } from './machine-state.ts';
import { checkPlan, type Plan } from './plan.ts';
import { NOTHING_COUNTED } from './trial-counts.ts';

/** A base that is to come to machines of a fleet. */
export interface RolloutRequest {
  /** For people. */
  readonly name: string;
  /** Of the machines. */
  readonly model: string;
  readonly channel: string;
  /** Of the base's file, in hex. */
  readonly sha256: string;
  /** Of the machines' devices; none: all devices. */
  readonly labels: Labels;
  readonly plan: Plan;
}

/** Rows in one statement, whose parameters a database limits. */
const ROWS = 500;
/** Of a machine that an open rollout loses to a later one, in milliseconds. */
const LONG_SILENCE = 7 * 86_400_000;

type FoundMachine = MachineRow & { readonly seen: number | null };

/**
 * Begins a rollout, and returns its id. Rejects with `usage` where a value is wrong, where there is no machine for it,
 * and where one of the machines is in another open rollout.
 */
export function beginRollout(database: Database, request: RolloutRequest, by: string): Promise<string> {
  const { name, model, channel, sha256, plan } = request;
  checkPlan(plan);
  for (const [where, text] of Object.entries({ name, model, channel })) expectName(`rollout, ${where}`, text);
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new SpikewireError('usage', 'rollout, sha256', 'is wrong', '64 hex digits');
  const labels = writeLabels(request.labels);
  return inTransaction(database, async (changes) => {
    const { time } = await changes.selectNoFrom(database.now().as('time')).executeTakeFirstOrThrow();
    const id = createHash('sha256')
      .update(JSON.stringify([request, by, time]))
      .digest('hex')
      .slice(0, 16);
    const machines = inDrawnOrder(await machinesFor(changes, request), request, id);
    if (machines.length === 0)
      throw new SpikewireError('usage', 'rollout', `no machine has the model ${model}`, 'a model, channel and labels');
    await changes
      .insertInto('rollout')
      .values({
        ...{ id, name, model, channel, sha256, labels, plan: JSON.stringify(plan) },
        ...{
          machines: machines.length,
          installed: 0,
          phase: 'shadow',
          waves: 0,
          waveTimes: '[]',
          wavePlaces: '[]',
          since: time,
        },
        ...{ reason: null, approvals: '[]', paused: 0, begun: time, begunBy: by, ended: null },
      })
      .execute();
    await freeMachines(changes, machines, time - LONG_SILENCE);
    const rows = machines.map((machine, place) => firstRow(id, request, machine, place, time));
    await insertMachines(changes, rows);
    const details = { ...request, machines: machines.length };
    await note(changes, database.now, { actor: by, action: 'begin', subject: id, details });
    return id;
  });
}

function machinesFor(changes: Changes, { model, channel, labels }: RolloutRequest): Promise<FoundMachine[]> {
  return changes
    .selectFrom('machine')
    .innerJoin('device', 'device.id', 'machine.device')
    .selectAll('machine')
    .select('device.seen')
    .where('model', '=', model)
    .where('channel', '=', channel)
    .where('status', '=', 'member')
    .where((of) => devicesInGroup(of, labels))
    .execute();
}

/**
 * The machines in an order that the id of the rollout decides, as if drawn by lot. Machines that cannot try the base
 * now are last: those without a base to compare it with, those that have it or have refused it, and those that a person
 * has pinned.
 */
function inDrawnOrder(machines: readonly FoundMachine[], { sha256 }: RolloutRequest, id: string): FoundMachine[] {
  const drawn = machines.map((row) => {
    const lot = createHash('sha256').update(`${id} ${row.device} ${row.machine}`).digest('hex');
    const canTry = row.base !== null && row.base !== sha256 && row.pinned === 0 && !hasRefused(row, sha256);
    return { row, key: `${canTry ? 0 : 1} ${lot}` };
  });
  return drawn.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ row }) => row);
}

function firstRow(
  rollout: string,
  { sha256 }: RolloutRequest,
  row: FoundMachine,
  place: number,
  time: number,
): RolloutMachineRow {
  const state = machineState({ sha256, phase: 'shadow' }, 'waiting', row);
  return {
    ...{ rollout, device: row.device, machine: row.machine, place, standing: 'open', state },
    ...{ told: 0, exposed: state === 'installed' ? 1 : 0, reported: row.seen ?? time, ...NOTHING_COUNTED },
  };
}

/** Open rollouts do not hold back machines that are gone from them, or were last heard of before that time. */
async function freeMachines(changes: Changes, machines: readonly FoundMachine[], before: number): Promise<void> {
  for (let k = 0; k < machines.length; k += ROWS)
    await changes
      .updateTable('rolloutMachine')
      .set({ standing: 'ended', state: 'gone' })
      .where('standing', '=', 'open')
      .where(({ eb, or }) => or([eb('state', '=', 'gone'), eb('reported', '<', before)]))
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('device', 'machine'),
          'in',
          machines.slice(k, k + ROWS).map(({ device, machine }) => tuple(device, machine)),
        ),
      )
      .execute();
}

/** The unique index of open rollouts decides, also where another rollout begins at the same time. */
async function insertMachines(changes: Changes, rows: readonly RolloutMachineRow[]): Promise<void> {
  let inserted = 0;
  for (let k = 0; k < rows.length; k += ROWS) {
    const { numInsertedOrUpdatedRows } = await changes
      .insertInto('rolloutMachine')
      .values(rows.slice(k, k + ROWS))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    inserted += Number(numInsertedOrUpdatedRows);
  }
  const busy = rows.length - inserted;
  if (busy > 0)
    throw new SpikewireError(
      'usage',
      'rollout',
      `${busy} of ${rows.length} machines are in another open rollout`,
      'other labels, or the end of that rollout',
    );
}

import { SpikewireError } from '@spikewire/models';
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { DeviceRow, MachineRow } from '../database/device-rows.ts';
import { keyBefore, type Page, type PageWish, pageOf, rowsOfPage } from '../database/page.ts';
import type { Tables } from '../database/tables.ts';
import { expectText, LONGEST_NAME } from '../database/text.ts';
import { devicesInGroup, type Labels, readLabels } from '../labels/labels.ts';
import { DOUBLED, isDoubled } from './doubled.ts';
import { HEALTHS, type Health, healthOf } from './health.ts';

/** Which devices are wanted: those to which all of this applies. */
export interface DeviceListWish extends PageWish {
  readonly labels?: Labels | undefined;
  /** A part of the name, or the beginning of the id. */
  readonly search?: string | undefined;
  /** Absent: all but retired and revoked devices. */
  readonly health?: Health | undefined;
  /** Of at least one machine: its model, the SHA-256 of its base, and its state. */
  readonly model?: string | undefined;
  readonly base?: string | undefined;
  readonly state?: MachineRow['state'] | undefined;
}

/** A device as a list shows it. */
export interface DeviceSummary extends Pick<DeviceRow, 'id' | 'name' | 'seen'> {
  readonly labels: Labels;
  readonly health: Health;
  readonly machines: number;
  /** Different bases that answer, at most 3. */
  readonly bases: readonly { readonly sha256: string; readonly name: string }[];
  /** Its own, or that of its first machine with one. */
  readonly problem: string | null;
}

const MOST_BASES = 3;

/** The devices by their names. */
export async function listDevices({ queries, now }: Database, wish: DeviceListWish): Promise<Page<DeviceSummary>> {
  const before = keyBefore<[string, string]>(wish, ['', '']);
  const rows = await queries
    .selectFrom('device')
    .select(['device.id', 'device.name', 'device.labels', 'device.seen'])
    .select((of) => [healthOf(of, now()).as('health'), isDoubled(of, now()).as('isDoubled')])
    .where((of) => of.and(conditions(of, wish, now())))
    .$if(before !== undefined, (list) =>
      list.where(({ eb, and, or }) =>
        or([
          eb('device.name', '>', before![0]),
          and([eb('device.name', '=', before![0]), eb('device.id', '>', before![1])]),
        ]),
      ),
    )
    .orderBy('device.name')
    .orderBy('device.id')
    .limit(rowsOfPage(wish))
    .execute();
  const page = pageOf(rows, wish, ({ name, id }) => [name, id]);
  const machines = await machinesOf(
    queries,
    page.items.map(({ id }) => id),
  );
  return { ...page, items: page.items.map((row) => summaryOf(row, machines.get(row.id) ?? [])) };
}

/** How many devices there are of each health. */
export async function countDevices({ queries, now }: Database): Promise<Record<Health, number>> {
  const rows = await queries
    .selectFrom('device')
    .select((of) => healthOf(of, now()).as('health'))
    .select(({ fn }) => fn.countAll<number>().as('devices'))
    .groupBy('health')
    .execute();
  const counted = HEALTHS.map((health) => [health, rows.find((row) => row.health === health)?.devices ?? 0]);
  return Object.fromEntries(counted) as Record<Health, number>;
}

type OfDevices = ExpressionBuilder<Tables, 'device'>;

function conditions(of: OfDevices, wish: DeviceListWish, now: Expression<number>): Expression<SqlBool>[] {
  const { labels = {}, search, health } = wish;
  return [
    devicesInGroup(of, labels),
    health === undefined ? of('device.status', '=', 'member') : of(healthOf(of, now), '=', health),
    ...(search === undefined ? [] : [isFound(of, search)]),
    ...machineConditions(of, wish),
  ];
}

function isFound(of: OfDevices, search: string): Expression<SqlBool> {
  expectText('search', search);
  if (search.length > LONGEST_NAME)
    throw new SpikewireError('input', 'search', `has ${search.length} characters`, `at most ${LONGEST_NAME}`);
  const text = search.replace(/[\\%_]/g, '\\$&');
  return of.or([
    sql<SqlBool>`lower(${of.ref('device.name')}) like lower(${`%${text}%`}) escape '\\'`,
    sql<SqlBool>`${of.ref('device.id')} like ${`${text}%`} escape '\\'`,
  ]);
}

function machineConditions(of: OfDevices, { model, base, state }: DeviceListWish): Expression<SqlBool>[] {
  const wanted = Object.entries({ model, base, state }).filter(([, value]) => value !== undefined);
  if (wanted.length === 0) return [];
  let machines = of.selectFrom('machine').select('machine.machine').whereRef('machine.device', '=', 'device.id');
  for (const [key, value] of wanted) {
    expectText(key, value!);
    machines = machines.where(`machine.${key as 'model'}`, '=', value!);
  }
  return [of.exists(machines)];
}

type ListedDevice = Pick<DeviceRow, 'id' | 'name' | 'labels' | 'seen'> & {
  readonly health: Health;
  readonly isDoubled: SqlBool;
};
type ListedMachine = Pick<MachineRow, 'device' | 'base' | 'baseName' | 'problem'>;

async function machinesOf(
  queries: Database['queries'],
  devices: readonly string[],
): Promise<ReadonlyMap<string, ListedMachine[]>> {
  const machines = new Map<string, ListedMachine[]>(devices.map((id) => [id, []]));
  if (devices.length === 0) return machines;
  const rows = await queries
    .selectFrom('machine')
    .select(['device', 'base', 'baseName', 'problem'])
    .where('device', 'in', devices)
    .orderBy('device')
    .orderBy('machine')
    .execute();
  for (const row of rows) machines.get(row.device)!.push(row);
  return machines;
}

function summaryOf({ labels, isDoubled, ...rest }: ListedDevice, machines: readonly ListedMachine[]): DeviceSummary {
  const bases = new Map(machines.flatMap(({ base, baseName }) => (base === null ? [] : [[base, baseName!] as const])));
  return {
    ...{ ...rest, labels: readLabels(labels), machines: machines.length },
    bases: [...bases].slice(0, MOST_BASES).map(([sha256, name]) => ({ sha256, name })),
    problem: isDoubled ? DOUBLED : (machines.find(({ problem }) => problem !== null)?.problem ?? null),
  };
}

import type { Database } from '../database/database.ts';
import { keyBefore, type Page, type PageWish, pageOf, rowsOfPage } from '../database/page.ts';
import { expectText } from '../database/text.ts';
import { healthOf } from './health.ts';

/** The members of a fleet with the same value of a label. */
export interface DeviceGroup {
  /** Null: of members without the label. */
  readonly value: string | null;
  readonly devices: number;
  readonly machines: number;
  /** Of the devices, those that are silent, and those that report a problem. */
  readonly silent: number;
  readonly problem: number;
}

/** Members by the value of a label; after the last value, the members without it. */
export async function listGroups(database: Database, key: string, wish: PageWish): Promise<Page<DeviceGroup>> {
  expectText('label', key);
  const before = keyBefore<[string]>(wish, ['']);
  const rows = await groups(database, key)
    .where('own.value', 'is not', null)
    .$if(before !== undefined, (list) => list.where('own.value', '>', before![0]))
    .orderBy('own.value')
    .limit(rowsOfPage(wish))
    .execute();
  const page = pageOf<DeviceGroup>(rows, wish, ({ value }) => [value!]);
  if (page.next !== null) return page;
  return { ...page, items: [...page.items, ...(await groups(database, key).where('own.value', 'is', null).execute())] };
}

function groups({ queries, now }: Database, key: string) {
  return queries
    .selectFrom(({ selectFrom }) =>
      selectFrom('device')
        .leftJoin('deviceLabel', (join) =>
          join.onRef('deviceLabel.device', '=', 'device.id').on('deviceLabel.key', '=', key),
        )
        .select('deviceLabel.value')
        .select((of) => healthOf(of, now()).as('health'))
        .select((of) =>
          of
            .selectFrom('machine')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .whereRef('machine.device', '=', 'device.id')
            .as('machines'),
        )
        .where('device.status', '=', 'member')
        .as('own'),
    )
    .select('own.value')
    .select(({ fn }) => fn.countAll<number>().as('devices'))
    .select(({ fn, cast }) => cast<number>(fn.sum('own.machines'), 'bigint').as('machines'))
    .select(({ fn }) => fn.countAll<number>().filterWhere('own.health', '=', 'silent').as('silent'))
    .select(({ fn }) => fn.countAll<number>().filterWhere('own.health', '=', 'problem').as('problem'))
    .groupBy('own.value');
}

/** The keys of the labels that members have, and how many members have each. */
export async function listLabelKeys(
  { queries }: Database,
  wish: PageWish,
): Promise<Page<{ readonly key: string; readonly devices: number }>> {
  const before = keyBefore<[string]>(wish, ['']);
  const rows = await queries
    .selectFrom('deviceLabel')
    .innerJoin('device', 'device.id', 'deviceLabel.device')
    .select('key')
    .select(({ fn }) => fn.countAll<number>().as('devices'))
    .where('status', '=', 'member')
    .$if(before !== undefined, (list) => list.where('key', '>', before![0]))
    .groupBy('key')
    .orderBy('key')
    .limit(rowsOfPage(wish))
    .execute();
  return pageOf(rows, wish, ({ key }) => [key]);
}

/** How many machines of members there are for a model, and on how many of them a base answers. */
export function countMachines(
  { queries }: Database,
  { model, channel, sha256 }: { readonly model: string; readonly channel: string; readonly sha256: string },
): Promise<{ readonly machines: number; readonly installed: number }> {
  return queries
    .selectFrom('machine')
    .innerJoin('device', 'device.id', 'machine.device')
    .select(({ fn }) => fn.countAll<number>().as('machines'))
    .select(({ fn }) => fn.countAll<number>().filterWhere('base', '=', sha256).as('installed'))
    .where('model', '=', model)
    .where('channel', '=', channel)
    .where('status', '=', 'member')
    .executeTakeFirstOrThrow();
}

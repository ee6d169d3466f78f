import { sql } from 'kysely';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Database } from '../database/database.ts';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import type { Page, PageWish } from '../database/page.ts';
import { checkHistory } from '../history/history.ts';
import { SILENT_AFTER } from '../reports/interval.ts';
import { Registry } from './registry.ts';
import { joined, machineReport, sha, TestDevice } from './test-device.test-data.ts';

async function newRegistry(engine: Database['engine'], context: TestContext) {
  const clock = { time: 1e12 };
  const opening = await opened(await newDatabase(engine, context), context);
  const database: Database = { ...opening, now: () => sql<number>`cast(${clock.time} as bigint)` };
  return { clock, database, registry: new Registry(database) };
}

/** All items of a list, page by page. */
async function all<Item>(pageAt: (wish: PageWish) => Promise<Page<Item>>, limit: number): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: string | undefined | null; after !== null; ) {
    const page = await pageAt({ limit, after });
    items.push(...page.items);
    after = page.next;
  }
  return items;
}

const namesOf = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);

describe.each(ENGINES)('devices, in %s,', (engine) => {
  it('are found by name, id, labels, health and what their machines run', async (context) => {
    const { clock, registry } = await newRegistry(engine, context);
    const { token } = await registry.makeToken({ by: 'ann', labels: { site: 'mill' }, hours: 9, uses: 9 });
    const devices = ['Pump 100%', 'pump_2', 'Lüfter', 'x'].map((name) => ({ name, device: new TestDevice() }));
    for (const { name, device } of devices) await device.join(registry, token, name);
    const [pump, other, fan, fresh] = devices.map(({ device }) => device) as [
      TestDevice,
      TestDevice,
      TestDevice,
      TestDevice,
    ];
    await pump.report(registry);
    clock.time += SILENT_AFTER;
    expect(await registry.counts()).toMatchObject({ reporting: 1, silent: 3 });
    clock.time += 1;
    await other.report(registry, [
      machineReport({ problem: 'no readings' }),
      machineReport({ machine: 'fan', model: 'fan', base: { ...machineReport().base!, sha256: sha('c') } }),
    ]);
    await fan.report(registry, [machineReport({ state: 'shadow' })]);
    const found = async (wish: object) => namesOf((await registry.list({ limit: 9, ...wish })).items);
    expect(await found({})).toEqual(['Lüfter', 'Pump 100%', 'pump_2', 'x']);
    expect(await found({ search: 'PUMP' })).toEqual(['Pump 100%', 'pump_2']);
    expect(await found({ search: '0%' })).toEqual(['Pump 100%']);
    expect(await found({ search: 'p_' })).toEqual(['pump_2']);
    expect(await found({ search: fresh.id.slice(0, 12) })).toEqual(['x']);
    expect(await found({ health: 'silent' })).toEqual(['Pump 100%', 'x']);
    expect(await found({ health: 'problem' })).toEqual(['pump_2']);
    expect(await found({ health: 'reporting' })).toEqual(['Lüfter']);
    expect(await found({ labels: { site: 'mill' }, model: 'fan' })).toEqual(['pump_2']);
    expect(await found({ labels: { site: 'shed' } })).toEqual([]);
    expect(await found({ base: sha('c') })).toEqual(['pump_2']);
    expect(await found({ base: sha('a'), state: 'shadow' })).toEqual(['Lüfter']);
    // One machine has the model, another one has the base.
    expect(await found({ model: 'fan', base: sha('a') })).toEqual([]);
    expect(await registry.counts()).toEqual({ reporting: 1, problem: 1, silent: 2, retired: 0, revoked: 0 });
    expect((await registry.list({ limit: 9, search: 'pump_2' })).items).toEqual([
      {
        ...{ id: other.id, name: 'pump_2', labels: { site: 'mill' }, health: 'problem', seen: clock.time, machines: 2 },
        bases: [
          { sha256: sha('c'), name: 'pump 1' },
          { sha256: sha('a'), name: 'pump 1' },
        ],
        problem: 'no readings',
      },
    ]);
  });

  it('are not found by hostile texts, which change nothing', async (context) => {
    const { registry } = await newRegistry(engine, context);
    await joined(registry, 2);
    for (const text of [`'; drop table device; --`, `' or '1'='1`, '\\', '%', '_', `<script>`]) {
      expect((await registry.list({ limit: 9, search: text })).items).toEqual([]);
      expect((await registry.list({ limit: 9, labels: { [text]: text } })).items).toEqual([]);
      expect((await registry.list({ limit: 9, model: text, base: text })).items).toEqual([]);
      expect((await registry.groups(text, { limit: 9 })).items).toMatchObject([{ value: null, devices: 2 }]);
      expect(await registry.device(text)).toBeUndefined();
    }
    for (const text of ['a\0b', '\ud800', 'x'.repeat(10_000)]) {
      await expect(registry.list({ limit: 9, search: text })).rejects.toMatchObject({ code: 'input' });
      await expect(registry.list({ limit: 9, labels: { a: text } })).rejects.toMatchObject({ code: 'input' });
    }
    for (const id of ['a\0b', '\ud800']) expect(await registry.device(id)).toBeUndefined();
    expect(await registry.counts()).toMatchObject({ silent: 2 });
  });

  it('are each on one page, also while others join', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const row = (k: number) => ({
      ...{ id: k.toString(16).padStart(32, '0'), publicKey: '', name: `pi ${k % 100}`, labels: '{}', joined: 0 },
      ...{ seen: null, counter: 0, status: 'member' as const, version: null, platform: null, memory: null },
      ...{ boot: null, formerBoot: null, doubled: null },
    });
    const insert = (from: number, to: number) =>
      database.queries
        .insertInto('device')
        .values(Array.from({ length: to - from }, (_, k) => row(from + k)))
        .execute();
    for (let k = 0; k < 10_000; k += 1000) await insert(k, k + 1000);
    let pages = 0;
    const listed = await all(async (wish) => {
      pages++;
      if (pages <= 50) await insert(10_000 + 10 * pages, 10_010 + 10 * pages);
      return registry.list(wish);
    }, 100);
    const ids = listed.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const before = Array.from({ length: 10_000 }, (_, k) => row(k).id);
    expect(ids.filter((id) => id <= before.at(-1)!).sort()).toEqual(before);
  });

  it('are grouped by a label, with a group for devices without it', async (context) => {
    const { clock, registry } = await newRegistry(engine, context);
    const mill = await joined(registry, 3, { site: 'mill', line: '1' });
    const shed = await joined(registry, 2, { site: 'shed' });
    const bare = await joined(registry, 1);
    for (const device of mill) await device.report(registry, [machineReport(), machineReport({ machine: 'fan' })]);
    clock.time += SILENT_AFTER + 1;
    await mill[0]!.report(registry, [machineReport({ problem: 'no readings' })]);
    await registry.retire(shed[0]!.id, 'ann');
    expect(await all((wish) => registry.groups('site', wish), 1)).toEqual([
      { value: 'mill', devices: 3, machines: 5, silent: 2, problem: 1 },
      { value: 'shed', devices: 1, machines: 0, silent: 1, problem: 0 },
      { value: null, devices: 1, machines: 0, silent: 1, problem: 0 },
    ]);
    expect(await all((wish) => registry.labelKeys(wish), 1)).toEqual([
      { key: 'line', devices: 3 },
      { key: 'site', devices: 4 },
    ]);
    expect(bare).toHaveLength(1);
    const base = { model: 'pump', channel: 'stable', sha256: sha('a') };
    expect(await registry.machinesFor(base)).toEqual({ machines: 5, installed: 5 });
    expect(await registry.machinesFor({ ...base, sha256: sha('c') })).toEqual({ machines: 5, installed: 0 });
  });

  it('are shown with what they reported and what they are told', async (context) => {
    const { clock, registry } = await newRegistry(engine, context);
    const [device] = await joined(registry, 1, { site: 'mill' });
    const refused = [{ sha256: sha('d'), cause: 'model', reason: 'it is worse' }] as const;
    const report = machineReport({ accuracy: { right: 8, of: 9 }, drift: true, refused, groups: ['a'], lessons: 3 });
    await device!.report(registry, [report]);
    const { trial: _, ...shown } = report;
    expect(await registry.device(device!.id)).toEqual({
      ...{ id: device!.id, name: 'pi 0', labels: { site: 'mill' }, health: 'reporting', joined: clock.time },
      ...{ seen: clock.time, version: '0.2.0', platform: 'linux arm64, Node 20.20.2', memory: 64e6 },
      problem: null,
      machines: [{ ...shown, order: { kind: 'keep' }, rollout: null, reported: clock.time }],
      backups: [],
      shared: [],
    });
    await registry.revoke(device!.id, 'ann');
    expect(await registry.device(device!.id)).toMatchObject({ health: 'revoked', machines: [{ order: null }] });
  });

  it('have a problem while two computers report with the key of one, and none where it was started again', async (context) => {
    const { clock, registry } = await newRegistry(engine, context);
    const [device] = await joined(registry, 1);
    const boots = ['1', '2', '3'].map((digit) => digit.repeat(16));
    const report = (k: number) => device!.report(registry, undefined, undefined, boots[k]);
    const seen = async () => {
      const { health, problem } = (await registry.device(device!.id))!;
      const [listed] = (await registry.list({ limit: 1 })).items;
      expect(listed).toMatchObject({ health, problem });
      return [health, problem];
    };
    for (const k of [0, 0, 1, 1, 2, 2]) await report(k);
    expect(await seen()).toEqual(['reporting', null]);
    await report(1);
    expect(await seen()).toEqual(['problem', expect.stringContaining('several computers')]);
    expect(await registry.counts()).toMatchObject({ problem: 1, reporting: 0 });
    clock.time += SILENT_AFTER + 1;
    await report(1);
    await device!.report(registry); // of a release that draws none
    expect(await seen()).toEqual(['reporting', null]);
  });

  it.for(['retire', 'revoke'] as const)('are replaced, too, after %s', async (act, context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [old, next] = (await joined(registry, 2, { site: 'mill' })) as [TestDevice, TestDevice];
    await registry.rename(old.id, 'mixer', 'ann');
    await registry.relabel(old.id, { site: 'shed' }, 'ann');
    await registry[act](old.id, 'ann');
    await registry.replace(old.id, next.id, 'ann');
    expect(await registry.device(next.id)).toMatchObject({ name: 'mixer', labels: { site: 'shed' } });
    const { health } = (await registry.device(old.id))!;
    expect(health).toBe({ retire: 'retired', revoke: 'revoked' }[act]);
    await expect(registry.replace(next.id, old.id, 'ann')).rejects.toThrow(`is ${health}; expected a member`);
    expect((await registry.device(next.id))!.health).toBe('silent');
    expect(await checkHistory(database)).toMatchObject({ kind: 'whole' });
  });

  it('are renamed, relabelled, replaced, retired and revoked by people, who are noted', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [old, other] = (await joined(registry, 2, { site: 'mill' })) as [TestDevice, TestDevice];
    await registry.rename(old.id, 'Mühle 🐝', 'ann');
    await registry.rename(old.id, 'Mühle 🐝', 'ann');
    await registry.relabel(old.id, { site: 'shed', line: '2' }, 'ann');
    expect(await registry.device(old.id)).toMatchObject({ name: 'Mühle 🐝', labels: { line: '2', site: 'shed' } });
    expect((await registry.list({ limit: 9, labels: { site: 'mill' } })).items.map(({ id }) => id)).toEqual([other.id]);
    await registry.replace(old.id, other.id, 'bob');
    expect(await registry.device(other.id)).toMatchObject({ name: 'Mühle 🐝', labels: { line: '2', site: 'shed' } });
    const left = { code: 'access', reason: { kind: 'left', device: expect.any(String) } };
    await expect(old.report(registry)).rejects.toMatchObject(left);
    await expect(old.join(registry, 'any')).rejects.toMatchObject(left);
    await registry.revoke(old.id, 'bob');
    await expect(registry.revoke(old.id, 'bob')).rejects.toThrow('is revoked; expected a member');
    await expect(registry.retire(old.id, 'bob')).rejects.toThrow('is revoked; expected a member');
    await expect(registry.rename(old.id, 'x', 'bob')).rejects.toThrow('is revoked; expected a member');
    await expect(registry.replace(other.id, other.id, 'bob')).rejects.toThrow('cannot replace itself');
    await expect(registry.replace(other.id, old.id, 'bob')).rejects.toThrow('is revoked; expected a member');
    await expect(registry.rename('x', 'y', 'bob')).rejects.toThrow('device "x": is unknown');
    for (const name of ['', 'a\0b', '\ud800', 'x'.repeat(65)])
      await expect(registry.rename(other.id, name, 'bob')).rejects.toMatchObject({ code: 'input' });
    for (const label of ['', 'a\0b', '\ud800', 'x'.repeat(10_000)])
      await expect(registry.relabel(other.id, { [label]: 'x' }, 'bob')).rejects.toMatchObject({ code: 'input' });
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, k) => [`${k}`, 'x']));
    await expect(registry.relabel(other.id, many, 'bob')).rejects.toThrow('labels: are 17; expected at most 16');
    expect(await other.report(registry)).toBeDefined();
    const acts = await database.queries
      .selectFrom('history')
      .select(['actor', 'action'])
      .where('subject', '=', old.id)
      .orderBy('number')
      .execute();
    expect(acts.slice(1).map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      ...['ann rename', 'ann relabel', 'bob replace', 'bob revoke'],
    ]);
    expect(await checkHistory(database)).toMatchObject({ kind: 'whole' });
  });
});

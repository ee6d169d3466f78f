import { sql } from 'kysely';
import type { MachineReport, ReportedTrial, ReportedWay } from 'spikewire/agent';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Database } from '../database/database.ts';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { Registry } from '../devices/registry.ts';
import { joined, machineReport, sha, type TestDevice } from '../devices/test-device.test-data.ts';
import { checkHistory } from '../history/history.ts';
import { SILENT_AFTER } from '../reports/interval.ts';
import type { RolloutRequest } from './beginning.ts';
import { DEFAULT_PLAN } from './plan.ts';
import { RolloutWork } from './rollout-work.ts';
import { Rollouts } from './stored-rollouts.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NEW = sha('b');
const REQUEST: RolloutRequest = {
  ...{ name: 'pump 2', model: 'pump', channel: 'stable', sha256: NEW, labels: {} },
  plan: { ...DEFAULT_PLAN, shadow: 50 },
};

/** A fleet with a clock of its own, whose devices have reported once. */
class Fleet {
  time = Date.parse('2026-12-01');
  readonly database: Database;
  readonly registry: Registry;
  readonly rollouts: Rollouts;
  readonly work: RolloutWork;
  readonly devices: TestDevice[] = [];

  constructor(database: Database) {
    this.database = { ...database, now: () => sql<number>`cast(${this.time} as bigint)` };
    this.registry = new Registry(this.database);
    this.rollouts = new Rollouts(this.database);
    this.work = new RolloutWork(this.database);
  }

  async add(count: number, labels = {}, machine: Partial<MachineReport> = {}) {
    const devices = await joined(this.registry, count, labels);
    for (const device of devices) await device.report(this.registry, [machineReport(machine)]);
    this.devices.push(...devices);
    return devices;
  }

  async tick(): Promise<void> {
    for (const id of await this.work.pending())
      await this.database.queries.transaction().execute((changes) => this.work.step(id, changes));
  }

  /** The devices by their places. */
  async byPlace(id: string): Promise<TestDevice[]> {
    const rows = await this.database.queries
      .selectFrom('rolloutMachine')
      .select('device')
      .where('rollout', '=', id)
      .orderBy('place')
      .execute();
    return rows.map(({ device }) => this.devices.find((each) => each.id === device)!);
  }

  async order(device: TestDevice, change: Partial<MachineReport> = {}) {
    const answer = await device.report(this.registry, [machineReport(change)]);
    return answer!.orders.machines.pump;
  }
}

async function newFleet(engine: Database['engine'], devices: number, context: TestContext): Promise<Fleet> {
  const fleet = new Fleet(await opened(await newDatabase(engine, context), context));
  await fleet.add(devices);
  return fleet;
}

const base = (sha256: string) => ({ sha256, name: 'pump', carrying: null, since: '2026-12-01T00:00:00.000Z' });
const HAS = { base: base(NEW), former: sha('a'), state: 'probation' } as const;

function trial(counts: Partial<ReportedWay> = {}): ReportedTrial {
  const way = { compared: 1000, differed: 40, labelled: 40, gained: 20, lost: 20 };
  return { sha256: NEW, ways: [{ carrying: 'carry', ...way, ended: null, ...counts }] };
}

const trying = (counts?: Partial<ReportedWay>) => ({ candidate: NEW, state: 'shadow', trial: trial(counts) }) as const;

describe.each(ENGINES)('a rollout, in %s,', (engine) => {
  it('goes from the shadow over its waves to all machines', async (context) => {
    const fleet = await newFleet(engine, 60, context);
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    const devices = await fleet.byPlace(id);
    for (const device of devices.slice(0, 50)) {
      expect(await fleet.order(device)).toEqual({ kind: 'try', sha256: NEW, carrying: 'carry' });
      await fleet.order(device, trying());
    }
    expect(await fleet.order(devices[50]!)).toEqual({ kind: 'keep' });
    expect(await fleet.rollouts.get(id)).toMatchObject({
      ...{ phase: 'shadow', machines: 60, judging: 50, exposed: 0, states: { trying: 50, waiting: 10, silent: 0 } },
      counts: { compared: 50_000, differed: 2000, labelled: 2000, gained: 1000, lost: 1000 },
    });
    const shares = [3, 15, 60];
    for (const [wave, machines] of shares.entries()) {
      await fleet.tick();
      expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'waves', waves: wave + 1, since: fleet.time });
      fleet.time += DAY;
      for (const [place, device] of devices.entries())
        expect(await fleet.order(device, place < machines ? HAS : place < 50 ? trying() : {})).toMatchObject(
          place < machines ? { kind: 'install', watch: true } : place < 50 ? { kind: 'try' } : { kind: 'keep' },
        );
    }
    await fleet.tick();
    const ended = await fleet.rollouts.get(id);
    expect(ended).toMatchObject({ phase: 'done', waves: 3, ended: fleet.time, installed: 60, exposed: 60 });
    const begun = [0, 1, 2].map((days) => fleet.time - (3 - days) * DAY);
    expect(ended!.marks).toEqual(
      shares.map((machines, k) => ({ share: [0.05, 0.25, 1][k], machines, begun: begun[k] })),
    );
    expect(await fleet.order(devices[0]!, HAS)).toEqual({ kind: 'keep' });
    expect(await fleet.order(devices[1]!)).toMatchObject({ kind: 'install', watch: false });
    expect(await checkHistory(fleet.database)).toMatchObject({ kind: 'whole' });
    const actions = await fleet.database.queries
      .selectFrom('history')
      .select(['actor', 'action'])
      .where('subject', '=', id)
      .execute();
    const advance = { actor: 'controller', action: 'advance' };
    expect(actions).toEqual([{ actor: 'ann', action: 'begin' }, ...Array.from({ length: 4 }, () => advance)]);
  });

  it('is stopped in the shadow where the base is worse, and machines leave it', async (context) => {
    const fleet = await newFleet(engine, 55, context);
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    const devices = await fleet.byPlace(id);
    for (const device of devices.slice(0, 50)) await fleet.order(device, trying({ gained: 5, lost: 35 }));
    await fleet.tick();
    expect(await fleet.rollouts.get(id)).toMatchObject({
      ...{ phase: 'stopped', exposed: 0, ended: fleet.time, states: { trying: 50, waiting: 5 } },
      reason: 'it was wrong 1750 times where the present base was right; the reverse happened 250 times',
    });
    expect(await fleet.order(devices[0]!, trying())).toEqual({ kind: 'leave', sha256: NEW });
    expect(await fleet.order(devices[0]!)).toEqual({ kind: 'keep' });
    expect(await fleet.rollouts.get(id)).toMatchObject({ states: { trying: 49, left: 1, waiting: 5 } });
    const [fresh] = await fleet.add(1, {}, { base: null });
    expect(await fleet.order(fresh!, { base: null })).toEqual({ kind: 'wait' });
    const next = await fleet.rollouts.begin({ ...REQUEST, sha256: sha('c') }, 'ann');
    expect(next).not.toBe(id);
    expect(await fleet.order(fresh!, { base: null })).toEqual({ kind: 'wait' });
  });

  it('lets a machine without a base wait while it is open, and gives it the base when that is proven', async (context) => {
    const fleet = await newFleet(engine, 1, context);
    const [before] = await fleet.add(1, {}, { model: 'fan', base: null });
    const fan = { model: 'fan', base: null } as const;
    expect(await fleet.order(before!, fan)).toEqual({ kind: 'keep' });
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    const [fresh] = await fleet.add(1, {}, { base: null });
    expect(await fleet.order(fresh!, { base: null })).toEqual({ kind: 'wait' });
    expect(await fleet.order(before!, fan)).toEqual({ kind: 'keep' });
    const approved = fleet.database.queries.updateTable('rollout').set({ phase: 'held', waves: 3 });
    await approved.where('id', '=', id).execute();
    await fleet.rollouts.approve(id, 'ann');
    expect(await fleet.order(fresh!, { base: null })).toMatchObject({ kind: 'install', sha256: NEW });
    const [later] = await fleet.add(1, {}, { base: null });
    expect(await fleet.order(later!, { base: null })).toEqual({ kind: 'keep' });
  });

  it('is stopped by failures and held by silence, which machines that a person pinned are not', async (context) => {
    const fleet = await newFleet(engine, 60, context);
    const id = await fleet.rollouts.begin({ ...REQUEST, plan: { ...REQUEST.plan, mostSilent: 0.1 } }, 'ann');
    const devices = await fleet.byPlace(id);
    fleet.time += SILENT_AFTER + 1;
    for (const device of devices.slice(0, 44)) await fleet.order(device, trying({ differed: 60, labelled: 60 }));
    await fleet.order(devices[44]!, { pinned: true });
    expect(await fleet.rollouts.get(id)).toMatchObject({ states: { trying: 44, pinned: 1, silent: 5, waiting: 10 } });
    const wish = { state: 'silent', limit: 3 } as const;
    const page = (await fleet.rollouts.machines(id, wish))!;
    expect(page.items.map(({ place }) => place)).toEqual([45, 46, 47]);
    const rest = (await fleet.rollouts.machines(id, { ...wish, after: page.next! }))!;
    expect([rest.items.map(({ place }) => place), rest.next]).toEqual([[48, 49], null]);
    const refused = [{ sha256: NEW, cause: 'machine', reason: 'it is too slow' }] as const;
    for (const device of devices.slice(0, 2)) await fleet.order(device, { refused });
    await fleet.tick();
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'shadow', states: { failed: 2 } });
    expect(await fleet.order(devices[2]!, { refused })).toEqual({ kind: 'keep' });
    await fleet.tick();
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'stopped', reason: 'it failed on 3 of 49 machines' });
  });

  it('hears nothing of machines that a device invents, and gives it no more places than machines', async (context) => {
    const fleet = await newFleet(engine, 210, context);
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    const liar = fleet.devices[0]!;
    const better = trying({ differed: 1000, labelled: 1000, gained: 1000, lost: 0 });
    for (let round = 0; round < 3; round++) {
      const machines = Array.from({ length: 60 }, (_, k) => machineReport({ machine: `m ${round} ${k}`, ...better }));
      await liar.report(fleet.registry, machines);
    }
    expect(await fleet.rollouts.get(id)).toMatchObject({ machines: 210 + 63, evidence: { worse: 1, notWorse: 1 } });
  });

  it('hears each device once, however many machines it watches, and none that has left', async (context) => {
    const fleet = await newFleet(engine, 3, context);
    const [one, two, three] = fleet.devices as [TestDevice, TestDevice, TestDevice];
    const machines = ['pump', 'fan', 'mill'];
    await one.report(
      fleet.registry,
      machines.map((machine) => machineReport({ machine })),
    );
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    await one.report(
      fleet.registry,
      machines.map((machine) => machineReport({ machine, ...trying() })),
    );
    for (const device of [two, three]) await fleet.order(device, trying());
    expect(await fleet.rollouts.get(id)).toMatchObject({ machines: 5, judging: 3, counts: { labelled: 200 } });
    await fleet.registry.revoke(three.id, 'ann');
    expect(await fleet.rollouts.get(id)).toMatchObject({ judging: 2 });
  });

  it('begins anew with machines that had refused the base last, and does not stop for them', async (context) => {
    const refused = [{ sha256: NEW, cause: 'machine', reason: 'it is too slow' }] as const;
    const fleet = await newFleet(engine, 60, context);
    await fleet.add(5, {}, { refused });
    const plan = { ...REQUEST.plan, shadow: 55 };
    const id = await fleet.rollouts.begin({ ...REQUEST, plan }, 'ann');
    await fleet.tick();
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'shadow', states: { failed: 5 } });
    const devices = await fleet.byPlace(id);
    expect(devices.slice(60)).toEqual(expect.arrayContaining(fleet.devices.slice(60)));
  });

  it('counts a machine that falls silent with the base as silent, not as reached', async (context) => {
    const fleet = await newFleet(engine, 60, context);
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    const devices = await fleet.byPlace(id);
    for (const device of devices.slice(0, 50)) await fleet.order(device, trying());
    await fleet.tick();
    for (const device of devices.slice(0, 3)) await fleet.order(device, HAS);
    fleet.time += DAY;
    for (const device of devices.slice(1)) await fleet.order(device, device === devices[1] ? HAS : {});
    await fleet.tick();
    const reason = '1 of 3 machines do not report';
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'held', reason, exposed: 3 });
  });

  it('waits for an approval, proceeds by it, is paused, resumed and aborted', async (context) => {
    const fleet = await newFleet(engine, 50, context);
    const id = await fleet.rollouts.begin({ ...REQUEST, plan: { ...REQUEST.plan, approval: true } }, 'ann');
    const devices = await fleet.byPlace(id);
    await expect(fleet.rollouts.approve(id, 'bob')).rejects.toThrow('is not held');
    await fleet.rollouts.pause(id, 'bob');
    await expect(fleet.rollouts.pause(id, 'bob')).rejects.toThrow('is paused');
    expect(await fleet.order(devices[0]!)).toEqual({ kind: 'keep' });
    for (const device of devices) await fleet.order(device, trying());
    await fleet.tick();
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'shadow', paused: true });
    await fleet.rollouts.resume(id, 'bob');
    expect(await fleet.order(devices[0]!)).toMatchObject({ kind: 'try' });
    await fleet.tick();
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'held', paused: false });
    await fleet.rollouts.approve(id, 'bob');
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'waves', waves: 1 });
    await fleet.rollouts.abort(id, 'bob');
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'stopped', reason: 'bob aborted it' });
    for (const act of ['approve', 'pause', 'resume', 'abort'] as const) {
      await expect(fleet.rollouts[act](id, 'bob')).rejects.toThrow('has ended');
      for (const unknown of ["'; --", 'a\0b', '0'.repeat(16)])
        await expect(fleet.rollouts[act](unknown, 'bob')).rejects.toThrow('is unknown');
    }
    expect(await fleet.work.pending()).toEqual([]);
    const { actions } = await fleet.database.queries
      .selectFrom('history')
      .select(({ fn }) => fn.countAll<number>().as('actions'))
      .where('subject', '=', id)
      .where('actor', '!=', 'controller')
      .executeTakeFirstOrThrow();
    expect(actions).toBe(5);
  });

  it('waits for as many people as the plan names, of whom none began it', async (context) => {
    const fleet = await newFleet(engine, 50, context);
    const plan = { ...REQUEST.plan, approval: { by: 'administer', people: 2 } } as const;
    const id = await fleet.rollouts.begin({ ...REQUEST, plan }, 'ann');
    for (const device of await fleet.byPlace(id)) await fleet.order(device, trying());
    await fleet.tick();
    const reason = 'it is not worse; the plan wants an approval by 2 people with the role administer';
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'held', reason, approvals: [] });
    await expect(fleet.rollouts.approve(id, 'ann', 'administer')).rejects.toThrow(
      'ann has begun it; expected 2 differ',
    );
    await expect(fleet.rollouts.approve(id, 'bob', 'release')).rejects.toThrow('bob has the role release');
    await fleet.rollouts.approve(id, 'bob', 'administer');
    await expect(fleet.rollouts.approve(id, 'bob', 'administer')).rejects.toThrow('bob has approved it already');
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'held', waves: 0, approvals: ['bob'] });
    await fleet.rollouts.approve(id, 'cem', 'administer');
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'waves', waves: 1, approvals: ['bob', 'cem'] });
    const history = fleet.database.queries.selectFrom('history').select('actor').where('action', '=', 'approve');
    expect(await history.execute()).toEqual([{ actor: 'bob' }, { actor: 'cem' }]);
    // What a wave is held for, one person approves.
    await fleet.database.queries.updateTable('rollout').set({ phase: 'held' }).execute();
    await fleet.rollouts.approve(id, 'ann');
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'waves', waves: 2 });
  });

  it('tells machines to install the base only in the hours of its plan, and holds to what it told', async (context) => {
    const fleet = await newFleet(engine, 50, context);
    const hours = { from: '22:00', to: '05:00', zone: 'Europe/Berlin' } as const;
    const id = await fleet.rollouts.begin({ ...REQUEST, plan: { ...REQUEST.plan, hours, waves: [0.5, 1] } }, 'ann');
    const devices = await fleet.byPlace(id);
    fleet.time = Date.parse('2026-12-02T12:00:00Z');
    for (const device of devices) await fleet.order(device, trying());
    await fleet.tick();
    const since = Date.parse('2026-12-02T21:00:00Z');
    const waitsUntil = '22:00 (Europe/Berlin)';
    expect(await fleet.rollouts.get(id)).toMatchObject({
      phase: 'waves',
      since,
      waitsUntil,
      marks: [{ begun: since }, {}],
    });
    expect(await fleet.order(devices[0]!, trying())).toMatchObject({ kind: 'try' });
    fleet.time = since;
    expect(await fleet.rollouts.get(id)).toMatchObject({ waitsUntil: null });
    expect(await fleet.order(devices[0]!, trying())).toMatchObject({ kind: 'install' });
    fleet.time += 8 * HOUR;
    expect(await fleet.order(devices[0]!, trying())).toMatchObject({ kind: 'install' });
    expect(await fleet.order(devices[1]!, trying())).toMatchObject({ kind: 'try' });
    expect(await fleet.rollouts.get(id)).toMatchObject({ waitsUntil });
    await fleet.rollouts.abort(id, 'ann');
    expect(await fleet.order(devices[0]!, HAS)).toEqual({ kind: 'leave', sha256: NEW });
  });

  it('takes no machine of another open rollout, and only those of its group', async (context) => {
    const fleet = await newFleet(engine, 3, context);
    const mill = await fleet.add(2, { site: 'mill' });
    const id = await fleet.rollouts.begin({ ...REQUEST, labels: { site: 'mill' } }, 'ann');
    expect((await fleet.byPlace(id)).map((device) => device.id).sort()).toEqual(mill.map((device) => device.id).sort());
    await expect(fleet.rollouts.begin(REQUEST, 'ann')).rejects.toThrow(
      '2 of 5 machines are in another open rollout; expected other labels, or the end of that rollout',
    );
    const [late, other] = [await fleet.add(1, { site: 'mill' }), await fleet.add(1, { site: 'shed' })];
    expect(await fleet.order(late[0]!)).toMatchObject({ kind: 'try' });
    expect(await fleet.order(other[0]!)).toEqual({ kind: 'keep' });
    expect(await fleet.rollouts.get(id)).toMatchObject({ machines: 3 });
    expect((await fleet.rollouts.list({ limit: 10 })).items.map((each) => each.id)).toEqual([id]);
    await expect(fleet.rollouts.begin({ ...REQUEST, model: 'fan' }, 'ann')).rejects.toThrow('no machine has the model');
    await fleet.rollouts.abort(id, 'ann');
    await fleet.rollouts.begin({ ...REQUEST, sha256: sha('c') }, 'ann');
  });

  it('holds back no other rollout by machines that are gone from it, or silent for a week', async (context) => {
    const fleet = await newFleet(engine, 1, context);
    const [changed, silent] = (await fleet.add(2, { site: 'mill' })) as [TestDevice, TestDevice];
    const first = await fleet.rollouts.begin(REQUEST, 'ann');
    fleet.time += 8 * DAY;
    await fleet.order(fleet.devices[0]!);
    const fan = { ...REQUEST, model: 'fan', sha256: sha('f') };
    await fleet.order(changed, { model: 'fan' });
    const second = await fleet.rollouts.begin(fan, 'ann');
    expect(await fleet.order(changed, { model: 'fan' })).toMatchObject({ kind: 'try', sha256: sha('f') });
    const third = await fleet.rollouts.begin({ ...REQUEST, sha256: sha('c'), labels: { site: 'mill' } }, 'ann');
    expect(await fleet.order(silent)).toMatchObject({ kind: 'try', sha256: sha('c') });
    expect(await fleet.rollouts.get(first)).toMatchObject({ machines: 3, states: { waiting: 1, gone: 2 } });
    // With its former model it is back on its place, and the other rollout goes on without it.
    expect(await fleet.order(changed)).toMatchObject({ kind: 'try', sha256: NEW });
    expect(await fleet.rollouts.get(first)).toMatchObject({ machines: 3, states: { waiting: 2, gone: 1 } });
    expect(await fleet.rollouts.get(second)).toMatchObject({ machines: 1, states: { gone: 1 } });
    await fleet.rollouts.abort(third, 'ann');
    expect(await fleet.order(silent)).toMatchObject({ kind: 'try', sha256: NEW });
    expect(await fleet.rollouts.get(first)).toMatchObject({ machines: 3, states: { waiting: 3 } });
  });

  it('takes in a machine that has the model of another open rollout since', async (context) => {
    const fleet = await newFleet(engine, 1, context);
    const [device] = fleet.devices as [TestDevice];
    await fleet.add(1, {}, { model: 'fan' });
    await fleet.rollouts.begin(REQUEST, 'ann');
    const second = await fleet.rollouts.begin({ ...REQUEST, model: 'fan', sha256: sha('f') }, 'ann');
    expect(await fleet.order(device, { model: 'fan' })).toMatchObject({ kind: 'try', sha256: sha('f') });
    expect(await fleet.rollouts.get(second)).toMatchObject({ machines: 2, states: { waiting: 2 } });
  });

  it('gives machines that come while it is open the last places', async (context) => {
    const fleet = await newFleet(engine, 3, context);
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    const late = await fleet.add(2);
    await fleet.add(1, {}, { model: 'fan' });
    const places = (await fleet.rollouts.machines(id, { limit: 10 }))!.items;
    expect(places.map(({ place, device }) => [place, device]).slice(3)).toEqual(late.map(({ id }, k) => [k + 3, id]));
    expect(await fleet.rollouts.get(id)).toMatchObject({ machines: 5, states: { waiting: 5 } });
    expect(await fleet.order(late[0]!)).toMatchObject({ kind: 'try' });
    await fleet.registry.retire(late[1]!.id, 'ann');
    expect(await fleet.rollouts.get(id)).toMatchObject({ machines: 5, states: { waiting: 4, gone: 1 } });
    await late[0]!.report(fleet.registry, []);
    expect(await fleet.rollouts.get(id)).toMatchObject({ machines: 5, states: { waiting: 3, gone: 2 } });
    await fleet.order(late[0]!);
    expect(await fleet.rollouts.get(id)).toMatchObject({ machines: 5, states: { waiting: 4, gone: 1 } });
  });

  it('that is done takes the place of earlier ones, and a stopped one does not', async (context) => {
    const fleet = await newFleet(engine, 1, context);
    const [device] = fleet.devices;
    const end = async (sha256: string, phase: 'done' | 'stopped') => {
      fleet.time += 1;
      const id = await fleet.rollouts.begin({ ...REQUEST, sha256 }, 'ann');
      if (phase === 'stopped') await fleet.rollouts.abort(id, 'ann');
      else
        await fleet.database.queries
          .updateTable('rollout')
          .set({ phase: 'held', waves: 3 })
          .where('id', '=', id)
          .execute();
      if (phase === 'done') await fleet.rollouts.approve(id, 'ann');
      return id;
    };
    const ids = [await end(sha('c'), 'done'), await end(sha('d'), 'stopped')];
    const standings = async () => {
      const rows = await fleet.database.queries.selectFrom('rolloutMachine').select(['rollout', 'standing']).execute();
      return ids.map((id) => rows.find(({ rollout }) => rollout === id)!.standing);
    };
    expect(await standings()).toEqual(['ended', 'ended']);
    expect(await fleet.order(device!)).toMatchObject({ kind: 'install', sha256: sha('c'), watch: false });
    ids.push(await end(sha('e'), 'done'));
    expect(await standings()).toEqual(['replaced', 'replaced', 'ended']);
    expect(await fleet.order(device!)).toMatchObject({ kind: 'install', sha256: sha('e'), watch: false });
  });

  it('brings a wave to its share of the machines that can get the base, whoever comes later', async (context) => {
    const fleet = await newFleet(engine, 60, context);
    await fleet.add(40, {}, { pinned: true });
    const id = await fleet.rollouts.begin({ ...REQUEST, plan: { ...REQUEST.plan, waves: [0.5, 1] } }, 'ann');
    const devices = await fleet.byPlace(id);
    for (const device of devices.slice(0, 20)) await device.report(fleet.registry, []); // they are gone
    const held = fleet.database.queries.updateTable('rollout').set({ phase: 'held' });
    await held.execute();
    await fleet.rollouts.approve(id, 'ann');
    const marks = async () => (await fleet.rollouts.get(id))!.marks.map(({ machines }) => machines);
    // Half of the 40 that are neither gone nor pinned: places 20 to 39.
    expect(await marks()).toEqual([20, 40]);
    expect(await fleet.order(devices[39]!)).toMatchObject({ kind: 'install' });
    expect(await fleet.order(devices[40]!)).toMatchObject({ kind: 'try' });
    await fleet.add(20);
    expect(await marks()).toEqual([30, 60]);
    expect(await fleet.order(devices[40]!)).toMatchObject({ kind: 'try' });
    await held.execute();
    await fleet.rollouts.approve(id, 'ann');
    const [late] = await fleet.add(1);
    expect(await fleet.order(late!)).toMatchObject({ kind: 'install' });
  });

  it('does not wait for machines whose repository offers another base since', async (context) => {
    const fleet = await newFleet(engine, 60, context);
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    const devices = await fleet.byPlace(id);
    for (const device of devices.slice(0, 50)) await fleet.order(device, trying());
    for (const device of devices.slice(0, 10)) await fleet.order(device, { unoffered: NEW });
    expect(await fleet.rollouts.get(id)).toMatchObject({ judging: 50, states: { unoffered: 10, trying: 40 } });
    // They look again, so they are back as soon as it is offered.
    expect(await fleet.order(devices[0]!, { unoffered: NEW })).toMatchObject({ kind: 'try' });
    for (const device of devices.slice(10, 50)) await fleet.order(device, { unoffered: NEW });
    fleet.time += DAY;
    for (const device of devices) await fleet.order(device, device === devices[59] ? {} : { unoffered: NEW });
    await fleet.database.queries.updateTable('rollout').set({ phase: 'waves', waves: 1, wavePlaces: '[5]' }).execute();
    await fleet.tick();
    const reason = 'the repository of 5 of 5 machines does not offer this base: publish it again, or abort';
    expect(await fleet.rollouts.get(id)).toMatchObject({ phase: 'held', reason });
  });

  it('is no work while nothing of it changes', async (context) => {
    const fleet = await newFleet(engine, 50, context);
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    const devices = await fleet.byPlace(id);
    expect(await fleet.work.pending()).toEqual([]);
    for (const device of devices) await fleet.order(device, trying());
    expect(await fleet.work.pending()).toEqual([id]);
    await fleet.rollouts.pause(id, 'ann');
    expect(await fleet.work.pending()).toEqual([]);
    await fleet.rollouts.resume(id, 'ann');
    await fleet.tick();
    expect(await fleet.work.pending()).toEqual([]);
    await fleet.order(devices[0]!, HAS);
    expect(await fleet.work.pending()).toEqual([id]);
    await fleet.tick();
    expect(await fleet.work.pending()).toEqual([]);
    await fleet.database.queries.updateTable('rollout').set({ plan: '{' }).execute();
    expect(await fleet.work.pending()).toEqual([id]);
  });

  it('gives up its machines 90 days after its end, but not what they are still to do', async (context) => {
    const fleet = await newFleet(engine, 4, context);
    const [has, left, retired] = fleet.devices as [TestDevice, TestDevice, TestDevice];
    const first = await fleet.rollouts.begin(REQUEST, 'ann');
    for (const device of [has, left]) await fleet.order(device, HAS);
    await fleet.rollouts.abort(first, 'ann');
    await fleet.order(left, { former: null });
    await fleet.registry.retire(retired.id, 'ann');
    const lease = { name: first, holder: 'a', epoch: 1, expires: fleet.time };
    await fleet.database.queries.insertInto('lease').values(lease).execute();
    const rows = async () => {
      const machines = fleet.database.queries.selectFrom('rolloutMachine').select('device');
      return (await machines.where('rollout', '=', first).execute()).map(({ device }) => device);
    };
    for (const [days, left] of [
      [80, 4],
      [20, 1],
    ] as const) {
      fleet.time += days * DAY;
      await fleet.rollouts.abort(await fleet.rollouts.begin({ ...REQUEST, sha256: sha('c') }, 'ann'), 'ann');
      expect(await rows()).toHaveLength(left);
    }
    expect(await rows()).toEqual([has.id]);
    expect(await fleet.order(has, HAS)).toEqual({ kind: 'leave', sha256: NEW });
    expect(await fleet.database.queries.selectFrom('lease').selectAll().execute()).toEqual([]);
    expect(await fleet.rollouts.get(first)).toMatchObject({ phase: 'stopped', machines: 4 });
  });

  it('puts machines that cannot try the base last', async (context) => {
    const fleet = await newFleet(engine, 20, context);
    const pinned = await fleet.add(1, {}, { pinned: true });
    const fresh = await fleet.add(1, {}, { base: null });
    const having = await fleet.add(1, {}, HAS);
    const id = await fleet.rollouts.begin(REQUEST, 'ann');
    const last = (await fleet.byPlace(id)).slice(-3).map((device) => device.id);
    expect(last.sort()).toEqual([...pinned, ...fresh, ...having].map((device) => device.id).sort());
    expect(await fleet.rollouts.get(id)).toMatchObject({
      exposed: 1,
      states: { pinned: 1, installed: 1, waiting: 21 },
    });
  });

  it('is listed page by page, the newest first', async (context) => {
    const fleet = await newFleet(engine, 1, context);
    const [ids, begun] = [[] as string[], new Map<string, number>()];
    for (let k = 0; k < 5; k++) {
      fleet.time += k % 2; // some begin in the same millisecond
      ids.unshift(await fleet.rollouts.begin(REQUEST, `ann ${k}`));
      begun.set(ids[0]!, fleet.time);
      if (k < 4) await fleet.rollouts.abort(ids[0]!, 'ann');
    }
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await fleet.rollouts.list({ limit: 2, after });
      listed.push(...page.items.map(({ id }) => id));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(listed).toEqual([...ids].sort((a, b) => begun.get(b)! - begun.get(a)! || (a < b ? -1 : 1)));
    expect((await fleet.rollouts.list({ limit: 9, phase: 'open' })).items.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await fleet.rollouts.list({ limit: 9, phase: 'ended' })).items).toHaveLength(4);
    for (const wrong of ['x', "'; --", 'WyJhIiwiYiJd'])
      await expect(fleet.rollouts.list({ limit: 2, after: wrong })).rejects.toMatchObject({ code: 'input' });
    await expect(fleet.rollouts.list({ limit: 101 })).rejects.toMatchObject({ code: 'input' });
  });
});

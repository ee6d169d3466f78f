import { RandomGenerator, SpikewireError } from '@spikewire/models';
import type { MachineReport } from 'spikewire/agent';
import { describe, expect, it } from 'vitest';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { Registry } from '../devices/registry.ts';
import { joined, machineReport, sha, type TestDevice } from '../devices/test-device.test-data.ts';
import { checkHistory } from '../history/history.ts';
import { DEFAULT_PLAN } from './plan.ts';
import { RolloutWork } from './rollout-work.ts';
import { Rollouts } from './stored-rollouts.ts';

const MACHINES = 8;

function machines(random: RandomGenerator): MachineReport[] {
  const names = Array.from({ length: MACHINES }, (_, k) => `pump-${k}`);
  if (random.nextUniform() < 0.5) names.reverse();
  return names.slice(random.nextUniform() < 0.2 ? 1 : 0).map((machine) => machineReport({ machine }));
}

describe.each(ENGINES)('two controllers that work at a time, in %s,', (engine) => {
  it('give each machine one place in one open rollout, and lose nothing', async (context) => {
    const address = await newDatabase(engine, context);
    const controllers = await Promise.all(
      [1, 2].map(async () => {
        const database = await opened(address, context);
        const [registry, rollouts] = [new Registry(database), new Rollouts(database)];
        return { database, registry, rollouts, work: new RolloutWork(database) };
      }),
    );
    const random = new RandomGenerator(5, 'controllers');
    const draw = <Item>(items: readonly Item[]) => items[random.nextUint32() % items.length]!;
    const devices = await joined(controllers[0]!.registry, 12, { site: 'mill' });
    const [accepted, failures] = [new Map<TestDevice, number>(), [] as unknown[]];
    const request = (site: string) => ({
      ...{ name: 'pump', model: 'pump', channel: 'stable', sha256: sha(draw(['b', 'c'])) },
      ...{ labels: { site }, plan: DEFAULT_PLAN },
    });
    const act = async () => {
      const { database, registry, rollouts, work } = draw(controllers);
      const open = (await rollouts.list({ limit: 100, phase: 'open' })).items.map(({ id }) => id);
      const device = draw(devices);
      const kind = random.nextUniform();
      if (kind < 0.7) {
        await device.report(registry, machines(random));
        accepted.set(device, (accepted.get(device) ?? 0) + 1);
      } else if (kind < 0.8) await rollouts.begin(request(draw(['mill', 'shed'])), 'ann');
      else if (kind < 0.85) await registry.relabel(device.id, { site: draw(['mill', 'shed']) }, 'ann');
      else if (open.length === 0) return;
      else if (kind < 0.95) await rollouts.abort(draw(open), 'ann');
      else await database.queries.transaction().execute((changes) => work.step(draw(open), changes));
    };
    for (let round = 0; round < 12; round++) {
      const done = await Promise.allSettled(Array.from({ length: 25 }, act));
      failures.push(...done.flatMap((each) => (each.status === 'rejected' ? each.reason : [])));
    }
    // Refused is what cannot be: an earlier report behind a later one, and rollouts over the same machines.
    expect(failures.filter((failure) => !(failure instanceof SpikewireError))).toEqual([]);
    const { queries } = controllers[0]!.database;
    for (const rollout of await queries.selectFrom('rollout').selectAll().execute()) {
      const rows = await queries.selectFrom('rolloutMachine').selectAll().where('rollout', '=', rollout.id).execute();
      const places = rows.map(({ place }) => place).sort((a, b) => a - b);
      expect(places).toEqual(Array.from({ length: rollout.machines }, (_, place) => place));
      // Another rollout may have taken over a machine that is gone from this one.
      const isOpen = (row: (typeof rows)[number]) => row.standing === 'open';
      if (rollout.ended !== null) expect(rows.filter(isOpen)).toEqual([]);
      else expect(rows.filter((row) => !isOpen(row) && row.state !== 'gone')).toEqual([]);
    }
    const open = await queries.selectFrom('rolloutMachine').selectAll().where('standing', '=', 'open').execute();
    expect(new Set(open.map(({ device, machine }) => `${device} ${machine}`)).size).toBe(open.length);
    for (const device of devices) {
      const { counter } = await queries
        .selectFrom('device')
        .select('counter')
        .where('id', '=', device.id)
        .executeTakeFirstOrThrow();
      expect(counter).toBeLessThanOrEqual(device.counter);
      if (accepted.has(device)) expect(counter).toBeGreaterThanOrEqual(accepted.get(device)!);
    }
    expect(await checkHistory(controllers[0]!.database)).toMatchObject({ kind: 'whole' });
  });
});

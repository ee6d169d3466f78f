import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { note } from '../history/history.ts';
import { Leases } from './leases.ts';

const LONG = 60_000;

async function leasesOf(address: string, holder: string, milliseconds: number, context: TestContext) {
  const database = await opened(address, context);
  return { database, leases: new Leases({ database, holder, milliseconds }) };
}

describe.each(ENGINES)('leases in %s', (engine) => {
  it('are given to one of many that want them at a time', async (context) => {
    const address = await newDatabase(engine, context);
    const holders = await Promise.all(['a', 'b', 'c'].map((holder) => leasesOf(address, holder, LONG, context)));
    const wanted = holders.flatMap(({ leases }) => Array.from({ length: 10 }, () => leases.take('rollout')));
    const taken = (await Promise.all(wanted)).filter((lease) => lease !== undefined);
    expect(taken).toEqual([{ name: 'rollout', epoch: 1 }]);
  });

  it('go to another controller when they expire, and the earlier one changes nothing any more', async (context) => {
    const address = await newDatabase(engine, context);
    const [a, b] = await Promise.all(['a', 'b'].map((holder) => leasesOf(address, holder, 50, context)));
    const first = (await a!.leases.take('rollout'))!;
    expect(await b!.leases.take('rollout')).toBeUndefined();
    await pause(100);
    expect(await b!.leases.take('rollout')).toEqual({ name: 'rollout', epoch: 2 });
    let isDone = false;
    expect(await a!.leases.inside(first, async () => (isDone = true))).toBeUndefined();
    expect(isDone).toBe(false);
  });

  it('are renewed by each step, and last no longer than the last one', async (context) => {
    const address = await newDatabase(engine, context);
    const [a, b] = await Promise.all(['a', 'b'].map((holder) => leasesOf(address, holder, 2000, context)));
    const lease = (await a!.leases.take('rollout'))!;
    const expiry = () => a!.database.queries.selectFrom('lease').select('expires').executeTakeFirstOrThrow();
    const { expires: before } = await expiry();
    await pause(20);
    expect(await a!.leases.inside(lease, async () => 'done')).toBe('done');
    expect((await expiry()).expires).toBeGreaterThanOrEqual(before + 20);
    await a!.leases.release(lease);
    expect(await b!.leases.take('rollout')).toEqual({ name: 'rollout', epoch: 2 });
    await a!.leases.release(lease);
    expect(await a!.leases.take('rollout')).toBeUndefined();
  });

  it('keep nothing of a step that fails', async (context) => {
    const { database, leases } = await leasesOf(await newDatabase(engine, context), 'a', LONG, context);
    const lease = (await leases.take('rollout'))!;
    const step = leases.inside(lease, async (changes) => {
      await note(changes, database.now, { actor: 'a', action: 'begin', subject: 'rollout' });
      throw new Error('the disk is full');
    });
    await expect(step).rejects.toThrow('the disk is full');
    expect(await database.queries.selectFrom('history').selectAll().execute()).toEqual([]);
  });

  it('use the clock of the database, in milliseconds', async (context) => {
    const { database, leases } = await leasesOf(await newDatabase(engine, context), 'a', 1000, context);
    const before = Date.now();
    await leases.take('rollout');
    const { expires } = await database.queries.selectFrom('lease').select('expires').executeTakeFirstOrThrow();
    expect(Math.abs(expires - 1000 - before)).toBeLessThan(10_000);
  });
});

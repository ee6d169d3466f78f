import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import { startPostgres } from '../../../../test/postgres.ts';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { checkHistory, note } from '../history/history.ts';
import { removeOld } from '../rollouts/retention.ts';
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
    const [a, b] = await Promise.all(['a', 'b'].map((holder) => leasesOf(address, holder, LONG, context)));
    const first = (await a!.leases.take('rollout'))!;
    expect(await b!.leases.take('rollout')).toBeUndefined();
    await a!.database.queries
      .updateTable('lease')
      .set({ expires: Date.now() - 1000 })
      .execute();
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
    await pause(30);
    expect(await a!.leases.inside(lease, async () => 'done')).toBe('done');
    expect((await expiry()).expires).toBeGreaterThan(before + 10);
    await a!.leases.release(lease);
    expect(await b!.leases.take('rollout')).toEqual({ name: 'rollout', epoch: 2 });
    await a!.leases.release(lease);
    expect(await a!.leases.take('rollout')).toBeUndefined();
  });

  it('keep their epochs when a rollout ends after their release', async (context) => {
    const { database, leases } = await leasesOf(await newDatabase(engine, context), 'a', LONG, context);
    await leases.release((await leases.take('rollout'))!);
    await database.queries.transaction().execute((changes) => removeOld(changes, Date.now()));
    expect(await leases.take('rollout')).toEqual({ name: 'rollout', epoch: 2 });
  });

  it('are not released by a former holder whose row was deleted', async (context) => {
    const address = await newDatabase(engine, context);
    const [a, b] = await Promise.all(['a', 'b'].map((holder) => leasesOf(address, holder, LONG, context)));
    const first = (await a!.leases.take('rollout'))!;
    await a!.database.queries.deleteFrom('lease').execute();
    expect(await b!.leases.take('rollout')).toEqual(first);
    await a!.leases.release(first);
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

describe('controllers of one PostgreSQL', () => {
  async function controllers(context: TestContext) {
    const postgres = await startPostgres(context);
    context.onTestFinished(() => postgres.close());
    const [a, b] = await Promise.all(['a', 'b'].map((holder) => leasesOf(postgres.address, holder, 100, context)));
    return { postgres, a: a!, b: b! };
  }

  it('outlive its end amid a step, and go on when it is back', async (context) => {
    const { postgres, a } = await controllers(context);
    const lease = (await a.leases.take('rollout'))!;
    const step = a.leases.inside(lease, async (changes) => {
      await note(changes, a.database.now, { actor: 'a', action: 'step', subject: 'rollout' });
      await postgres.restart();
    });
    await expect(step).rejects.toThrow();
    const again = await a.leases.inside(lease, async (changes) => {
      await note(changes, a.database.now, { actor: 'a', action: 'step', subject: 'rollout' });
      return 'done';
    });
    expect(again).toBe('done');
    expect(await checkHistory(a.database)).toMatchObject({ kind: 'whole', head: { number: 1 } });
  });

  it('get what one holds that stands still amid a step', async (context) => {
    const { a, b } = await controllers(context);
    const lease = (await a.leases.take('rollout'))!;
    let wake = () => {};
    const step = a.leases.inside(lease, async (changes) => {
      await note(changes, a.database.now, { actor: 'a', action: 'step', subject: 'rollout' });
      await new Promise<void>((resolve) => (wake = resolve));
    });
    step.catch(() => {}); // looked at below
    const wait = { timeout: 30_000, interval: 100 };
    await expect.poll(() => b.leases.take('rollout').catch(() => undefined), wait).toMatchObject({ epoch: 2 });
    const event = { actor: 'b', action: 'step', subject: 'rollout' };
    await b.database.queries.transaction().execute((changes) => note(changes, b.database.now, event));
    wake();
    await expect(step).rejects.toThrow();
    expect(await checkHistory(b.database)).toMatchObject({ kind: 'whole', head: { number: 1 } });
  });
});

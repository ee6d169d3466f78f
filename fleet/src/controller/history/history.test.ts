import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Database } from '../database/database.ts';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { followChain, hashOf, NO_ENTRY } from './chain.ts';
import { checkHistory, entriesBehind, note } from './history.ts';

async function withHistory(engine: Database['engine'], entries: number, context: TestContext) {
  const database = await opened(await newDatabase(engine, context), context);
  for (let k = 1; k <= entries; k++)
    await database.queries.transaction().execute(async (changes) => {
      await note(changes, database.now, { actor: 'ann', action: 'pause', subject: `rollout-${k}`, details: { k } });
    });
  return database;
}

describe.each(ENGINES)('the history in %s', (engine) => {
  it('chains its entries by SHA-256 over what they say', async (context) => {
    const { queries } = await withHistory(engine, 2, context);
    const [first, second] = await queries.selectFrom('history').selectAll().orderBy('number').execute();
    expect(first).toMatchObject({ number: 1, actor: 'ann', subject: 'rollout-1', details: '{"k":1}' });
    expect(first!.previous).toBe('0'.repeat(64));
    const { number, time, previous } = second!;
    const text = `[${number},${time},"ann","pause","rollout-2","{\\"k\\":2}","${previous}"]`;
    expect(second!.hash).toBe(createHash('sha256').update(text).digest('hex'));
    expect(previous).toBe(first!.hash);
  });

  it('has no gap and no fork where several controllers write at a time', async (context) => {
    const address = await newDatabase(engine, context);
    const databases = await Promise.all([1, 2, 3].map(() => opened(address, context)));
    const written = databases.flatMap((database, of) =>
      Array.from({ length: 20 }, (_, k) =>
        database.queries.transaction().execute(async (changes) => {
          await note(changes, database.now, { actor: `controller-${of}`, action: 'step', subject: `${k}` });
        }),
      ),
    );
    await Promise.all(written);
    expect(await checkHistory(databases[0]!)).toMatchObject({ kind: 'whole', head: { number: 60 } });
  });

  it.for([
    { what: 'an entry is changed', number: 3, change: `update history set actor = 'bob' where number = 3` },
    { what: 'an entry is taken out', number: 3, change: 'delete from history where number = 3' },
    { what: 'the number of the head is changed', number: 7, change: 'update "historyHead" set number = 100' },
    { what: 'the last one is taken out', number: 6, change: 'delete from history where number = 6' },
  ])('shows where $what', async ({ number, change }, context) => {
    const database = await withHistory(engine, 6, context);
    await sql.raw(change).execute(database.queries);
    expect(await checkHistory(database)).toEqual({ kind: 'broken', number });
  });

  it('takes no text that would be read otherwise than it was written', async (context) => {
    const database = await withHistory(engine, 1, context);
    for (const actor of ['\ud800', 'a\0b']) {
      const noted = database.queries
        .transaction()
        .execute((changes) => note(changes, database.now, { actor, action: 'x', subject: 'y' }));
      await expect(noted).rejects.toThrow('is not valid text; expected whole characters');
    }
    const event = { actor: 'Zoë 🐝', action: 'x', subject: 'y', details: { said: 'a\0b \ud800' } };
    await database.queries.transaction().execute((changes) => note(changes, database.now, event));
    expect(await checkHistory(database)).toMatchObject({ kind: 'whole', head: { number: 2 } });
  });

  it('shows to whoever has kept its head that it was written anew', async (context) => {
    const database = await withHistory(engine, 4, context);
    const known = await checkHistory(database);
    if (known.kind !== 'whole') throw new Error('it was broken');
    const { queries } = database;
    await queries.deleteFrom('history').execute();
    await queries.deleteFrom('historyHead').execute();
    for (let k = 0; k < 5; k++)
      await queries
        .transaction()
        .execute((changes) => note(changes, database.now, { actor: 'bob', action: 'x', subject: 'y' }));
    expect(await checkHistory(database)).toMatchObject({ kind: 'whole' });
    const followed = followChain((number) => entriesBehind(database, number), { known: known.head });
    expect(await followed).toEqual({ kind: 'broken', number: 4 });
  });

  it('is checked with what is added meanwhile, and others have their turn at the database between its pages', async (context) => {
    const database = await withHistory(engine, 0, context);
    await fill(database, 5000);
    const ended: string[] = [];
    const check = checkHistory(database).then((found) => {
      ended.push('check');
      return found;
    });
    for (let k = 0; k < 5; k++) {
      await database.queries
        .transaction()
        .execute((changes) => note(changes, database.now, { actor: 'ann', action: 'x', subject: 'y' }));
      ended.push('report');
    }
    // A slow database lets the check end before the last of them, and may answer its last page before the newest one.
    const before = ended.indexOf('check') === -1 ? 5 : ended.indexOf('check');
    expect(before).toBeGreaterThan(0);
    const found = await check;
    expect(found.kind).toBe('whole');
    expect((found as { head: { number: number } }).head.number).toBeGreaterThanOrEqual(5000 + before - 1);
  });
});

/** Many entries, as `note` writes them. */
async function fill({ queries }: Database, count: number): Promise<void> {
  let head = NO_ENTRY;
  const rows = Array.from({ length: count }, (_, k) => {
    const said = { actor: 'ann', action: 'pause', subject: 'rollout', details: '{}', previous: head.hash };
    const entry = { number: k + 1, time: 1e12 + k, ...said };
    head = { number: k + 1, hash: hashOf(entry) };
    return { ...entry, hash: head.hash };
  });
  for (let k = 0; k < count; k += 500)
    await queries
      .insertInto('history')
      .values(rows.slice(k, k + 500))
      .execute();
  await queries
    .insertInto('historyHead')
    .values({ id: 1, ...head })
    .execute();
}

import { describe, expect, it, type TestContext } from 'vitest';
import type { Database } from '../database/database.ts';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { checkHistory } from '../history/history.ts';
import { People } from './people.ts';
import { mayDo, PERSON_ROLES } from './role.ts';

async function newPeople(engine: Database['engine'], context: TestContext) {
  const database = await opened(await newDatabase(engine, context), context);
  return { database, people: new People(database) };
}

const ANN = { name: 'Ann', role: 'administer', by: 'controller' } as const;

it('each role may do what those before it may', () => {
  const table = PERSON_ROLES.map((role) => PERSON_ROLES.map((needed) => mayDo(role, needed)));
  expect(table).toEqual([
    [true, false, false, false],
    [true, true, false, false],
    [true, true, true, false],
    [true, true, true, true],
  ]);
});

describe.each(ENGINES)('people, in %s,', (engine) => {
  it('are known by their tokens, of which only hashes are kept', async (context) => {
    const { database, people } = await newPeople(engine, context);
    const [ann, bob] = [await people.add(ANN), await people.add({ name: 'Bob', role: 'look', by: 'Ann' })];
    expect(await people.whose(bob.token)).toMatchObject({ id: bob.id, name: 'Bob', role: 'look', madeBy: 'Ann' });
    for (const token of ['', 'x', ann.token.toLowerCase(), `${ann.token} `, bob.id])
      expect(await people.whose(token)).toBeUndefined();
    const stored = JSON.stringify([
      await database.queries.selectFrom('person').selectAll().execute(),
      await database.queries.selectFrom('history').selectAll().execute(),
    ]);
    expect([stored.includes(ann.token), stored.includes(bob.token), stored.includes('Bob')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(await checkHistory(database)).toMatchObject({ kind: 'whole', head: { number: 2 } });
  });

  it('have different names, which are no names of devices or of the controller', async (context) => {
    const { people } = await newPeople(engine, context);
    await people.add(ANN);
    await expect(people.add(ANN)).rejects.toMatchObject({ code: 'usage' });
    const names = [
      '',
      ' ',
      'a'.repeat(65),
      'controller',
      '0123456789abcdef0123456789abcdef',
      '<b>',
      'a\nb',
      'a\0',
      '\ud800',
    ];
    for (const name of names) await expect(people.add({ ...ANN, name })).rejects.toMatchObject({ code: 'input' });
    await people.add({ ...ANN, name: 'Zoë O.@mill_2 + Łukasz' });
    expect((await people.list()).map(({ name }) => name)).toHaveLength(2);
  });

  it('are removed at once, except the last one who administers', async (context) => {
    const { database, people } = await newPeople(engine, context);
    const [ann, bob] = [await people.add(ANN), await people.add({ name: 'Bob', role: 'release', by: 'Ann' })];
    await expect(people.remove(ann.id, 'Ann')).rejects.toMatchObject({ code: 'usage' });
    expect(await people.whose(ann.token)).toBeDefined();
    await people.remove(bob.id, 'Ann');
    expect(await people.whose(bob.token)).toBeUndefined();
    await expect(people.remove(bob.id, 'Ann')).rejects.toMatchObject({ name: 'SpikewireError' });
    await people.add({ ...ANN, name: 'Carl' });
    await people.remove(ann.id, 'Carl');
    expect((await people.list()).map(({ name }) => name)).toEqual(['Carl']);
    expect(await checkHistory(database)).toMatchObject({ kind: 'whole', head: { number: 5 } });
  });

  it('are never none where two administrators remove each other at a time', async (context) => {
    const address = await newDatabase(engine, context);
    const [one, two] = [new People(await opened(address, context)), new People(await opened(address, context))];
    const [ann, carl] = [await one.add(ANN), await one.add({ ...ANN, name: 'Carl' })];
    const ends = await Promise.allSettled([one.remove(ann.id, 'Carl'), two.remove(carl.id, 'Ann')]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await one.list()).toHaveLength(1);
  });

  it('have a first one, whom one of several controllers makes', async (context) => {
    const address = await newDatabase(engine, context);
    const kept: string[] = [];
    const first = async () =>
      new People(await opened(address, context)).addFirst(async (token) => void kept.push(token));
    const made = await Promise.all([first(), first(), first()]);
    expect([made.filter(Boolean).length, kept.length]).toEqual([1, 1]);
    const people = new People(await opened(address, context));
    expect(await people.whose(kept[0]!)).toMatchObject({ name: 'administrator', role: 'administer' });
    expect(await first()).toBe(false);
  });

  it('have no first one where the token could not be kept', async (context) => {
    const { people } = await newPeople(engine, context);
    await expect(people.addFirst(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
    expect(await people.list()).toEqual([]);
  });

  it('get back in by another token of the first one', async (context) => {
    const { people } = await newPeople(engine, context);
    const kept: string[] = [];
    const keep = async (token: string) => void kept.push(token);
    await people.addFirst(keep);
    await people.renewFirst(keep);
    expect([await people.whose(kept[0]!), (await people.whose(kept[1]!))?.role]).toEqual([undefined, 'administer']);
  });
});

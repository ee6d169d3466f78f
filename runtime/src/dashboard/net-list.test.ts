import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LISTED_NETS, NetList, netsQuery } from './net-list.ts';
import type { DashboardNetState, DashboardSource } from './source.ts';

const states = new Map<string, DashboardNetState>();

function listOf(names: readonly string[], clock = () => 0): NetList {
  const source: Partial<DashboardSource> = {
    nets: () => names.map((name) => ({ id: `id of ${name}`, name })),
    state: (net) => states.get(net),
    course: () => [0, 99],
  };
  return new NetList(source as DashboardSource, clock);
}

function set(name: string, change: Partial<DashboardNetState>): void {
  const net = `id of ${name}`;
  const warmUp = { done: true, readings: 1, of: 1 };
  states.set(net, { net, anomaly: false, learning: true, warmUp, readings: 9, flags: 0, ...change });
}

const query = (text = '') => netsQuery(new URLSearchParams(text));
const rooms = (count: number) => Array.from({ length: count }, (_, k) => `room ${k + 1}`);
const namesOf = (list: NetList, text = '') => list.page(query(text)).nets.map(({ name }) => name);

it('has each net on one page, in natural order, whatever the search and the number of nets', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), fc.constantFrom('', 'room', '1', ' 10 ', 'x'), (count, search) => {
      states.clear();
      const list = listOf(rooms(count).reverse());
      const wanted = rooms(count).filter((name) => name.includes(search.trim()));
      const pages = Math.max(1, Math.ceil(wanted.length / LISTED_NETS));
      const seen = Array.from({ length: pages }, (_, page) => list.page({ ...query(), search, page }));
      expect(seen.flatMap(({ nets }) => nets.map(({ name }) => name))).toEqual(wanted);
      expect(seen.map(({ total, found, from }) => [total, found, from])).toEqual(
        seen.map((_, page) => [count, wanted.length, page * LISTED_NETS]),
      );
      // A page beyond the last is the last: nets may have gone meanwhile.
      expect(list.page({ ...query(), search, page: pages + 7 })).toEqual(seen.at(-1));
    }),
  );
});

it('begins with what is unusual, then with what was lately, and says how many are', () => {
  states.clear();
  let now = 0;
  const names = rooms(100);
  for (const name of names) set(name, {});
  const list = listOf(names, () => now);
  expect(namesOf(list).slice(0, 2)).toEqual(['room 1', 'room 2']);
  set('room 90', { anomaly: true, flags: 1 });
  set('room 70', { flags: 1 });
  expect(namesOf(list).slice(0, 3)).toEqual(['room 90', 'room 70', 'room 1']);
  expect(list.page(query())).toMatchObject({ total: 100, unusual: 1 });
  now = 59_000;
  expect(namesOf(list).slice(0, 3)).toEqual(['room 90', 'room 70', 'room 1']);
  now = 61_000;
  expect(namesOf(list).slice(0, 3)).toEqual(['room 90', 'room 1', 'room 2']);
  expect(namesOf(list, 'search=ROOM 9').slice(0, 3)).toEqual(['room 90', 'room 9', 'room 91']);
  const few = listOf(['room 80', 'room 90']);
  expect(namesOf(few)).toEqual(['room 80', 'room 90']);
});

it('says of each in few bytes how it is, and gives courses only to those who ask', () => {
  states.clear();
  const last = { from: 3, to: 4, begun: 1, ended: 2, flags: 2, score: 9, reason: 'x'.repeat(160) };
  set('a', { anomaly: true, learning: false, muted: true, flags: 2, last });
  set('b', { warmUp: { done: false, readings: 1, of: 2 }, answer: 'idle\u0007' });
  set('c', { readings: 0, gathering: { readings: 1, of: 2 } });
  const list = listOf(['a', 'b', 'c', 'd']);
  const id = (name: string) => ({ id: `id of ${name}`, name });
  expect(list.page(query()).nets).toEqual([
    { ...id('a'), is: 'unusual', isFrozen: true, isMuted: true, flags: 2, flagged: 2 },
    { ...id('b'), is: 'warming', flags: 0, answer: 'idle\\u0007' },
    { ...id('c'), is: 'gathering', flags: 0 },
    { ...id('d'), flags: 0 },
  ]);
  expect(list.page(query('courses')).nets[0]).toMatchObject({ course: [0, 99] });
  expect(list.page(query('brief'))).toMatchObject({ total: 4, unusual: 1, nets: [] });
});

it('is as long for ten thousand nets as for a hundred', () => {
  states.clear();
  const bytes = [100, 10_000].map((count) => {
    const names = Array.from({ length: count }, (_, k) => `sensor ${10_000 + k}`);
    for (const name of names) set(name, {});
    return JSON.stringify(listOf(names).page(query('courses'))).length;
  });
  expect(bytes[1]! - bytes[0]!).toBeLessThan(20);
  expect(bytes[1]).toBeLessThan(LISTED_NETS * 200);
});

it.each(['page=-1', 'page=x', 'page=', 'page=1e999', 'page=NaN', `search=${'x'.repeat(1e5)}`, 'brief&brief=no'])(
  'takes the query %s without failing',
  (text) => {
    const { page, search } = query(text);
    expect(page).toBeGreaterThanOrEqual(0);
    expect(search.length).toBeLessThanOrEqual(256);
    expect(() => JSON.stringify(listOf(rooms(3)).page(query(text)))).not.toThrow();
  },
);

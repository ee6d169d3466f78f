import { describe, expect, it } from 'vitest';
import { foundChannels } from './found-channels.ts';
import { parseChannelPaths } from './path.ts';
import { profileNamed } from './profiles/profiles.ts';
import { ReadingReader } from './reader.ts';

const bytes = (document: unknown) => new TextEncoder().encode(JSON.stringify(document));

it.each([
  [21.5, ['value'], [21.5]],
  ['21.5', ['value'], [21.5]],
  [
    [3, 4],
    ['value 1', 'value 2'],
    [3, 4],
  ],
  [{ temperature: 21, unit: '°C', ok: true }, ['temperature'], [21]],
  [{ contact: 'ON', unit: '°C' }, ['contact'], [1]],
  [{ t: 1_795_000_000_000, values: { b: 2, a: 1 } }, ['b', 'a'], [2, 1]],
  [
    { Time: '2026-11-27T10:00:00', ts: 5, AM2301: { Temperature: 20, Humidity: 40 } },
    ['Temperature', 'Humidity'],
    [20, 40],
  ],
  [
    { in: { temperature: 1, dew: 5 }, out: { temperature: 2 } },
    ['in.temperature', 'dew', 'out.temperature'],
    [1, 5, 2],
  ],
  [{ 'a.b': 7, __proto__: { x: 1 } }, ['a.b'], [7]],
])('finds in %j the channels %j, which a reader then reads', (message, names, values) => {
  const found = foundChannels(bytes(message));
  expect(found.names).toEqual(names);
  const channels = found.names.map((name) => ({ name, unit: '' }));
  const reader = new ReadingReader({ channels }, names.length, { paths: found.paths });
  expect(Array.from(reader.read('', bytes(message), 0)!.values)).toEqual(values);
});

it('takes the channels that a person has named, and the time of a profile for none', () => {
  const paths = parseChannelPaths('power=ENERGY.Power,t=Time');
  expect(foundChannels(bytes({ anything: 1 }), { paths }).names).toEqual(['power']);
  const message = bytes({ params: { TS: 1, at: 2, seen: 3 }, seen: 4 });
  expect(foundChannels(message, { profile: profileNamed('shelly') }).names).toEqual(['at', 'params.seen', 'seen']);
  const profile = { ...profileNamed('shelly'), time: ['params.seen'] };
  expect(foundChannels(message, { profile }).names).toEqual(['at', 'seen']);
});

describe('a message that shows no channels', () => {
  const deep = { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } };
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, k) => [`k${k}`, k]));
  it.each([[null], ['word'], [{}], [[]], [[1, 'x']], [{ a: 'b' }], [{ t: 5 }], [deep], [many]])(
    'is refused: %j',
    (message) => {
      expect(() => foundChannels(bytes(message))).toThrow(expect.objectContaining({ code: 'input' }));
    },
  );
});

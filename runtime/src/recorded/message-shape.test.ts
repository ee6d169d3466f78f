import { expect, it } from 'vitest';
import { parseChannelPaths } from '../reading/path.ts';
import { ReadingReader } from '../reading/reader.ts';
import { messageShape } from './message-shape.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const formOf = (paths: string) => (paths === '' ? {} : { paths: parseChannelPaths(paths) });

const BLOCK = Array.from({ length: 257 }, (_, k) => k);

it.each([
  ['', '21.5', [], [21.5]],
  ['', '{"a": 1, "b": "on", "t": 9, "unit": {}}', ['a', 'b'], [1, 1]],
  ['', '{"t": 9, "values": {"b": [1, 2], "a": [3, 4]}}', ['b', 'a'], [1, 2, 3, 4]],
  ['t=ts', '{"ts": 9, "a": 1}', ['a'], [1]],
  ['b=x.y,a=z', '{"z": 1, "x": {"y": [2]}}', ['b', 'a'], undefined],
  ['b=x.y,a=z,t=x.t', '{"z": 1, "x": {"y": 2, "t": 9}}', ['b', 'a'], [2, 1]],
  ['b=values.1,a=values.0', '{"values": [1, 2]}', ['b', 'a'], [2, 1]],
  ['b=values.0', '{"values": [[1, 2, 3]]}', ['b'], [1, 2, 3]],
  ['b=x,a=y', '[1, 2, 3, 4]', ['b', 'a'], [1, 2, 3, 4]],
  ['b=x', '21.5', ['b'], [21.5]],
  ['', JSON.stringify(BLOCK.slice(1)), [], BLOCK.slice(1)],
  ['', JSON.stringify(BLOCK), ['value'], BLOCK],
])('by the paths "%s" finds in %s the channels %j, which a reader then reads', (paths, text, channels, values) => {
  const form = formOf(paths);
  const shape = messageShape(bytes(text), form);
  expect(shape.channels).toEqual(channels);
  const reader = new ReadingReader({ channels: channels.map((name) => ({ name, unit: '' })) }, shape.numbers, form);
  const read = () => Array.from(reader.read('', bytes(text), 0)!.values);
  if (values === undefined) expect(read).toThrow(expect.objectContaining({ code: 'input' }));
  else expect(read()).toEqual(values);
});

it.each([
  ['', '[]', 'message: is empty; expected numbers'],
  ['', '{}', 'message: is empty; expected numbers'],
  [
    '',
    '{"a": {}}',
    'message: has no number at its top level (it has a); expected the path to one, such as --channels x=a.b',
  ],
  [
    '',
    '{"Time": "noon", "ENERGY": {"Power": 60}}',
    'message: has no number at its top level (it has Time, ENERGY); ' +
      'expected the path to one, such as --channels x=ENERGY.Power',
  ],
  ['b=x,a=y', '[1, 2, 3]', 'message: has 3 values; expected as many for each of b, a'],
  ['b=x,a=y', '21.5', 'message: has 1 values; expected as many for each of b, a'],
])('by the paths "%s" refuses %s', (paths, text, message) => {
  expect(() => messageShape(bytes(text), formOf(paths))).toThrow(expect.objectContaining({ code: 'input', message }));
});

import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MissingRule, ReadingForm } from './form.ts';
import { parseChannelPaths } from './path.ts';
import { profileNamed } from './profiles/profiles.ts';
import { ReadingReader } from './reader.ts';

const channels = [
  { name: 'temperature', unit: '°C' },
  { name: 'humidity', unit: '%' },
];
const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, names = channels, count = names.length) =>
  new ReadingReader({ channels: names }, count).read('', bytes(text), 7)!;
const forms: ReadingForm[] = [
  {},
  { missing: 'hold' },
  { profile: profileNamed('tasmota') },
  { profile: profileNamed('shelly'), paths: parseChannelPaths('temperature=*.*,humidity=a.0,t=*.t') },
];
const READ = { time: 7, values: Float64Array.of(20, 40) };

describe('reading', () => {
  it('takes a number, an array, named channels and the timed form', () => {
    expect(parse('21.5', [], 1)).toEqual({ time: 7, values: Float64Array.of(21.5) });
    expect(parse('[1, 2]').values).toEqual(Float64Array.of(1, 2));
    expect(parse('{"humidity": 40, "temperature": 20}').values).toEqual(Float64Array.of(20, 40));
    expect(parse('{"t": 99, "values": {"temperature": 1, "humidity": 2}}')).toEqual({
      time: 99_000,
      values: Float64Array.of(1, 2),
    });
    expect(parse('{"values": [3, 4]}')).toEqual({ time: 7, values: Float64Array.of(3, 4) });
  });

  it('takes blocks of samples, one channel after another or by name', () => {
    const block = { time: 7, values: Float64Array.of(1, 2, 3, 40, 50, 60) };
    expect(parse('[1, 2, 3, 40, 50, 60]', channels, 6)).toEqual(block);
    expect(parse('{"humidity": [40, 50, 60], "temperature": [1, 2, 3]}', channels, 6)).toEqual(block);
  });

  it.each([
    ['{"temperature": [1, 2, 3]}', 'channel humidity: is missing; expected an array of 3 numbers'],
    ['{"temperature": [1, 2], "humidity": [4, 5, 6]}', 'channel temperature: has 2 values; expected an array of 3'],
    [
      '{"temperature": 1, "humidity": [4, 5, 6]}',
      'channel temperature: is not an array; expected an array of 3 numbers',
    ],
    ['{"temperature": [1, 2, "x"], "humidity": [4, 5, 6]}', 'channel temperature[2]: is "x"; expected a finite'],
    ['[1, 2, 3, 4, 5, null]', 'channel [5]: is null'],
    ['{"temperature": null, "humidity": [4, 5, 6]}', 'is null; expected an array of 3 numbers, or --missing skip'],
    ['[1, 2, 3]', 'has 3 values; expected {"temperature": […], "humidity": […]} or an array of 6 numbers'],
    ['21.5', 'is 21.5; expected {"temperature": […], "humidity": […]} or an array of 6 numbers'],
  ])('refuses the block %s', (text, problem) => {
    expect(() => parse(text, channels, 6)).toThrow(problem);
  });

  it('asks for an array where the channels have blocks of different lengths', () => {
    const text = '{"temperature": [1, 2, 3, 4], "humidity": 5}';
    expect(() => parse(text, channels, 5)).toThrow(
      'message: names channels; expected an array of 5 numbers, which the channels share unevenly',
    );
    expect(parse('[1, 2, 3, 4, 5]', channels, 5).values).toHaveLength(5);
  });

  it.each([
    ['{', 'is not JSON: "{"; expected {"temperature": …, "humidity": …} or an array of 2 numbers'],
    ['', 'message: is not JSON: ""; expected {"temperature": …, "humidity": …} or an array of 2 numbers'],
    ['warm', 'message: is "warm"; expected {"temperature": …, "humidity": …} or an array of 2 numbers'],
    ['21.5', 'message: is 21.5; expected {"temperature": …, "humidity": …} or an array of 2 numbers'],
    ['null', 'message: is null; expected {"temperature"'],
    ['[1]', 'has 1 value; expected {"temperature": …, "humidity": …} or an array of 2 numbers'],
    ['[]', 'has 0 values; expected {"temperature"'],
    ['[1, null]', 'channel humidity: is null; expected a finite number, or --missing skip or hold'],
    [
      '{"temperature": "unavailable", "humidity": 2}',
      'channel temperature: is "unavailable"; expected a finite number',
    ],
    ['{"temperature": 1, "humidity": "wet"}', 'channel humidity: is "wet"; expected a finite number'],
    ['{"temperature": 1, "humidity": "1e999"}', 'channel humidity: is "1e999"'],
    ['{"temperature": 1, "humidity": {}}', 'channel humidity'],
    ['[1, 1e999]', 'channel humidity'],
    ['{"temperature": 1}', 'channel humidity: is missing; expected a finite number, or --missing skip or hold'],
    ['{"temperature": 1, "AM2301": {"Humidity": 2}}', 'humidity: is missing (there is AM2301.Humidity); expected a'],
    ['{"values": [1, 2], "t": "now"}', 't: is "now"; expected seconds or ms since 1970, or ISO 8601'],
    ['{"temperature": 1, "humidity": 2, "t": "yesterday"}', 't: is "yesterday"'],
    ['{"values": [1, 2], "t": 99999999999}', 't: is 99999999999; expected seconds'],
    ['{"values": [1, 2], "t": 1795777200000000}', 't: is 1795777200000000; expected seconds'],
    ['{"values": [1, 2], "t": -1}', 't: is -1'],
    ['{"values": [1, 2], "t": "2026-13-27T11:00:00Z"}', 't: is "2026-13-27'],
    ['[1, NaN]', 'is not JSON'],
  ])('refuses %s in one line that says what is wrong', (text, problem) => {
    expect(() => parse(text)).toThrow(problem);
  });

  it('says in few words what stands in place of a number, however large or deep', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const refused = expect.objectContaining({ code: 'input', message: expect.stringMatching(/^.{1,120}$/) });
    for (const value of [deep, JSON.stringify('x'.repeat(1e6)), `{"a":${deep}}`]) {
      expect(() => parse(`[1, ${value}]`)).toThrow(refused);
      expect(() => parse(`{"t": ${value}, "values": [1, 2]}`)).toThrow(refused);
    }
  });

  it.each([
    ['{"humidity": 40, "temperature": 20, "battery": 97, "linkquality": 120}', 2],
    ['{"temperature": "20", "humidity": " 4e1 ", "toString": 1}', 1],
    ['{"values": {"temperature": 20, "humidity": 40, "x": [1]}, "more": 1}', 2],
    ['["20", 40.0]', 0],
  ])('takes %s and counts %i keys that are no channel', (text, ignored) => {
    const reader = new ReadingReader({ channels }, 2);
    expect(reader.read('', bytes(text), 7)).toEqual(READ);
    expect(reader.counters.ignoredKeys).toBe(ignored);
  });

  it.each([
    ['1795777200', 1_795_777_200_000],
    ['1795777200000', 1_795_777_200_000],
    ['1795777200.123456', 1_795_777_200_123.456],
    ['"1795777200"', 1_795_777_200_000],
    ['"2026-11-27T11:00:00Z"', 1_795_777_200_000],
    ['"2026-11-27T12:00:00.25+0100"', 1_795_777_200_250],
    ['"2026-11-27 13:00:00,5+02"', 1_795_777_200_500],
    ['"2026-11-27"', Date.UTC(2026, 10, 27)],
    ['"2026-11-27T11:00:00"', new Date(2026, 10, 27, 11).getTime()],
    ['null', 7],
  ])('takes the time %s', (text, time) => {
    expect(parse(`{"t": ${text}, "values": [1, 2]}`).time).toBe(time);
    expect(parse(`{"t": ${text}, "temperature": 1, "humidity": 2}`).time).toBe(time);
  });

  it.each([
    ['temperature=AM2301.Temperature,humidity=AM2301.Humidity', '{"AM2301": {"Temperature": 20, "Humidity": 40}}'],
    ['humidity=*.Humidity, temperature=*.T', '{"a": {"b": 1}, "b": {"T": 20}, "c": {"Humidity": "40", "T": 3}}'],
    ['temperature=values.1,humidity=values.0', '{"values": [40, 20]}'],
    ['temperature=a\\.b.c\\,d\\=,humidity=\\*', '{"a.b": {"c,d=": 20}, "*": 40, "a": 1}'],
    ['humidity=__proto__.x', '{"temperature": 20, "__proto__": {"x": 40}}'],
  ])('finds channels at %s', (paths, text) => {
    const form = { paths: parseChannelPaths(paths) };
    expect(new ReadingReader({ channels }, 2, form).read('', bytes(text), 7)).toEqual(READ);
  });

  it.each(['a', 'a=', '=b', 'a=b=c', 'a=b,a=c', 'a=b..c', 'a=b,', `a=${'b.'.repeat(16)}b`])('refuses "%s"', (paths) => {
    expect(() => parseChannelPaths(paths)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('refuses a path for a channel that the model does not have', () => {
    const form = { paths: parseChannelPaths('wind=a') };
    const problem =
      'channels: name "wind", which the model does not have; expected temperature, humidity, or t for the time';
    expect(() => new ReadingReader({ channels }, 2, form)).toThrow(problem);
  });

  it('takes the time from its path, also beside values', () => {
    const reader = new ReadingReader({ channels }, 2, { paths: parseChannelPaths('t=ts') });
    for (const values of ['"temperature": 20, "humidity": 40', '"values": {"temperature": 20, "humidity": 40}']) {
      const reading = reader.read('', bytes(`{"ts": 1795777200, ${values}}`), 7);
      expect(reading).toEqual({ ...READ, time: 1_795_777_200_000 });
    }
    expect(reader.read('', bytes('{"t": 1795777200, "values": [20, 40], "x": 1}'), 7)!.time).toBe(1_795_777_200_000);
    expect(reader.counters.ignoredKeys).toBe(1);
  });

  it('skips what is missing, or holds the last number of the same net', () => {
    const skipping = new ReadingReader({ channels }, 2, { missing: 'skip' });
    const holding = new ReadingReader({ channels }, 2, { missing: 'hold' });
    const read = (reader: ReadingReader, key: string, text: string) => reader.read(key, bytes(text), 7)?.values;
    for (const reader of [skipping, holding]) {
      expect(read(reader, 'a', '{"temperature": 20}')).toBeUndefined();
      expect(read(reader, 'a', '{"temperature": 20, "humidity": 40}')).toEqual(READ.values);
      expect(read(reader, 'b', '{"humidity": "unavailable", "temperature": 3}')).toBeUndefined();
    }
    expect(read(skipping, 'a', '{"temperature": 21}')).toBeUndefined();
    expect(read(holding, 'a', '{"temperature": 21, "humidity": null}')).toEqual(Float64Array.of(21, 40));
    expect(read(holding, 'a', '["nan", 50]')).toEqual(Float64Array.of(21, 50));
    expect(skipping.counters).toEqual({ ignoredKeys: 0, skipped: 3, held: 0 });
    expect(holding.counters).toEqual({ ignoredKeys: 0, skipped: 2, held: 2 });
  });

  it('remembers no more than about a million numbers', () => {
    const count = 1 << 18;
    const half = JSON.stringify(Array.from({ length: count / 2 }, () => 1));
    const reader = new ReadingReader({ channels }, count, { missing: 'hold' });
    for (const key of 'abcde') reader.read(key, bytes(`{"temperature": ${half}, "humidity": ${half}}`), 7);
    expect(reader.read('a', bytes(`{"humidity": ${half}}`), 7)).toBeUndefined();
    expect(reader.read('e', bytes(`{"humidity": ${half}}`), 7)?.values).toHaveLength(count);
  });

  it('joins topics: those of the first channel make readings of the last values that are not too old', () => {
    const joining = (missing: MissingRule, now: number) => {
      const form = { profile: profileNamed('esphome'), joinWithin: 100, missing };
      const reader = new ReadingReader({ channels }, 2, form);
      const [temperature, humidity] = ['sensor/temperature/state', 'sensor/humidity/state'];
      expect(reader.read('', bytes('40'), 0, humidity)).toBeUndefined();
      return reader.read('', bytes('20.0'), now, temperature)?.values;
    };
    expect(joining('refuse', 100)).toEqual(READ.values);
    expect(() => joining('refuse', 101)).toThrow('channel humidity: is missing');
    expect(joining('skip', 101)).toBeUndefined();
    expect(joining('hold', 101)).toEqual(READ.values);
  });

  it('makes no reading of a message that has the number of no channel, whatever is held', () => {
    for (const text of ['{}', '{"event": "button"}', '{"temperature": null, "humidity": "nan"}', '[null, null]']) {
      const reader = new ReadingReader({ channels }, 2, { missing: 'hold' });
      expect(reader.read('', bytes('[20, 40]'), 0)!.values).toEqual(READ.values);
      expect(reader.read('', bytes(text), 1)).toBeUndefined();
      expect(reader.counters).toMatchObject({ skipped: 1, held: 0 });
    }
  });

  describe('joining topics of which one sends nan', () => {
    const [temperature, humidity] = ['sensor/temperature/state', 'sensor/humidity/state'];
    const joining = (missing: MissingRule) => {
      const reader = new ReadingReader({ channels }, 2, {
        ...{ profile: profileNamed('esphome'), joinWithin: 1000, missing },
      });
      const say = (topic: string, text: string, now: number) => reader.read('', bytes(text), now, topic)?.values;
      expect(say(humidity, '40', 0)).toBeUndefined();
      expect(say(temperature, '20', 1)).toEqual(READ.values);
      return { reader, say };
    };

    it('has no reading of it with the number before', () => {
      for (const missing of ['skip', 'hold'] as const) {
        const { reader, say } = joining(missing);
        for (const word of ['nan', 'unavailable', 'null']) expect(say(temperature, word, 2)).toBeUndefined();
        expect(reader.counters).toMatchObject({ skipped: 3, held: 0 });
        expect(say(temperature, '21', 3)).toEqual(Float64Array.of(21, 40));
      }
      const problem = 'channel temperature: is "nan"; expected a finite number, or --missing skip or hold';
      expect(() => joining('refuse').say(temperature, 'nan', 2)).toThrow(problem);
    });

    it('takes its last number no longer, unless it is to be held', () => {
      for (const missing of ['refuse', 'skip', 'hold'] as const) {
        const { say } = joining(missing);
        expect(say(humidity, 'nan', 2)).toBeUndefined();
        if (missing === 'refuse') expect(() => say(temperature, '21', 3)).toThrow('channel humidity: is missing');
        else expect(say(temperature, '21', 3)).toEqual(missing === 'hold' ? Float64Array.of(21, 40) : undefined);
        expect(say(humidity, '41', 4)).toBeUndefined();
        expect(say(temperature, '22', 5)).toEqual(Float64Array.of(22, 41));
      }
    });
  });

  it('gives a reading or an input error for any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.json().map(bytes)),
        fc.constantFrom(...forms),
        (payload, form) => {
          try {
            const reading = new ReadingReader({ channels }, 2, form).read('', payload, 0);
            expect(reading?.values.every(Number.isFinite) ?? form.missing === 'hold').toBe(true);
          } catch (problem) {
            expect(problem).toBeInstanceOf(SpikewireError);
            expect((problem as SpikewireError).code).toBe('input');
            expect((problem as SpikewireError).message).not.toMatch(/\n/);
          }
        },
      ),
    );
  });
});

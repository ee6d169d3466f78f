import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReading } from './reading.ts';

const channels = [
  { name: 'temperature', unit: '°C' },
  { name: 'humidity', unit: '%' },
];
const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, names = channels, count = names.length) => parseReading(bytes(text), names, count, 7);

describe('reading', () => {
  it('takes a number, an array, named channels and the timed form', () => {
    expect(parseReading(bytes('21.5'), [], 1, 7)).toEqual({ time: 7, values: Float64Array.of(21.5) });
    expect(parse('[1, 2]').values).toEqual(Float64Array.of(1, 2));
    expect(parse('{"humidity": 40, "temperature": 20}').values).toEqual(Float64Array.of(20, 40));
    expect(parse('{"t": 99, "values": {"temperature": 1, "humidity": 2}}')).toEqual({
      time: 99,
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
    ['{"temperature": 1, "humidity": [4, 5, 6]}', 'channel temperature: is no array; expected an array of 3 numbers'],
    ['{"temperature": [1, 2, "3"], "humidity": [4, 5, 6]}', 'channel temperature[2]: is "3"; expected a finite'],
    ['[1, 2, 3, 4, 5, null]', 'channel [5]: is null'],
    ['[1, 2, 3]', 'has 3 values; expected 6'],
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
    ['{', 'is not JSON'],
    ['"warm"', 'is string'],
    ['null', 'is null'],
    ['[1]', 'has 1 values; expected 2'],
    ['[1, null]', 'channel humidity: is null; expected a finite number'],
    ['[1, 1e999]', 'channel humidity'],
    ['{"temperature": 1}', 'channel humidity: is missing'],
    ['{"temperature": 1, "humidity": 2, "pressure": 3}', 'unknown channel "pressure"; expected temperature, humidity'],
    ['{"values": [1, 2], "time": 3}', 'unknown key "time"'],
    ['{"values": [1, 2], "t": "now"}', 'channel t: is "now"'],
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

  it('gives a reading or an input error for any bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.json().map(bytes)), (payload) => {
        try {
          expect(parseReading(payload, channels, 2, 0).values.every(Number.isFinite)).toBe(true);
        } catch (problem) {
          expect(problem).toBeInstanceOf(SpikewireError);
          expect((problem as SpikewireError).code).toBe('input');
          expect((problem as SpikewireError).message).not.toMatch(/\n/);
        }
      }),
    );
  });
});

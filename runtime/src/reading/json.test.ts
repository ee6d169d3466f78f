import { afterEach, describe, expect, it, vi } from 'vitest';
import { MOST_NAMES, parseJson, parseJsonOrWord } from './json.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** An object of so many members, `depth` of them inside of each other. */
function named(count: number, depth = 1): string {
  const members = Array.from({ length: count - depth + 1 }, (_, k) => `"n${k}":${k}`).join(',');
  return `${'{"a":'.repeat(depth - 1)}{${members}}${'}'.repeat(depth - 1)}`;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a message of many names', () => {
  it.each([1, 5])(
    'is read up to the limit, and refused in one line beyond it, before it is parsed: %s deep',
    (depth) => {
      for (const read of [parseJson, parseJsonOrWord]) {
        expect(read(bytesOf(named(MOST_NAMES, depth)))).toEqual(JSON.parse(named(MOST_NAMES, depth)));
        const parse = vi.spyOn(JSON, 'parse');
        for (const count of [MOST_NAMES + 1, 60_000]) {
          expect(() => read(bytesOf(named(count, depth)))).toThrow(
            'message: has more than 16384 names; expected at most 16384',
          );
        }
        expect(parse).not.toHaveBeenCalled();
        parse.mockRestore();
      }
    },
  );

  it('may have numbers without names instead', () => {
    const numbers = new Array(200_000).fill(0);
    expect(parseJson(bytesOf(JSON.stringify({ values: numbers })))).toEqual({ values: numbers });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJsonTree, type JsonTree, parseJsonTree } from './json-tree.ts';

const parse = (text: string) => parseJsonTree(text, 'text');

function toTree(value: unknown): JsonTree {
  if (Array.isArray(value)) return value.map(toTree);
  if (typeof value !== 'object' || value === null) return value as JsonTree;
  return new Map(Object.entries(value).map(([key, member]) => [key, toTree(member)]));
}

describe('parseJsonTree', () => {
  it('gives what JSON.parse gives, with objects as maps', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parse(text)).toEqual(toTree(JSON.parse(text)));
      }),
    );
  });

  it('agrees with JSON.parse on what is JSON at all', () => {
    const pieces = fc.constantFrom(
      ...'{}[],:"\\ntru0-1.eE+ \t\n\u0001é',
      '"a"',
      'true',
      'null',
      '\\u00e9',
      '01',
      '1.5e3',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(() => parse(text)).toThrow(/^text line \d+ column \d+: /);
          return;
        }
        try {
          expect(parse(text)).toEqual(toTree(expected));
        } catch (error) {
          expect(String(error)).toMatch(/twice|float64/);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps the order of keys that look like numbers', () => {
    expect([...(parse('{"10":0,"9":0,"a":0}') as Map<string, JsonTree>).keys()]).toEqual(['10', '9', 'a']);
  });

  it.each([
    ['{"a":1,"a":2}', 'text line 1 column 8: has the key "a" twice; expected every key once'],
    ['{"a":1,"\\u0061":2}', 'text line 1 column 8: has the key "a" twice; expected every key once'],
    ['[\n1e999]', 'text line 2 column 1: has the number 1e999; expected a number within float64'],
    ['"\\ud800"', 'text line 1 column 1: has half a surrogate pair in a string; expected well-formed Unicode'],
    ['[1,]', 'text line 1 column 4: has no value here; expected an object, array, string, number, true, false or null'],
    [
      '"abc',
      'text line 1 column 1: has a string that does not end; expected a closing quote and no control characters',
    ],
    ['"\\', 'text line 1 column 1: has a string that does not end; expected a closing quote and no control characters'],
  ])('refuses %s', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it('stops where names and strings are too long together, and reads nothing behind', () => {
    const bounded = (text: string) => parseJsonTree(text, 'text', { characters: 12 });
    expect(bounded('{"abcd": [123456789, 987654321, "ef"]}')).toBeInstanceOf(Map);
    // Behind it there is nothing that could be parsed.
    const refused = 'line 1 column 24: has too many names and other strings; expected at most 12 characters of them';
    expect(() => bounded(`{"abcd": [1, 2, "efghi"${'!'.repeat(1000)}`)).toThrow(`text ${refused}`);
    expect(() => bounded('[true, true, true, null!')).toThrow('has too many names');
  });

  it('stops at its depth, long before the stack does', () => {
    expect(() => parse('['.repeat(100_000))).toThrow('is nested too deeply; expected at most 64 levels');
    expect(parse('['.repeat(64) + ']'.repeat(64))).toEqual(JSON.parse('['.repeat(64) + ']'.repeat(64)));
  });

  it('reads strings of a megabyte', () => {
    const text = '\\"\u{1f600}x'.repeat(200_000);
    expect(parse(`"${text}"`)).toBe(JSON.parse(`"${text}"`));
  });
});

describe('formatJsonTree', () => {
  it.each([undefined, 20])('writes what reads back as the same tree, lines of width %s', (width) => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const tree = toTree(value);
        expect(parse(formatJsonTree(tree, width))).toEqual(tree);
      }),
    );
  });

  it('breaks only what does not fit into a line', () => {
    const tree = parse('{"a":[1,2,3],"b":{"c":[-0,0.1,"xxxxxxxxxxxxxxxx"]}}');
    expect(formatJsonTree(tree)).toBe('{"a":[1,2,3],"b":{"c":[-0,0.1,"xxxxxxxxxxxxxxxx"]}}');
    expect(formatJsonTree(tree, 30)).toBe(
      [
        '{',
        '  "a": [1, 2, 3],',
        '  "b": {',
        '    "c": [',
        '      -0,',
        '      0.1,',
        '      "xxxxxxxxxxxxxxxx"',
        '    ]',
        '  }',
        '}',
      ].join('\n'),
    );
  });
});

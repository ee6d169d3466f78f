import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnyModel } from './formats.ts';
import { jsonMemory } from './json-memory.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const graph = '"nodes":{"i":{"type":"Input","shape":[1]},"o":{"type":"Output"}},"edges":[["i","o"]]';
const withLists = (count: number) => bytesOf(`{${graph},"provenance":{"a":[${'[1],'.repeat(count)}0]}}`);

/** Values of a document, those within others as well. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, inner) => sum + valuesIn(inner), 1);
}

describe('the memory of a text', () => {
  it('has at least 8 bytes for each value and one for each character, however it is written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = bytesOf(JSON.stringify(value, null, indent));
        expect(jsonMemory(text)).toBeGreaterThanOrEqual(text.length + 8 * (valuesIn(value) - 1));
      }),
    );
  });

  it('adds up', () => {
    const [one, two] = [10_000, 20_000].map((count) => jsonMemory(withLists(count)) - jsonMemory(withLists(0)));
    expect(two).toBe(2 * one!);
  });

  it('is refused beyond the limit, and nothing of the text is read', () => {
    const text = withLists(100_000);
    const needed = jsonMemory(text);
    expect(() => readAnyModel(text, { bytes: needed })).not.toThrow();
    // It ends in the middle, which nobody finds out who refuses it before.
    expect(() => readAnyModel(text.subarray(0, -1), { bytes: needed / 2 })).toThrow(
      /^model: takes up to 3[\d.]+ MB to read; expected at most 1[\d.]+ MB$/,
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeStep, longestOutput, readOutputs, run } from './steps.ts';

const place = (words: number) => ({
  input: { address: 0x12345, words: 2 },
  output: { address: 0x10400, words },
  outputIsBits: true,
});

/** A bitmap from the elements that are 1. */
function bitmap(words: number, elements: readonly number[]): Uint16Array {
  const bits = new Uint16Array(words);
  for (const element of elements) bits[Math.floor(element / 16)]! += 2 ** (element % 16);
  return bits;
}

describe('the input of a step', () => {
  it.each<[string, Uint16Array, number[]]>([
    ['silence', bitmap(4, []), [0]],
    ['the first and the last of 64', bitmap(4, [0, 63]), [2, 0, 62]],
    ['one behind 255 zeros', bitmap(17, [255]), [2, 255, 0]],
    ['one behind 254 zeros', bitmap(17, [254]), [1, 254]],
    ['one behind 511 zeros', bitmap(40, [511]), [3, 255, 255, 1]],
    ['as many events as bytes', bitmap(1, [0, 1]), [255, 3, 0]],
  ])('is short for %s', (_, words, bytes) => {
    expect([...encodeStep({ words, isBits: true })]).toEqual(bytes);
  });

  it('goes in words where it is graded', () => {
    expect([...encodeStep({ words: Uint16Array.of(0, 0x0102), isBits: false })]).toEqual([255, 0, 0, 2, 1]);
    expect(encodeStep({ words: new Uint16Array(0), isBits: true })).toHaveLength(0);
  });

  it('is what an output of the same bytes means, and never longer than in words', () => {
    const elements = fc
      .integer({ min: 1, max: 60 })
      .chain((words) => fc.tuple(fc.constant(words), fc.uniqueArray(fc.nat(16 * words - 1))));
    const property = fc.property(elements, ([words, ones]) => {
      const bits = bitmap(words, ones);
      const bytes = encodeStep({ words: bits, isBits: true });
      expect(bytes.length).toBeLessThanOrEqual(longestOutput(place(words)));
      expect(readOutputs(place(words), 2, Uint8Array.of(...bytes, ...bytes))).toEqual([bits, bits]);
    });
    fc.assert(property);
  });
});

it('a run has its places, its flags and its steps', () => {
  const { type, payload } = run(place(3), [Uint8Array.of(0), Uint8Array.of(1, 7)]);
  expect([type, ...payload]).toEqual([7, 0x45, 0x23, 0x01, 2, 0, 0x00, 0x04, 0x01, 3, 0, 1, 2, 0, 1, 7]);
});

describe('an output', () => {
  it.each<[string, number[]]>([
    ['too short', [255, 1]],
    ['too long', [0, 0]],
    ['with an event behind its end', [1, 16]],
    ['absent', []],
  ])('that is %s is refused', (_, bytes) => {
    expect(readOutputs(place(1), 1, Uint8Array.from(bytes))).toBeUndefined();
  });

  it('of no words takes no bytes', () => {
    expect(readOutputs(place(0), 3, new Uint8Array(0))).toHaveLength(3);
  });
});

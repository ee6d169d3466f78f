import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutRepetitions } from '../../../../scripts/build/repetitions.mjs';
import { withRepetitions } from './repetitions.ts';

const roundTrip = (bytes: Uint8Array) => withRepetitions(Buffer.from(withoutRepetitions(bytes)).toString('base64'));

/** Of few different bytes, so that much is repeated, and of all. */
const bytes = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 600 }).map((numbers) => Uint8Array.from(numbers)),
  fc.uint8Array({ maxLength: 600 }),
);

it('brings back any bytes', () => {
  fc.assert(
    fc.property(bytes, (given) => {
      expect(roundTrip(given)).toEqual(given);
    }),
  );
});

it('needs little for what is repeated, also where a repetition reaches into itself', () => {
  const long = new Uint8Array(10_000).fill(7);
  expect(withoutRepetitions(long).length).toBeLessThan(20);
  expect(roundTrip(long)).toEqual(long);
});

const packed = withoutRepetitions(new TextEncoder().encode('to be or not to be, that is to be or not to be'));
const unpack = (bytes: Uint8Array) => withRepetitions(Buffer.from(bytes).toString('base64'));
const refused = (work: () => unknown) =>
  expect(work).toThrow(/^kernels: are damaged; expected the text that the build wrote$/);

it('refuses text that is cut anywhere, or goes on', () => {
  for (let length = 0; length < packed.length; length++) refused(() => unpack(packed.subarray(0, length)));
  refused(() => unpack(Uint8Array.of(...packed, 0)));
  refused(() => withRepetitions('no base64!'));
});

it('refuses text of which any byte has another value', () => {
  for (let at = 0; at < packed.length; at++) {
    for (let change = 1; change < 256; change++) {
      const changed = packed.slice();
      changed[at] = packed[at]! ^ change;
      refused(() => unpack(changed));
    }
  }
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from './sha256.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

describe('SHA-256', () => {
  it.each([
    // FIPS 180-4, examples of one block and of two.
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ])('of "%s" is as published', (text, digest) => {
    expect(sha256(ascii(text))).toBe(digest);
  });

  it('agrees with OpenSSL for every length around the ends of blocks', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, k) => (k * 151) % 256);
    for (let length = 0; length <= bytes.length; length++) {
      const message = bytes.subarray(0, length);
      expect(sha256(message), `${length} bytes`).toBe(createHash('sha256').update(message).digest('hex'));
    }
  });

  it('takes a message in any parts', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 6 }), (parts) => {
        expect(sha256(...parts)).toBe(sha256(new Uint8Array(Buffer.concat(parts))));
      }),
    );
  });
});

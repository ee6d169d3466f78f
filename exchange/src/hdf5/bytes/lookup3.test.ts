import { expect, it } from 'vitest';
import { lookup3 } from './lookup3.ts';

/** The values that Jenkins's lookup3.c itself gives (its `driver5`). */
it('is the published hash', () => {
  expect(lookup3(new Uint8Array(0))).toBe(0xdeadbeef);
  expect(lookup3(new TextEncoder().encode('Four score and seven years ago'))).toBe(0x17770551);
});

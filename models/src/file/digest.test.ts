import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SpikewireError } from '../error.ts';
import { tensor } from '../tensor.ts';
import { BLANK_DIGEST, checkDigest, seal } from './digest.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const LARGE = 2 ** 20;

describe('the digest of a file', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  describe.each(['Node has a hash of its own', 'nothing else does'])('where %s', (where) => {
    it.each([1, LARGE - 1000, LARGE])('is SHA-256 of the whole, with %i bytes in it', (length) => {
      const builtin = vi.spyOn(process, 'getBuiltinModule');
      if (where === 'nothing else does') builtin.mockReturnValue(undefined as never);
      const data = Uint8Array.from({ length }, (_, k) => k * 7);
      const bytes = writeSafetensors(new Map([['v', tensor(data)]]), { digest: BLANK_DIGEST });
      const digest = createHash('sha256').update(bytes).digest('hex');
      seal(bytes);
      expect(readSafetensors(bytes).metadata.digest).toBe(digest);
      expect(() => checkDigest(bytes, digest)).not.toThrow();
      bytes[bytes.length - 1]! ^= 1;
      expect(() => checkDigest(bytes, digest)).toThrow(SpikewireError);
      // What it costs in memory is for large files alone.
      expect(builtin).toHaveBeenCalledTimes(length < LARGE ? 0 : 3);
    });
  });
});

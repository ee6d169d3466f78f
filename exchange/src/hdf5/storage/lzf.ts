import { SpikewireError } from '@spikewire/models';

/**
 * Decompresses LZF (Lehmann's LibLZF, h5py's filter 32000): a byte below 32 precedes as many literals and one more; any
 * other has in its high three bits the length of a match less two, 7 for one in the next byte, and the distance less
 * one in 13 bits.
 */
export function decompressLzf(bytes: Uint8Array, most: number, where: string): Uint8Array {
  const out = new Uint8Array(most);
  let [at, end] = [0, 0];
  const next = () => bytes[at++] ?? damaged(where);
  while (at < bytes.length) {
    const control = next();
    if (control < 32) {
      const literals = bytes.subarray(at, at + control + 1);
      if (literals.length <= control || end + literals.length > most) damaged(where);
      out.set(literals, end);
      at += literals.length;
      end += literals.length;
      continue;
    }
    const high = control >> 5;
    const length = 2 + (high === 7 ? 7 + next() : high);
    const from = end - (((control & 31) << 8) | next()) - 1;
    if (from < 0 || end + length > most) damaged(where);
    // A match may reach into what it makes.
    for (let k = 0; k < length; k++) out[end + k] = out[from + k]!;
    end += length;
  }
  return out.subarray(0, end);
}

function damaged(where: string): never {
  throw new SpikewireError('file', where, 'has a chunk that is not LZF data', 'an undamaged HDF5 file');
}

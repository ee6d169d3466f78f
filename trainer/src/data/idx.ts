import { type Shape, SpikewireError } from '@spikewire/models';

/** Of unsigned bytes, the only kind that is read here. */
const UNSIGNED_BYTES = 0x08;

/**
 * Reads an IDX file of unsigned bytes: two zero bytes, the kind, the number of dimensions, their sizes as big-endian
 * 32-bit numbers, the elements. Throws `file`.
 */
export function readIdx(name: string, bytes: Uint8Array): { readonly shape: Shape; readonly data: Uint8Array } {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTES) {
    throw new SpikewireError('file', name, 'is not an IDX file of unsigned bytes', 'the bytes 0, 0, 8 at its start');
  }
  const dimensions = bytes[3]!;
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) throw new SpikewireError('file', name, 'ends within its header', `${start} bytes at least`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const data = bytes.subarray(start);
  const expected = shape.reduce((product, size) => product * size, 1);
  if (data.length !== expected) {
    throw new SpikewireError('file', name, `has ${data.length} elements`, `${expected} for [${shape.join(', ')}]`);
  }
  return { shape, data };
}

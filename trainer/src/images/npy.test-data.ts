/** A NumPy file of float32 numbers. */
export function npyOf(shape: readonly number[], numbers: ArrayLike<number>): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`;
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  return Buffer.concat([head, Buffer.from(header), Buffer.from(Float32Array.from(numbers).buffer)]);
}

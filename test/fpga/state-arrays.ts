const READERS = { F64: ['getFloat64', 8], U32: ['getUint32', 4], I32: ['getInt32', 4], I16: ['getInt16', 2] } as const;

/** The arrays of a saved state, by name. */
export function arraysOf(file: Uint8Array): Readonly<Record<string, number[]>> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const { __metadata__: _, ...header } = JSON.parse(Buffer.from(file.subarray(8, start)).toString());
  const described = Object.entries(header as Record<string, { dtype: string; data_offsets: [number, number] }>);
  const arrays = described.map(([name, { dtype, data_offsets: offsets }]) => {
    const [read, bytes] = READERS[dtype as keyof typeof READERS];
    const length = (offsets[1] - offsets[0]) / bytes;
    return [name, Array.from({ length }, (_, k) => view[read](start + offsets[0] + k * bytes, true))] as const;
  });
  return Object.fromEntries(arrays);
}

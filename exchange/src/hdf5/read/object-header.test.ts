import { expect, it } from 'vitest';
import type { Hdf5Dataset, Hdf5Group } from '../tree.ts';
import { writeHdf5 } from '../write/write.ts';
import { readHdf5 } from './read.ts';

it('reads a shared datatype of version 1, where an entry of a symbol table says where it is', () => {
  const type = { class: 'float', bytes: 4, order: 'big' } as const;
  const array = (...values: number[]): Hdf5Dataset => ({
    kind: 'dataset',
    attributes: new Map(),
    shape: [values.length],
    type,
    values: Float64Array.from(values),
  });
  const group: Hdf5Group = {
    kind: 'group',
    attributes: new Map(),
    children: new Map([
      ['a', array(1, 2)],
      ['b', array(3, 4, 5)],
    ]),
  };
  const bytes = Buffer.from(writeHdf5(group));
  const [HEAD, ENTRY, FLAGS, SHARED, VERSION] = [8, 40, 4, 2, 1];
  const objectOf = (k: number) => Number(bytes.readBigUInt64LE(bytes.indexOf('SNOD') + HEAD + k * ENTRY + 8));
  const message = bytes.indexOf(Uint8Array.of(3, 0, 24, 0), objectOf(1));
  bytes[message + FLAGS] = SHARED;
  bytes.fill(0, message + HEAD, message + HEAD + 24).writeUInt8(VERSION, message + HEAD);
  // Behind version, type, six reserved bytes and the offset of a name.
  bytes.writeBigUInt64LE(BigInt(objectOf(0)), message + HEAD + 16);
  const b = readHdf5(bytes).children.get('b') as Hdf5Dataset;
  expect(b.type).toEqual(type);
  expect(b.values).toEqual(Float64Array.of(3, 4, 5));
});

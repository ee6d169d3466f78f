import { SpikewireError } from '@spikewire/models';
import { textOf } from '../bytes/cursor.ts';
import type { GlobalHeap } from '../structures/global-heap.ts';
import type { Hdf5Numbers, Hdf5Type } from '../tree.ts';
import type { Datatype } from './datatype.ts';

/** Memory at most of a text beside its characters. */
const OF_TEXT = 96;

/** Elements from their bytes in the file. */
export function decodeValues(
  { type, size }: Datatype,
  bytes: Uint8Array,
  heap: GlobalHeap,
  where: string,
): Hdf5Numbers | string[] {
  const count = bytes.length / size;
  const { memory } = heap.file;
  if (type.class === 'string') {
    memory.take(where, OF_TEXT * count);
    return Array.from({ length: count }, (_, k) => {
      const text = textBytes(type, bytes.subarray(k * size, (k + 1) * size), heap, where);
      memory.take(where, 2 * text.length);
      return textOf(text, where);
    });
  }
  memory.take(where, 8 * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (type.class === 'float') return floats(type, view, count);
  if (type.class === 'integer') return integers(type, view, count, where);
  if (type.class === 'boolean') return Uint8Array.from(bytes, (byte) => Number(byte !== 0));
  throw new SpikewireError('unsupported', where, `has elements that are ${type.name}`, 'numbers or texts');
}

type Text = Extract<Hdf5Type, { class: 'string' }>;

function textBytes({ length, padding }: Text, bytes: Uint8Array, heap: GlobalHeap, where: string): Uint8Array {
  if (length === 'variable') return heap.text(bytes, where);
  if (padding === 'null-terminated') {
    const end = bytes.indexOf(0);
    return end < 0 ? bytes : bytes.subarray(0, end);
  }
  // Some writers, such as h5wasm, say spaces and fill with zeros.
  const isFiller = (byte: number) => byte === 0 || (byte === 0x20 && padding === 'space');
  let end = bytes.length;
  while (end > 0 && isFiller(bytes[end - 1]!)) end--;
  return bytes.subarray(0, end);
}

function floats({ bytes, order }: Extract<Hdf5Type, { class: 'float' }>, view: DataView, count: number): Float64Array {
  const isLittle = order === 'little';
  const values = new Float64Array(count);
  if (bytes === 8) for (let k = 0; k < count; k++) values[k] = view.getFloat64(8 * k, isLittle);
  else if (bytes === 4) for (let k = 0; k < count; k++) values[k] = view.getFloat32(4 * k, isLittle);
  else for (let k = 0; k < count; k++) values[k] = half(view.getUint16(2 * k, isLittle));
  return values;
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const [exponent, mantissa] = [(bits >> 10) & 31, bits & 0x3ff];
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15));
}

type Integer = Extract<Hdf5Type, { class: 'integer' }>;

function integers({ bytes, signed, order }: Integer, view: DataView, count: number, where: string): Hdf5Numbers {
  const isLittle = order === 'little';
  if (bytes === 8) return longIntegers(signed, isLittle, view, count, where);
  const values = new KINDS[bytes][signed ? 'signed' : 'unsigned'](count);
  // What is stored into the array takes its sign from there.
  if (bytes === 1) for (let k = 0; k < count; k++) values[k] = view.getUint8(k);
  else if (bytes === 2) for (let k = 0; k < count; k++) values[k] = view.getUint16(2 * k, isLittle);
  else for (let k = 0; k < count; k++) values[k] = view.getUint32(4 * k, isLittle);
  return values;
}

const KINDS = {
  1: { signed: Int8Array, unsigned: Uint8Array },
  2: { signed: Int16Array, unsigned: Uint16Array },
  4: { signed: Int32Array, unsigned: Uint32Array },
};

function longIntegers(signed: boolean, isLittle: boolean, view: DataView, count: number, where: string): Float64Array {
  const values = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const value = signed ? view.getBigInt64(8 * k, isLittle) : view.getBigUint64(8 * k, isLittle);
    values[k] = Number(value);
    if (BigInt(values[k]!) === value) continue;
    throw new SpikewireError(
      'unsupported',
      where,
      `has the number ${value}`,
      'whole numbers that float64 holds exactly',
    );
  }
  return values;
}

import { SpikewireError } from '@spikewire/models';
import type { Hdf5Array, Hdf5Type } from '../tree.ts';
import { sizeOf } from './messages.ts';
import type { TextHeap } from './text-heap.ts';

/** The bytes of an array's elements. Texts of variable length go into the heap. */
export function elementBytes(array: Hdf5Array, heap: TextHeap, where: string): Uint8Array {
  const { shape, type, values } = array;
  const count = shape.reduce((product, size) => product * size, 1);
  if (values.length !== count) {
    throw new SpikewireError('parameter', where, `has ${values.length} elements`, `${count}, as its shape says`);
  }
  if (type.class === 'string') return texts(values as readonly string[], type, heap, where);
  const size = sizeOf(type);
  const view = new DataView(new ArrayBuffer(size * count));
  const put = setterOf(type, view, where);
  for (let k = 0; k < count; k++) {
    const value = values[k];
    if (typeof value !== 'number') throw new SpikewireError('parameter', where, 'has a text', 'numbers');
    put(k * size, value);
  }
  return new Uint8Array(view.buffer);
}

/** The size of an element has 32 bits. */
const LONGEST = 2 ** 32 - 1;

type Text = Extract<Hdf5Type, { class: 'string' }>;

function texts(values: readonly string[], { length, padding }: Text, heap: TextHeap, where: string): Uint8Array {
  for (const value of values) {
    if (typeof value !== 'string') throw new SpikewireError('parameter', where, 'has a number', 'texts');
    if (/\0|\p{Cs}/u.test(value)) {
      throw new SpikewireError('unsupported', where, 'has a text with a zero byte or half a character', 'plain text');
    }
  }
  if (length === 'variable') return heap.elements(values);
  if (!Number.isSafeInteger(length) || length < 1 || length > LONGEST) {
    throw new SpikewireError('parameter', where, `has texts of ${length} bytes`, `1 to ${LONGEST}`);
  }
  if (padding === 'space' && values.some((value) => value.endsWith(' '))) {
    throw new SpikewireError(
      'unsupported',
      where,
      'has a text that ends like its padding',
      'texts that end in no space',
    );
  }
  const bytes = new Uint8Array(length * values.length).fill(padding === 'space' ? 0x20 : 0);
  for (const [k, value] of values.entries()) {
    const text = new TextEncoder().encode(value);
    if (text.length > length) {
      throw new SpikewireError('parameter', where, `has a text of ${text.length} bytes`, `at most ${length}`);
    }
    bytes.set(text, k * length);
  }
  return bytes;
}

type Setter = (at: number, value: number) => void;

function setterOf(type: Hdf5Type, view: DataView, where: string): Setter {
  if (type.class === 'boolean') return (at, value) => view.setUint8(at, value === 0 ? 0 : 1);
  if (type.class === 'float' && type.bytes === 8)
    return (at, value) => view.setFloat64(at, value, type.order === 'little');
  if (type.class === 'float' && type.bytes === 4)
    return (at, value) => view.setFloat32(at, value, type.order === 'little');
  if (type.class === 'integer') return integerSetter(type, view, where);
  const name = type.class === 'other' ? type.name : 'float16';
  throw new SpikewireError('unsupported', where, `has elements that are ${name}`, 'numbers or texts');
}

function integerSetter(type: Extract<Hdf5Type, { class: 'integer' }>, view: DataView, where: string): Setter {
  const { bytes, signed, order } = type;
  const isLittle = order === 'little';
  const lowest = signed ? -(2 ** (8 * bytes - 1)) : 0;
  const beyond = lowest + 2 ** (8 * bytes);
  const checked = (value: number) => {
    if (Number.isInteger(value) && value >= lowest && value < beyond) return value;
    const expected = `a whole number of ${8 * bytes} bits ${signed ? 'with' : 'without'} sign`;
    throw new SpikewireError('parameter', where, `has the number ${value}`, expected);
  };
  if (bytes === 1) return (at, value) => view.setUint8(at, checked(value));
  if (bytes === 2) return (at, value) => view.setUint16(at, checked(value), isLittle);
  if (bytes === 4) return (at, value) => view.setUint32(at, checked(value), isLittle);
  return (at, value) => view.setBigInt64(at, BigInt(checked(value)), isLittle);
}

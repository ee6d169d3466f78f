import type { Cursor } from '../bytes/cursor.ts';
import type { Hdf5Type } from '../tree.ts';

/** What an element is, and its bytes in the file. */
export interface Datatype {
  readonly type: Hdf5Type;
  readonly size: number;
}

/** Classes (HDF5 File Format Specification, IV.A.2.d). */
const [INTEGER, FLOAT, STRING, ENUMERATION, VARIABLE] = [0, 1, 3, 8, 9];
const OTHERS = new Map([
  [2, 'a time'],
  [4, 'a bit field'],
  [5, 'opaque bytes'],
  [6, 'a compound'],
  [7, 'a reference'],
  [10, 'an array'],
  [11, 'a complex number'],
]);
const PADDINGS = ['null-terminated', 'null', 'space'] as const;

interface Head {
  readonly version: number;
  readonly kind: number;
  readonly bits: number;
  readonly size: number;
}

export function readDatatype(message: Cursor): Datatype {
  const head = readHead(message);
  if (head.size === 0) message.fail('has a datatype of no bytes');
  return { type: typeOf(head, message), size: head.size };
}

function readHead(message: Cursor): Head {
  const first = message.uint(1);
  return { version: first >> 4, kind: first & 15, bits: message.uint(3), size: message.uint(4) };
}

function typeOf(head: Head, message: Cursor): Hdf5Type {
  if (head.kind === INTEGER) return integer(head, message);
  if (head.kind === FLOAT) return float(head, message);
  if (head.kind === STRING) return text(head.bits & 15, head.bits >> 4, head.size);
  if (head.kind === ENUMERATION) return enumeration(head, message);
  if (head.kind === VARIABLE) {
    return (head.bits & 15) === 1 ? text((head.bits >> 4) & 15, head.bits >> 8, 'variable') : other('a list');
  }
  return other(OTHERS.get(head.kind) ?? `a type of class ${head.kind}`);
}

const other = (name: string): Hdf5Type => ({ class: 'other', name });

const orderOf = (bits: number) => ((bits & 1) === 0 ? 'little' : 'big');

function integer({ bits, size }: Head, message: Cursor): Hdf5Type {
  const [offset, precision] = [message.uint(2), message.uint(2)];
  const bytes = ([1, 2, 4, 8] as const).find((width) => width === size);
  if (bytes === undefined || offset !== 0 || precision !== 8 * bytes) {
    return other(`an integer of ${precision} bits in ${size} bytes`);
  }
  return { class: 'integer', bytes, signed: (bits & 8) !== 0, order: orderOf(bits) };
}

/**
 * Of IEEE 754's widths the place of the sign; place and size of exponent and mantissa; the bias, and the leading one
 * implied.
 */
const IEEE = new Map<number, readonly number[]>([
  [2, [15, 10, 5, 0, 10, 15]],
  [4, [31, 23, 8, 0, 23, 127]],
  [8, [63, 52, 11, 0, 52, 1023]],
]);
const LEADING_ONE_IMPLIED = 2;

function float({ bits, size }: Head, message: Cursor): Hdf5Type {
  const [offset, precision] = [message.uint(2), message.uint(2)];
  const places = [message.uint(1), message.uint(1), message.uint(1), message.uint(1), message.uint(4)];
  const found = [(bits >> 8) & 255, ...places];
  const expected = IEEE.get(size);
  const isPlain = offset === 0 && precision === 8 * size && ((bits >> 4) & 3) === LEADING_ONE_IMPLIED;
  const isVax = (bits & 0x40) !== 0;
  if (!isPlain || isVax || !expected?.every((value, k) => value === found[k])) {
    return other(`a float of ${precision} bits that is not an IEEE 754 format`);
  }
  return { class: 'float', bytes: size as 2 | 4 | 8, order: orderOf(bits) };
}

function text(padding: number, characters: number, length: number | 'variable'): Hdf5Type {
  const known = PADDINGS[padding];
  if (known === undefined || (characters & 15) > 1) return other('a text of an unknown kind');
  return { class: 'string', characters: (characters & 15) === 1 ? 'utf-8' : 'ascii', length, padding: known };
}

/** Its base type; booleans where it is what h5py makes of them. */
function enumeration({ version, bits, size }: Head, message: Cursor): Hdf5Type {
  const base = readHead(message);
  if (base.kind !== INTEGER || base.size !== size) return other('an enumeration that is not of integers');
  const type = integer(base, message);
  const count = bits & 0xffff;
  if (count !== 2 || size !== 1) return type;
  const names = [0, 1].map(() => memberName(message, version));
  const [no, yes] = [message.uint(1), message.uint(1)];
  return names[0] === 'FALSE' && names[1] === 'TRUE' && no === 0 && yes === 1 ? { class: 'boolean' } : type;
}

/** Before version 3 padded to a multiple of 8 bytes. */
function memberName(message: Cursor, version: number): string {
  const start = message.at;
  const name = message.text();
  if (version < 3) message.at = Math.min(message.bytes.length, start + Math.ceil((name.length + 1) / 8) * 8);
  return name;
}

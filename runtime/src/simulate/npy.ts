import { SpikewireError } from '@spikewire/models';
import type { DenseSteps } from './dense-steps.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Far more than sizes and a type take. */
const LONGEST_HEADER = 1 << 16;

type ReadNumber = (view: DataView, offset: number, littleEndian: boolean) => number;

/** By the letter and size of `descr`. */
const formats: Readonly<Record<string, ReadNumber>> = {
  f4: (view, offset, little) => view.getFloat32(offset, little),
  f8: (view, offset, little) => view.getFloat64(offset, little),
  i1: (view, offset) => view.getInt8(offset),
  i2: (view, offset, little) => view.getInt16(offset, little),
  i4: (view, offset, little) => view.getInt32(offset, little),
  i8: (view, offset, little) => Number(view.getBigInt64(offset, little)),
  u1: (view, offset) => view.getUint8(offset),
  u2: (view, offset, little) => view.getUint16(offset, little),
  u4: (view, offset, little) => view.getUint32(offset, little),
  u8: (view, offset, little) => Number(view.getBigUint64(offset, little)),
  b1: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1),
};

/** What an array holds, and its sizes, of which `size` is the product of all but the first. */
export interface NpyArray extends DenseSteps {
  readonly shape: readonly number[];
}

/**
 * Reads a NumPy array file (format 1, 2 or 3, row-major, whole, floating-point or boolean numbers). The first dimension
 * is the step, all others are the elements of one step. Throws `file` where the bytes are no such array, and `budget`
 * where it has more than `most` numbers.
 */
export function readNpy(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): NpyArray {
  const { header, dataStart } = splitHeader(bytes);
  const [, order, format] = field(header, 'descr', /'([<>|=])([a-z]\d)'/);
  const read = formats[format!];
  if (read === undefined) fail(`has numbers of type ${order}${format}`, Object.keys(formats).join(', '));
  if (field(header, 'fortran_order', /(True|False)/)[1] === 'True') fail('is in column-major order', 'row-major order');
  const shape = field(header, 'shape', /\(([\d, ]*)\)/)[1]!
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);

  const [steps = 1, ...rest] = shape;
  const size = rest.reduce((product, length) => product * length, 1);
  const width = Number(format![1]);
  const available = bytes.length - dataStart;
  if (steps * size * width !== available)
    fail(`has ${available} bytes of numbers`, `${steps * size * width} for shape (${shape.join(', ')})`);
  if (steps * size > most)
    throw new SpikewireError('budget', 'NumPy array', `has ${steps * size} numbers`, `at most ${most}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart, available);
  const littleEndian = order !== '>';
  const values = new Float64Array(steps * size);
  for (let k = 0; k < values.length; k++) values[k] = read!(view, k * width, littleEndian);
  return { steps, size, values, shape };
}

function splitHeader(bytes: Uint8Array): { header: string; dataStart: number } {
  if (bytes.length < 12 || MAGIC.some((byte, offset) => bytes[offset] !== byte))
    fail('does not begin like one', '\\x93NUMPY');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = bytes[6]!;
  if (version < 1 || version > 3) fail(`has format version ${version}`, '1, 2 or 3');
  const start = version === 1 ? 10 : 12;
  const dataStart = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataStart > LONGEST_HEADER) fail(`has a header of ${dataStart - start} bytes`, 'one of a plain array');
  if (dataStart > bytes.length) fail(`has a header up to byte ${dataStart} of ${bytes.length}`, 'a whole file');
  return { header: new TextDecoder().decode(bytes.subarray(start, dataStart)), dataStart };
}

/** The value of a key of the header, which is the text of a Python dictionary. */
function field(header: string, key: string, value: RegExp): RegExpExecArray {
  const match = new RegExp(`'${key}':\\s*${value.source}`).exec(header);
  return match ?? fail(`has a header without a readable "${key}"`, 'descr, fortran_order and shape');
}

function fail(problem: string, expected: string): never {
  throw new SpikewireError('file', 'NumPy array', problem, expected);
}

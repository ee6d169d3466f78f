import { SpikewireError } from '../error.ts';
import { formatShape, type Shape, type Tensor, type TensorData } from '../tensor.ts';
import { MAXIMUM_HEADER_BYTES } from './text/header.ts';
import { type JsonTree, parseJsonTree } from './text/json-tree.ts';

const LENGTH_BYTES = 8;
const METADATA = '__metadata__';
/** Headers are filled with spaces to a multiple of this, so that the tensors behind them are aligned. */
const ALIGNMENT = 8;
/** A header's own structure: the object, an entry, a list of numbers. */
const HEADER_DEPTH = 3;
const LONE_SURROGATE = /\p{Surrogate}/u;

type TensorConstructor = (new (
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
) => TensorData) & {
  readonly BYTES_PER_ELEMENT: number;
};

/** The formats' names in the file. */
const dtypes: ReadonlyMap<string, TensorConstructor> = new Map<string, TensorConstructor>([
  ['F64', Float64Array],
  ['F32', Float32Array],
  ['I32', Int32Array],
  ['I16', Int16Array],
  ['I8', Int8Array],
  ['U32', Uint32Array],
  ['U16', Uint16Array],
  ['U8', Uint8Array],
]);

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Map<string, Tensor>;
  /** The strings of `__metadata__`; an object without prototype. */
  readonly metadata: Record<string, string>;
}

export interface ReadSafetensorsOptions {
  /** Lets NaN and ±Infinity pass; otherwise they are errors, because no model has them. */
  readonly allowNonFinite?: boolean;
}

/**
 * Writes a safetensors file: 8-byte little-endian header length, JSON header, tensors without gaps, the widest number
 * format first and by name within it, as the public implementations do, so that each is aligned. Equal content gives
 * equal bytes. Throws `file` for a name or text that is not Unicode and for a header beyond the cap.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = [...tensors].sort(
    ([nameA, a], [nameB, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1),
  );
  const members = [`${quoted(METADATA)}:${formatMetadata(metadata)}`];
  let end = 0;
  for (const [name, { shape, data }] of sorted) {
    const start = end;
    end += data.byteLength;
    const entry = { dtype: dtypeOf(data), shape, data_offsets: [start, end] };
    members.push(`${quoted(name)}:${JSON.stringify(entry)}`);
  }
  const header = new TextEncoder().encode(`{${members.join(',')}}`);
  const headerLength = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;
  if (headerLength > MAXIMUM_HEADER_BYTES) throw headerTooLong(headerLength);

  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(header, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + header.length, LENGTH_BYTES + headerLength);
  let offset = LENGTH_BYTES + headerLength;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file. Total: any bytes give tensors or a `file` error, in time and memory bounded by their
 * number. The tensors are views of `bytes` where the alignment allows, copies otherwise; the bytes must not change
 * afterwards.
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions = {}): Safetensors {
  const { header, dataStart } = readHeader(bytes);
  const available = bytes.length - dataStart;
  const metadata: Record<string, string> = Object.create(null);
  const entries: Entry[] = [];
  for (const [name, value] of header) {
    if (name === METADATA) readMetadata(value, metadata);
    else entries.push(readEntry(name, value, available));
  }
  checkCoverage(entries, available);
  const tensors = new Map<string, Tensor>();
  for (const entry of entries) {
    const tensor = { shape: entry.shape, data: viewOf(bytes, dataStart, entry) };
    if (options.allowNonFinite !== true) checkFinite(entry.name, tensor);
    tensors.set(entry.name, tensor);
  }
  return { tensors, metadata };
}

/** The part of a safetensors file that is its JSON header; checks the length in front of it. */
export function headerBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length < LENGTH_BYTES) {
    throw new SpikewireError(
      'file',
      'header',
      `the file has ${bytes.length} bytes`,
      'the 8 bytes of the header length',
    );
  }
  const declared = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (declared > MAXIMUM_HEADER_BYTES) throw headerTooLong(declared);
  const end = LENGTH_BYTES + Number(declared);
  if (end > bytes.length) {
    throw new SpikewireError('file', 'header', `needs ${end} bytes, but the file has ${bytes.length}`, 'a whole file');
  }
  return bytes.subarray(LENGTH_BYTES, end);
}

interface Entry {
  readonly name: string;
  readonly type: TensorConstructor;
  readonly shape: Shape;
  /** Bytes from the start of the tensors. */
  readonly start: number;
  readonly end: number;
}

function readHeader(bytes: Uint8Array): { header: ReadonlyMap<string, JsonTree>; dataStart: number } {
  const encoded = headerBytes(bytes);
  if (encoded[0] !== 0x7b) throw new SpikewireError('file', 'header', 'does not begin with {', 'a JSON object');
  const header = parseJsonTree(decodeUtf8(encoded), 'header', { depth: HEADER_DEPTH }) as ReadonlyMap<string, JsonTree>;
  return { header, dataStart: LENGTH_BYTES + encoded.length };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SpikewireError('file', 'header', 'is damaged: it is not UTF-8', 'the file as it was written', cause);
  }
}

function readMetadata(value: JsonTree, metadata: Record<string, string>): void {
  if (!(value instanceof Map)) throw new SpikewireError('file', METADATA, 'is not an object', 'an object of strings');
  for (const [key, text] of value) {
    if (typeof text !== 'string') {
      throw new SpikewireError('file', `${METADATA}.${abbreviated(key)}`, 'is not a string', 'a string');
    }
    metadata[key] = text;
  }
}

function readEntry(name: string, value: JsonTree, available: number): Entry {
  const where = `tensor ${quoted(abbreviated(name))}`;
  const { dtype, shape, data_offsets: offsets } = value instanceof Map ? Object.fromEntries(value) : {};
  if (!(value instanceof Map) || value.size !== 3 || dtype === undefined || shape === undefined) {
    throw new SpikewireError('file', where, 'has other keys', 'dtype, shape and data_offsets');
  }
  const type = typeof dtype === 'string' ? dtypes.get(dtype) : undefined;
  if (type === undefined) {
    const given = abbreviated(JSON.stringify(dtype));
    throw new SpikewireError('file', where, `has dtype ${given}`, [...dtypes.keys()].join(', '));
  }
  if (!isSizes(shape)) {
    throw new SpikewireError('file', where, 'has an invalid shape', 'a list of whole numbers from 0');
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new SpikewireError('file', where, 'has invalid data_offsets', '[first byte, byte after the last]');
  }
  const [start, end] = offsets as readonly [number, number];
  if (start > end || end > available) {
    throw new SpikewireError(
      'file',
      where,
      start > end
        ? `is damaged: begins at byte ${start} and ends at byte ${end}`
        : `is damaged or incomplete: needs ${end} bytes of data, and the file has ${available}`,
      'a complete file',
    );
  }
  const size = byteSize(shape, type.BYTES_PER_ELEMENT);
  if (size !== end - start) {
    const text = `has ${end - start} bytes`;
    throw new SpikewireError(
      'file',
      where,
      text,
      `${size ?? 'fewer elements than'} for ${dtype} ${formatShape(shape.slice(0, 8))}`,
    );
  }
  return { name, type, shape, start, end };
}

function isSizes(value: JsonTree | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Bytes of a shape, or undefined where the product leaves the integers that a number holds exactly. */
function byteSize(shape: Shape, bytesPerElement: number): number | undefined {
  if (shape.includes(0)) return 0;
  let size = bytesPerElement;
  for (const length of shape) {
    size *= length;
    if (size > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return size;
}

/** Tensors must lie side by side, from the first byte to the last: no overlap, no hole for anything else to hide in. */
function checkCoverage(entries: readonly Entry[], available: number): void {
  let covered = 0;
  for (const { name, start, end } of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== covered) {
      const where = `tensor ${quoted(abbreviated(name))}`;
      throw new SpikewireError('file', where, `begins at byte ${start}`, `${covered}, where the one before ends`);
    }
    covered = end;
  }
  if (covered !== available) {
    throw new SpikewireError('file', 'tensors', `cover ${covered} of ${available} bytes`, 'all bytes after the header');
  }
}

function viewOf(bytes: Uint8Array, dataStart: number, { type, start, end }: Entry): TensorData {
  const length = (end - start) / type.BYTES_PER_ELEMENT;
  const offset = bytes.byteOffset + dataStart + start;
  if (offset % type.BYTES_PER_ELEMENT === 0) return new type(bytes.buffer, offset, length);
  return new type(new Uint8Array(bytes.subarray(dataStart + start, dataStart + end)).buffer, 0, length);
}

function checkFinite(name: string, { data }: Tensor): void {
  if (!(data instanceof Float64Array || data instanceof Float32Array)) return;
  for (let index = 0; index < data.length; index++) {
    if (Number.isFinite(data[index]!)) continue;
    throw new SpikewireError(
      'file',
      `tensor ${quoted(abbreviated(name))}[${index}]`,
      `is ${data[index]}`,
      'a finite number',
    );
  }
}

function dtypeOf(data: TensorData): string {
  for (const [name, type] of dtypes) if (data instanceof type) return name;
  throw new SpikewireError(
    'file',
    'tensor',
    `has data of type ${Object.prototype.toString.call(data)}`,
    [...dtypes.keys()].join(', '),
  );
}

function formatMetadata(metadata: Readonly<Record<string, string>>): string {
  return `{${Object.entries(metadata)
    .map(([key, text]) => `${quoted(key)}:${quoted(text)}`)
    .join(',')}}`;
}

function quoted(text: string): string {
  if (LONE_SURROGATE.test(text)) {
    throw new SpikewireError(
      'file',
      JSON.stringify(abbreviated(text)),
      'has half a surrogate pair',
      'well-formed Unicode',
    );
  }
  return JSON.stringify(text);
}

function abbreviated(text: string): string {
  return text.length > 64 ? `${text.slice(0, 63)}…` : text;
}

function headerTooLong(length: number | bigint): SpikewireError {
  return new SpikewireError('file', 'header', `has ${length} bytes`, `at most ${MAXIMUM_HEADER_BYTES}`);
}

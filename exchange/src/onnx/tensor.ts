import { elementCount, formatShape, type Shape, SpikewireError } from '@spikewire/models';
import type { ProtobufMessage } from './protobuf-message.ts';

/** Numbers of a file, in row-major order: float32 stays what it is, all others become float64. */
export interface OnnxTensor {
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array;
  /** ONNX's number of the element type (TensorProto.DataType). */
  readonly type: number;
}

/** Field numbers of TensorProto. */
const FIELD = { dimensions: 1, type: 2, floats: 4, integers32: 5, integers64: 7, raw: 9, doubles: 10, unsigned64: 11 };
const EXTERNAL = { list: 13, location: 14 };

export const [FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, DOUBLE] = [1, 2, 3, 4, 5, 6, 7, 11] as const;
const [BOOL, FLOAT16, UINT32, UINT64, BFLOAT16] = [9, 10, 12, 13, 16] as const;

interface ElementType {
  readonly bytes: number;
  /** The field that has the numbers where they are not raw. */
  readonly field: number;
  at(view: DataView, offset: number): number;
  /** What a number of the field stands for; absent: itself. */
  readonly meaning?: (stored: number) => number;
}

const { integers32, integers64, unsigned64 } = FIELD;
const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map([
  [FLOAT, { bytes: 4, field: FIELD.floats, at: (view, k) => view.getFloat32(k, true) }],
  [UINT8, { bytes: 1, field: integers32, at: (view, k) => view.getUint8(k) }],
  [INT8, { bytes: 1, field: integers32, at: (view, k) => view.getInt8(k) }],
  [UINT16, { bytes: 2, field: integers32, at: (view, k) => view.getUint16(k, true) }],
  [INT16, { bytes: 2, field: integers32, at: (view, k) => view.getInt16(k, true) }],
  [INT32, { bytes: 4, field: integers32, at: (view, k) => view.getInt32(k, true) }],
  [INT64, { bytes: 8, field: integers64, at: (view, k) => Number(view.getBigInt64(k, true)) }],
  [BOOL, { bytes: 1, field: integers32, at: (view, k) => view.getUint8(k) }],
  [FLOAT16, { bytes: 2, field: integers32, at: (view, k) => half(view.getUint16(k, true)), meaning: half }],
  [DOUBLE, { bytes: 8, field: FIELD.doubles, at: (view, k) => view.getFloat64(k, true) }],
  [UINT32, { bytes: 4, field: unsigned64, at: (view, k) => view.getUint32(k, true) }],
  [UINT64, { bytes: 8, field: unsigned64, at: (view, k) => Number(view.getBigUint64(k, true)) }],
  [BFLOAT16, { bytes: 2, field: integers32, at: (view, k) => brain(view.getUint16(k, true)), meaning: brain }],
] satisfies (readonly [number, ElementType])[]);

/** Reads a TensorProto. Nothing is allocated before the bytes were seen to be there; no other file is ever opened. */
export function readTensor(message: ProtobufMessage, where: string): OnnxTensor {
  const refuse = (problem: string, expected: string, code: 'file' | 'unsupported' = 'file') =>
    new SpikewireError(code, where, problem, expected);
  if (message.integer(EXTERNAL.location) === 1 || message.bytes(EXTERNAL.list) !== undefined) {
    throw refuse('has its numbers in another file', 'all numbers in one file', 'unsupported');
  }
  const shape = message.integers(FIELD.dimensions);
  const type = message.integer(FIELD.type) ?? 0;
  const element = ELEMENT_TYPES.get(type);
  if (element === undefined) throw refuse(`has elements of type ${type}`, 'floats or whole numbers', 'unsupported');
  const size = elementCount(shape);
  if (shape.some((length) => length < 0) || !Number.isSafeInteger(size)) {
    throw refuse(`has shape ${formatShape(shape)}`, 'sizes of at least 0');
  }
  const raw = message.bytes(FIELD.raw);
  if (raw === undefined) {
    const stored =
      element.field === FIELD.floats || element.field === FIELD.doubles
        ? message.floats(element.field, element.bytes as 4 | 8)
        : message.integers(element.field);
    if (stored.length !== size) throw refuse(`has ${stored.length} numbers`, `${size} for ${formatShape(shape)}`);
    const values = element.meaning === undefined ? stored : stored.map(element.meaning);
    return { shape, type, data: type === FLOAT ? Float32Array.from(values) : Float64Array.from(values) };
  }
  if (raw.length !== size * element.bytes) {
    throw refuse(`has ${raw.length} bytes`, `${size * element.bytes} for ${formatShape(shape)}`);
  }
  message.memory.take(where, 8 * size);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const data = type === FLOAT ? new Float32Array(size) : new Float64Array(size);
  for (let k = 0; k < size; k++) data[k] = element.at(view, k * element.bytes);
  return { shape, type, data };
}

/** The number of 16 bits of IEEE 754. */
function half(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The upper 16 bits of a float32. */
function brain(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}

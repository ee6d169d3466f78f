import { SpikewireError } from '@spikewire/models';
import type { Hdf5Type } from '../tree.ts';
import { ByteWriter } from './byte-writer.ts';

/** Types of messages of an object header. */
const TYPES = {
  dataspace: 0x01,
  datatype: 0x03,
  fillValue: 0x05,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  symbolTable: 0x11,
};

export interface Message {
  readonly type: number;
  readonly content: Uint8Array;
}

const LARGEST_MESSAGE = 65_528;
const MOST_MESSAGES = 65_535;
const MOST_DIMENSIONS = 32;

/** An object header of version 1 (HDF5 File Format Specification, IV.A.1.a), in one block. */
export function objectHeader(messages: readonly Message[], where: string): Uint8Array {
  if (messages.length > MOST_MESSAGES) {
    const expected = `at most ${MOST_MESSAGES}, of which each attribute is one`;
    throw new SpikewireError('unsupported', where, `has ${messages.length} messages`, expected);
  }
  const block = new ByteWriter();
  for (const { type, content } of messages) {
    if (content.length > LARGEST_MESSAGE) {
      const problem = `has an attribute of ${content.length} bytes`;
      throw new SpikewireError('unsupported', where, problem, `at most ${LARGEST_MESSAGE}, or a dataset`);
    }
    block
      .uint(2, type)
      .uint(2, Math.ceil(content.length / 8) * 8)
      .zeros(4)
      .put(content)
      .align();
  }
  const [VERSION, REFERENCES] = [1, 1];
  const header = new ByteWriter().uint(2, VERSION).uint(2, messages.length).uint(4, REFERENCES).uint(4, block.length);
  return header.align().put(block.finish()).finish();
}

/** Version 1. */
export function dataspace(shape: readonly number[], where: string): Message {
  if (shape.length > MOST_DIMENSIONS) {
    throw new SpikewireError('unsupported', where, `has ${shape.length} dimensions`, `at most ${MOST_DIMENSIONS}`);
  }
  const wrong = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (wrong !== undefined)
    throw new SpikewireError('parameter', where, `has the size ${wrong}`, 'whole numbers from 0');
  const content = new ByteWriter().uint(1, 1).uint(1, shape.length).zeros(6);
  for (const size of shape) content.long(size);
  return { type: TYPES.dataspace, content: content.finish() };
}

/** Bytes of an element. A text of variable length is its length and the place of a heap's object. */
export function sizeOf(type: Hdf5Type): number {
  if (type.class === 'string') return type.length === 'variable' ? 16 : type.length;
  return type.class === 'integer' || type.class === 'float' ? type.bytes : 1;
}

const [INTEGER, FLOAT, STRING, ENUMERATION, VARIABLE] = [0, 1, 3, 8, 9];

export function datatype(type: Hdf5Type, where: string): Message {
  return { type: TYPES.datatype, content: typeBytes(type, where).finish() };
}

function typeBytes(type: Hdf5Type, where: string): ByteWriter {
  switch (type.class) {
    case 'integer':
      return typeHead(INTEGER, bigEndian(type.order) | (type.signed ? 8 : 0), type.bytes)
        .uint(2, 0)
        .uint(2, 8 * type.bytes);
    case 'float': {
      const [sign, exponentAt, exponentBits, mantissaBits, bias] = IEEE[type.bytes];
      const LEADING_ONE_IMPLIED = 0x20;
      return typeHead(FLOAT, bigEndian(type.order) | LEADING_ONE_IMPLIED | (sign << 8), type.bytes)
        .uint(2, 0)
        .uint(2, 8 * type.bytes)
        .uint(1, exponentAt)
        .uint(1, exponentBits)
        .uint(1, 0)
        .uint(1, mantissaBits)
        .uint(4, bias);
    }
    case 'boolean': {
      const names = ['FALSE', 'TRUE'];
      const base = typeBytes({ class: 'integer', bytes: 1, signed: true, order: 'little' }, where);
      const content = typeHead(ENUMERATION, names.length, 1).put(base.finish());
      for (const name of names) content.put(new TextEncoder().encode(name.padEnd(8, '\0')));
      return content.uint(1, 0).uint(1, 1);
    }
    case 'string': {
      const padding = ['null-terminated', 'null', 'space'].indexOf(type.padding);
      const characters = type.characters === 'utf-8' ? 1 : 0;
      if (type.length !== 'variable') return typeHead(STRING, padding | (characters << 4), type.length);
      const IS_TEXT = 1;
      const base = typeHead(INTEGER, 0, 1).uint(2, 0).uint(2, 8);
      return typeHead(VARIABLE, IS_TEXT | (padding << 4) | (characters << 8), sizeOf(type)).put(base.finish());
    }
    default:
      throw new SpikewireError('unsupported', where, `has elements that are ${type.name}`, 'numbers or texts');
  }
}

/** Version 1 of a datatype. */
function typeHead(kind: number, bits: number, size: number): ByteWriter {
  const VERSION = 1;
  return new ByteWriter()
    .uint(1, kind | (VERSION << 4))
    .uint(2, bits)
    .uint(1, 0)
    .uint(4, size);
}

const bigEndian = (order: 'little' | 'big') => (order === 'big' ? 1 : 0);

/** Place of the sign; place and bits of the exponent; bits of the mantissa; bias. */
const IEEE = { 2: [15, 10, 5, 10, 15], 4: [31, 23, 8, 23, 127], 8: [63, 52, 11, 52, 1023] } as const;

/** Version 2: none, space is taken late. */
export function noFillValue(): Message {
  const [VERSION, ALLOCATED_LATE, WRITTEN_IF_SET, UNDEFINED] = [2, 2, 2, 0];
  const content = new ByteWriter().uint(1, VERSION).uint(1, ALLOCATED_LATE).uint(1, WRITTEN_IF_SET).uint(1, UNDEFINED);
  return { type: TYPES.fillValue, content: content.finish() };
}

const [LAYOUT_VERSION, CONTIGUOUS, CHUNKED] = [3, 1, 2];

export function contiguous(address: number | undefined, bytes: number): Message {
  const content = new ByteWriter().uint(1, LAYOUT_VERSION).uint(1, CONTIGUOUS).long(address).long(bytes);
  return { type: TYPES.layout, content: content.finish() };
}

export function chunked(tree: number, chunk: readonly number[], elementBytes: number): Message {
  const content = new ByteWriter()
    .uint(1, LAYOUT_VERSION)
    .uint(1, CHUNKED)
    .uint(1, chunk.length + 1)
    .long(tree);
  for (const size of [...chunk, elementBytes]) content.uint(4, size);
  return { type: TYPES.layout, content: content.finish() };
}

export function deflate(level: number): Message {
  const [VERSION, FILTERS, DEFLATE, NAME_BYTES, OPTIONAL, PARAMETERS] = [1, 1, 1, 8, 1, 1];
  const content = new ByteWriter().uint(1, VERSION).uint(1, FILTERS).zeros(6);
  content.uint(2, DEFLATE).uint(2, NAME_BYTES).uint(2, OPTIONAL).uint(2, PARAMETERS);
  content.signature('deflate\0').uint(4, level).zeros(4);
  return { type: TYPES.filters, content: content.finish() };
}

/** Version 3, the first that says that names are UTF-8. */
export function attribute(
  name: string,
  shape: readonly number[],
  type: Hdf5Type,
  data: Uint8Array,
  where: string,
): Message {
  const [VERSION, UTF_8] = [3, 1];
  const label = new TextEncoder().encode(`${name}\0`);
  const [kind, space] = [datatype(type, where).content, dataspace(shape, where).content];
  const content = new ByteWriter().uint(1, VERSION).zeros(1);
  content.uint(2, label.length).uint(2, kind.length).uint(2, space.length).uint(1, UTF_8);
  return { type: TYPES.attribute, content: content.put(label).put(kind).put(space).put(data).finish() };
}

export function symbolTable(tree: number, heap: number): Message {
  return { type: TYPES.symbolTable, content: new ByteWriter().long(tree).long(heap).finish() };
}

import { SpikewireError } from '@spikewire/models';
import type { ReadingMemory } from '../reading-memory.ts';

const [VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES] = [0, 1, 2, 5];
const MOST_VARINT_BYTES = 10;

/** Of one message, far beyond any net that is read. */
const MOST_FIELDS = 2 ** 17;
/** Bytes of memory at most: of a message, of a field, and of a number among many of one field. */
const [OF_MESSAGE, OF_FIELD, OF_NUMBER] = [512, 256, 32];

/** What stands under a field's number: a whole number of 64 bits, or bytes of the file. */
type FieldValue = bigint | Uint8Array;

/**
 * One Protocol Buffers message, its fields by number. Bytes are views of the file, so that a message takes no more than
 * a small multiple of the number of its fields. Throws `file` for bytes that are no message, `budget` where it and those
 * within it take more than the memory that they share.
 */
export class ProtobufMessage {
  readonly #fields = new Map<number, FieldValue[]>();
  readonly #where: string;
  readonly memory: ReadingMemory;

  /** @param where for errors, such as `node 3` */
  constructor(bytes: Uint8Array, where: string, memory: ReadingMemory) {
    this.#where = where;
    this.memory = memory;
    memory.take(where, OF_MESSAGE);
    const cursor = { bytes, at: 0 };
    for (let count = 1; cursor.at < bytes.length; count++) {
      if (count > MOST_FIELDS) throw this.#wrong(`has more than ${MOST_FIELDS} fields`, 'an ordinary net');
      memory.take(where, OF_FIELD);
      const tag = this.#varint(cursor);
      const value = this.#value(cursor, Number(tag & 7n));
      const field = Number(tag >> 3n);
      const known = this.#fields.get(field);
      if (known === undefined) this.#fields.set(field, [value]);
      else known.push(value);
    }
  }

  /** The last of a field, as a signed whole number; undefined where it is absent. */
  integer(field: number): number | undefined {
    const value = this.#fields.get(field)?.at(-1);
    if (value === undefined) return undefined;
    if (typeof value !== 'bigint') throw this.#wrong(`has bytes in field ${field}`, 'a number');
    return Number(BigInt.asIntN(64, value));
  }

  /** The last of a field, as float32. */
  float(field: number): number | undefined {
    return this.floats(field, 4).at(-1);
  }

  bytes(field: number): Uint8Array | undefined {
    const value = this.#fields.get(field)?.at(-1);
    return value === undefined ? undefined : this.#bytesOf(value, field);
  }

  text(field: number): string {
    const bytes = this.bytes(field);
    return bytes === undefined ? '' : new TextDecoder().decode(bytes);
  }

  texts(field: number): string[] {
    return (this.#fields.get(field) ?? []).map((value) => new TextDecoder().decode(this.#bytesOf(value, field)));
  }

  message(field: number, where: string): ProtobufMessage | undefined {
    const bytes = this.bytes(field);
    return bytes === undefined ? undefined : new ProtobufMessage(bytes, where, this.memory);
  }

  messages(field: number, nameOf: (index: number) => string): ProtobufMessage[] {
    const values = this.#fields.get(field) ?? [];
    return values.map((value, index) => new ProtobufMessage(this.#bytesOf(value, field), nameOf(index), this.memory));
  }

  /** Whole numbers, each in a field of its own or many in one. */
  integers(field: number): number[] {
    const found: number[] = [];
    for (const value of this.#fields.get(field) ?? []) {
      if (typeof value === 'bigint') {
        found.push(Number(BigInt.asIntN(64, value)));
        continue;
      }
      this.memory.take(this.#where, OF_NUMBER * countNumbers(value));
      const cursor = { bytes: value, at: 0 };
      while (cursor.at < value.length) found.push(Number(BigInt.asIntN(64, this.#varint(cursor))));
    }
    return found;
  }

  /** float32 (of 4 bytes) or float64 (of 8), each in a field of its own or many in one. */
  floats(field: number, size: 4 | 8): number[] {
    const found: number[] = [];
    for (const value of this.#fields.get(field) ?? []) {
      const bytes = this.#bytesOf(value, field);
      if (bytes.length % size !== 0) throw this.#wrong(`has ${bytes.length} bytes in field ${field}`, 'whole numbers');
      this.memory.take(this.#where, (OF_NUMBER * bytes.length) / size);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let at = 0; at < bytes.length; at += size)
        found.push(size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
    }
    return found;
  }

  #bytesOf(value: FieldValue, field: number): Uint8Array {
    if (typeof value === 'bigint') throw this.#wrong(`has a number in field ${field}`, 'bytes');
    return value;
  }

  #value(cursor: Cursor, wire: number): FieldValue {
    if (wire === VARINT) return this.#varint(cursor);
    if (wire === BYTES) return this.#take(cursor, Number(this.#varint(cursor)));
    if (wire === EIGHT_BYTES) return this.#take(cursor, 8);
    if (wire === FOUR_BYTES) return this.#take(cursor, 4);
    throw this.#wrong(`has a field of wire type ${wire}`, 'a protocol buffer');
  }

  #take(cursor: Cursor, length: number): Uint8Array {
    const { bytes, at } = cursor;
    if (length > bytes.length - at) throw this.#wrong('ends within a field', 'a whole protocol buffer');
    cursor.at += length;
    return bytes.subarray(at, at + length);
  }

  #varint(cursor: Cursor): bigint {
    let value = 0n;
    for (let k = 0; k < MOST_VARINT_BYTES; k++) {
      const byte = cursor.bytes[cursor.at++];
      if (byte === undefined) throw this.#wrong('ends within a number', 'a whole protocol buffer');
      value |= BigInt(byte & 0x7f) << BigInt(7 * k);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw this.#wrong(`has a number of more than ${MOST_VARINT_BYTES} bytes`, 'a protocol buffer');
  }

  #wrong(problem: string, expected: string): SpikewireError {
    return new SpikewireError('file', this.#where, problem, expected);
  }
}

/** Whole numbers in bytes of many: the last byte of each is below 128. */
function countNumbers(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => count + Number(byte < 0x80), 0);
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

const VARINT = 0;
const BYTES = 2;

/**
 * Writes one Protocol Buffers message, field by field (the encoding's wire types 0 and 2). Only what ONNX needs; the
 * caller knows the field numbers of its message.
 */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number; negative ones take ten bytes, as two's complement of 64 bits. */
  integer(field: number, value: number | bigint): this {
    this.#varint(BigInt((field << 3) | VARINT));
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint(BigInt((field << 3) | BYTES));
    this.#varint(BigInt(value.length));
    this.#parts.push(value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  /** The bytes of the message so far. */
  finish(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.#parts.push(Uint8Array.from(bytes));
  }
}

/**
 * Reads tables of FlatBuffers (google/flatbuffers, docs: internals): little-endian, a table begins with the way back to
 * its list of fields. Every place is looked up through a DataView, which throws a RangeError beyond the bytes.
 */
export class Flatbuffer {
  readonly #view: DataView;

  /** @param bytes with their size in four bytes in front */
  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Four letters that say which table is the first. */
  get identifier(): string {
    return String.fromCharCode(...[8, 9, 10, 11].map((at) => this.#view.getUint8(at)));
  }

  /** The first table. */
  get root(): number {
    return 4 + this.#view.getUint32(4, true);
  }

  /** Where a table has the field of a number; undefined where it has the default. */
  field(table: number, slot: number): number | undefined {
    const fields = table - this.#view.getInt32(table, true);
    const place = 4 + 2 * slot;
    if (place + 2 > this.#view.getUint16(fields, true)) return undefined;
    const offset = this.#view.getUint16(fields + place, true);
    return offset === 0 ? undefined : table + offset;
  }

  int32(table: number, slot: number, preset: number): number {
    const at = this.field(table, slot);
    return at === undefined ? preset : this.#view.getInt32(at, true);
  }

  int64(table: number, slot: number, preset: bigint): bigint {
    const at = this.field(table, slot);
    return at === undefined ? preset : this.#view.getBigInt64(at, true);
  }

  /**
   * The first byte and the length of a field that is a vector of elements of so many bytes; empty where it is absent.
   */
  vector(table: number, slot: number, elementBytes: number): { readonly start: number; readonly length: number } {
    const at = this.field(table, slot);
    if (at === undefined) return { start: 0, length: 0 };
    const vector = at + this.#view.getUint32(at, true);
    const length = this.#view.getUint32(vector, true);
    if (vector + 4 + length * elementBytes > this.#view.byteLength) throw new RangeError('a vector is too long');
    return { start: vector + 4, length };
  }

  text(table: number, slot: number): string {
    const { start, length } = this.vector(table, slot, 1);
    return new TextDecoder().decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length));
  }
}

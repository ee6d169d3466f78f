import { SpikewireError } from '@spikewire/models';
import { lookup3 } from './lookup3.ts';

/** Bytes of an address (the format's "offset") and of a length, as the superblock says. */
export interface Widths {
  readonly address: number;
  readonly length: number;
}

/** Reads little-endian fields of a part of the file, one after the other. Throws `file` beyond its end. */
export class Cursor {
  readonly bytes: Uint8Array;
  /** For errors: the object that the part belongs to, such as `dataset "/a"`. */
  readonly where: string;
  readonly widths: Widths;
  at = 0;

  constructor(bytes: Uint8Array, where: string, widths: Widths) {
    this.bytes = bytes;
    this.where = where;
    this.widths = widths;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** A whole number without a sign; beyond 2⁵³ the nearest, which is larger than any file. */
  uint(bytes: number): number {
    const start = this.skip(bytes);
    let value = 0;
    for (let k = start + bytes - 1; k >= start; k--) value = 256 * value + this.bytes[k]!;
    return value;
  }

  /** An address; undefined where all bits are set. */
  address(): number | undefined {
    return this.#unlessAllSet(this.widths.address);
  }

  /** An address that must be there. */
  defined(what: string): number {
    return this.address() ?? this.fail(`has no address of its ${what}`);
  }

  length(): number {
    return this.uint(this.widths.length);
  }

  /** A length, or undefined where all bits are set: without limit. */
  limit(): number | undefined {
    return this.#unlessAllSet(this.widths.length);
  }

  take(bytes: number): Uint8Array {
    const start = this.skip(bytes);
    return this.bytes.subarray(start, start + bytes);
  }

  /** The same as a cursor of its own. */
  part(bytes: number): Cursor {
    return new Cursor(this.take(bytes), this.where, this.widths);
  }

  /** Returns the place before. */
  skip(bytes: number): number {
    const start = this.at;
    if (bytes > this.left) this.fail('has a part that ends within a field');
    this.at += bytes;
    return start;
  }

  /** Goes on at the next multiple of 8 from the start. */
  align(): void {
    this.at = Math.min(this.bytes.length, Math.ceil(this.at / 8) * 8);
  }

  /** A text that a zero byte ends. */
  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) this.fail('has a text without an end');
    const bytes = this.take(end - this.at);
    this.at++;
    return textOf(bytes, this.where);
  }

  signature(expected: string): void {
    const start = this.skip(expected.length);
    for (let k = 0; k < expected.length; k++) {
      if (this.bytes[start + k] !== expected.charCodeAt(k)) {
        this.fail(`has no signature "${expected}" at its place`);
      }
    }
  }

  version(what: string, ...known: readonly number[]): number {
    const version = this.uint(1);
    if (known.includes(version)) return version;
    throw new SpikewireError('unsupported', this.where, `has version ${version} of ${what}`, `${known.join(', ')}`);
  }

  /** The checksum of all before it in this part. */
  checksum(): void {
    const sum = lookup3(this.bytes.subarray(0, this.at));
    if (this.uint(4) !== sum) this.fail('has a part whose checksum is wrong');
  }

  fail(problem: string, expected = 'an undamaged HDF5 file'): never {
    throw new SpikewireError('file', this.where, problem, expected);
  }

  #unlessAllSet(bytes: number): number | undefined {
    const start = this.at;
    const value = this.uint(bytes);
    return this.bytes.subarray(start, this.at).every((byte) => byte === 0xff) ? undefined : value;
  }
}

/** UTF-8, of which ASCII is a part. */
export function textOf(bytes: Uint8Array, where: string): string {
  try {
    // A mark of the byte order is text like any other.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SpikewireError('file', where, 'has a text that is not UTF-8', 'UTF-8 or ASCII');
  }
}

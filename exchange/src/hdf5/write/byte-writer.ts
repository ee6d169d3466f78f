const UNDEFINED = 0xffff_ffff_ffff_ffffn;

/** Bytes of a file that is being made: addresses and lengths of 8 bytes, everything little-endian. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  uint(bytes: 1 | 2 | 4 | 8, value: number): this {
    const at = this.#grow(bytes);
    let rest = value;
    for (let k = 0; k < bytes; k++) {
      this.#bytes[at + k] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return this;
  }

  /** An address or a length; undefined is the format's "undefined address". */
  long(value: number | undefined): this {
    const at = this.#grow(8);
    new DataView(this.#bytes.buffer).setBigUint64(at, value === undefined ? UNDEFINED : BigInt(value), true);
    return this;
  }

  put(bytes: Uint8Array): this {
    // The place first: the array may be another one afterwards.
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  signature(text: string): this {
    return this.put(new TextEncoder().encode(text));
  }

  zeros(count: number): this {
    this.#grow(count);
    return this;
  }

  /** Zeros up to a multiple of 8. */
  align(): this {
    return this.zeros(Math.ceil(this.#length / 8) * 8 - this.#length);
  }

  /** Puts a part of the file, and what it takes so that the next begins at a multiple of 8. Returns its address. */
  place(bytes: Uint8Array): number {
    const address = this.#length;
    this.put(bytes).align();
    return address;
  }

  /** Writes again where something stands. */
  replace(at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, at);
  }

  /** A view of all so far. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    return at;
  }
}

/** The first byte of a system exclusive message, and the one that ends it. */
export const SYSEX = 0xf0;
export const SYSEX_END = 0xf7;

/** A message of Firmata: its first byte, and the bytes of seven bits that follow; without the end of a sysex. */
export interface FirmataMessage {
  readonly first: number;
  readonly data: Uint8Array;
}

/** Longer than any: the longest says what each pin of a board can do. */
const LONGEST = 1024;

/** Bytes behind a first byte; undefined where it begins no message of that kind. */
function following(first: number): number | undefined {
  if (first === 0xf9 || first === 0xf4 || first === 0xf5) return 2;
  const upper = first & 0xf0;
  if (upper === 0x90 || upper === 0xe0) return 2;
  return upper === 0xc0 || upper === 0xd0 ? 1 : undefined;
}

/**
 * Finds the messages in what a board sends (Firmata protocol 2.7), however it is cut into pieces. After wrong bytes the
 * next whole message is found again; one in which another begins is left out.
 */
export class FirmataParser {
  /** Messages cut off or too long, and bytes that belong to none. */
  broken = 0;
  /** The message that is coming; 0 between messages. */
  #first = 0;
  #length = 0;
  readonly #data = new Uint8Array(LONGEST);

  take(bytes: Uint8Array): FirmataMessage[] {
    const messages: FirmataMessage[] = [];
    for (const byte of bytes) {
      if (byte >= 0x80 ? this.#endsAt(byte) : this.#isWholeWith(byte)) {
        messages.push({ first: this.#first, data: this.#data.slice(0, this.#length) });
        this.#first = 0;
      }
      if (byte >= 0x80) this.#begin(byte);
    }
    return messages;
  }

  #endsAt(byte: number): boolean {
    if (byte === SYSEX_END && this.#first === SYSEX && this.#length <= LONGEST) return true;
    if (this.#first !== 0) this.broken++;
    return false;
  }

  #begin(byte: number): void {
    this.#length = 0;
    this.#first = byte === SYSEX || following(byte) !== undefined ? byte : 0;
  }

  #isWholeWith(byte: number): boolean {
    if (this.#first === 0) {
      this.broken++;
      return false;
    }
    // What does not fit is not kept; the length then says that the message was too long.
    this.#data[this.#length++] = byte;
    return this.#length === following(this.#first);
  }
}

/** A longer line is none, and what stands for it is no sample. */
const LONGEST = 65_536;
const TOO_LONG = `… (more than ${LONGEST} characters)`;

/** Whole lines of text out of bytes that come in pieces; one that never ends is given up. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = '';
  #isTooLong = false;

  /** Lines that are complete with these bytes, without their ends and without empty ones. */
  take(bytes: Uint8Array): string[] {
    const pieces = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split(/\r\n?|\n/);
    this.#rest = pieces.pop()!;
    if (this.#isTooLong && pieces.length > 0) {
      pieces.shift();
      this.#isTooLong = false;
    }
    if (this.#rest.length > LONGEST) {
      this.#rest = '';
      if (!this.#isTooLong) pieces.push(TOO_LONG);
      this.#isTooLong = true;
    }
    return pieces.filter((line) => line.trim() !== '');
  }

  /** Gives up the line that has begun; whether there was one. */
  forget(): boolean {
    const begun = this.#rest + this.#decoder.decode();
    this.#rest = '';
    this.#isTooLong = false;
    return begun.trim() !== '';
  }
}

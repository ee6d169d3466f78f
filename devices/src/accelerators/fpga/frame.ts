import { crc32 } from './crc32.ts';

/** A frame of the link, as the chapter "Link" of devices/rtl/README.md describes it. */
export interface Frame {
  /** 0 … 65,535. */
  readonly sequence: number;
  /** 0 … 255. */
  readonly type: number;
  readonly payload: Uint8Array;
}

export const FLAG = 0x7e;
const ESCAPE = 0x7d;
const FLIP = 0x20;
export const HEADER_BYTES = 5;
const CHECK_BYTES = 4;

/** The bytes of a frame on the line, with the flags before and after it. */
export function encodeFrame({ sequence, type, payload }: Frame): Uint8Array {
  const plain = new Uint8Array(HEADER_BYTES + payload.length + CHECK_BYTES);
  const view = new DataView(plain.buffer);
  view.setUint16(0, payload.length, true);
  view.setUint16(2, sequence, true);
  view.setUint8(4, type);
  plain.set(payload, HEADER_BYTES);
  view.setUint32(HEADER_BYTES + payload.length, crc32(plain.subarray(0, -CHECK_BYTES)), true);
  return stuffed(plain);
}

function stuffed(plain: Uint8Array): Uint8Array {
  const line = new Uint8Array(2 * plain.length + 2);
  let at = 0;
  line[at++] = FLAG;
  for (const byte of plain) {
    const isSpecial = byte === FLAG || byte === ESCAPE;
    if (isSpecial) line[at++] = ESCAPE;
    line[at++] = isSpecial ? byte ^ FLIP : byte;
  }
  line[at++] = FLAG;
  return line.subarray(0, at);
}

/** Takes frames out of the bytes of a line, and drops everything else. */
export class FrameParser {
  /** Frames that were dropped because their bytes were wrong. */
  broken = 0;
  readonly #plain: Uint8Array;
  #length = 0;
  #isEscaped = false;
  #isBroken = false;

  /** @param longest most bytes of a payload */
  constructor(longest: number) {
    this.#plain = new Uint8Array(HEADER_BYTES + longest + CHECK_BYTES);
  }

  /** The frames that end in these bytes, in their order. */
  take(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    for (const byte of bytes) {
      if (byte === FLAG) {
        const frame = this.#end();
        if (frame !== undefined) frames.push(frame);
      } else this.#takeByte(byte);
    }
    return frames;
  }

  #takeByte(byte: number): void {
    if (byte === ESCAPE) {
      if (this.#isEscaped) this.#isBroken = true;
      this.#isEscaped = true;
    } else if (this.#length === this.#plain.length) this.#isBroken = true;
    else {
      this.#plain[this.#length++] = this.#isEscaped ? byte ^ FLIP : byte;
      this.#isEscaped = false;
    }
  }

  /** What came since the last flag. */
  #end(): Frame | undefined {
    const isNothing = this.#length === 0 && !this.#isEscaped && !this.#isBroken;
    const frame = this.#isEscaped || this.#isBroken ? undefined : readFrame(this.#plain.subarray(0, this.#length));
    if (frame === undefined && !isNothing) this.broken++;
    this.#length = 0;
    this.#isEscaped = false;
    this.#isBroken = false;
    return frame;
  }
}

/** Undefined where length or CRC are wrong. */
function readFrame(plain: Uint8Array): Frame | undefined {
  const end = plain.length - CHECK_BYTES;
  if (end < HEADER_BYTES) return undefined;
  const view = new DataView(plain.buffer, plain.byteOffset, plain.length);
  const isRight =
    view.getUint16(0, true) === end - HEADER_BYTES && view.getUint32(end, true) === crc32(plain.subarray(0, end));
  if (!isRight) return undefined;
  return { sequence: view.getUint16(2, true), type: view.getUint8(4), payload: plain.slice(HEADER_BYTES, end) };
}

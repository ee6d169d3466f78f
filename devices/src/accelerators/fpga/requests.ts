import { requests } from './frame-types.ts';

/** What is asked of a board: a type and its payload (devices/rtl/README.md, chapter "Link"). */
export interface Request {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** What a board says of itself at the begin of a session. */
export interface Greeting {
  readonly nonce: number;
  readonly version: number;
  /** Requests that may be unanswered at a time. */
  readonly frames: number;
  /** Most bytes of a payload. */
  readonly payload: number;
  /** Bytes that unanswered requests may take. */
  readonly room: number;
  /** Whether it has had no session since it was reset. */
  readonly isNew: boolean;
  /** 8 bytes that name the loaded model, in hex; undefined where there is no complete one. */
  readonly digest: string | undefined;
}

const GREETING_BYTES = 19;
export const DIGEST_BYTES = 8;

export function hello(nonce: number): Request {
  return { type: requests.hello, payload: bytesOf([nonce, 4]) };
}

/** Undefined where it is not the answer of a hello. */
export function readGreeting(payload: Uint8Array): Greeting | undefined {
  if (payload.length !== GREETING_BYTES) return undefined;
  const view = viewOf(payload);
  const flags = payload[10]!;
  return {
    nonce: view.getUint32(0, true),
    version: payload[4]!,
    frames: payload[5]!,
    payload: view.getUint16(6, true),
    room: view.getUint16(8, true),
    isNew: (flags & 2) !== 0,
    digest: (flags & 1) === 0 ? undefined : Buffer.from(payload.subarray(11)).toString('hex'),
  };
}

/** @param words 1 or more, 0 … 65,535 each */
export function write(address: number, words: Uint16Array): Request {
  return { type: requests.write, payload: joined(bytesOf([address, 3]), bytesOfWords(words)) };
}

/** @param count 1 or more */
export function read(address: number, count: number): Request {
  return { type: requests.read, payload: bytesOf([address, 3], [count, 2]) };
}

export function fill(address: number, count: number, word: number): Request {
  return { type: requests.fill, payload: bytesOf([address, 3], [count, 3], [word, 2]) };
}

/** Asks for the CRC-32 of words. */
export function check(address: number, count: number): Request {
  return { type: requests.check, payload: bytesOf([address, 3], [count, 3]) };
}

/** @param digest 8 bytes in hex; undefined: no model is loaded */
export function setDigest(digest: string | undefined): Request {
  return { type: requests.digest, payload: Uint8Array.from(Buffer.from(digest ?? '', 'hex')) };
}

export function reset(): Request {
  return { type: requests.reset, payload: new Uint8Array(0) };
}

/** Little-endian numbers of so many bytes, at most 4. */
export function bytesOf(...numbers: readonly (readonly [number, number])[]): Uint8Array {
  return Uint8Array.from(
    numbers.flatMap(([n, bytes]) => Array.from({ length: bytes }, (_, k) => (n >>> (8 * k)) & 0xff)),
  );
}

export function bytesOfWords(words: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(2 * words.length);
  const view = viewOf(bytes);
  for (const [k, word] of words.entries()) view.setUint16(2 * k, word, true);
  return bytes;
}

export function wordsOfBytes(bytes: Uint8Array): Uint16Array {
  const view = viewOf(bytes);
  return Uint16Array.from({ length: bytes.length >> 1 }, (_, k) => view.getUint16(2 * k, true));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

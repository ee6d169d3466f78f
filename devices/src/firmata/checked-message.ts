import { SYSEX, SYSEX_END } from './parser.ts';

/** The system exclusive message of the extension, of those that Firmata leaves to users. */
export const EXTENSION = 0x01;
/** Bytes around what a message says, without first byte and end: extension, kind, number, length; the check. */
const [FRONT, BACK] = [4, 2];

/** A message of the extension (devices/firmware/README.md): numbers of seven bits. */
export interface CheckedMessage {
  readonly kind: number;
  /** Of a frame, which one it is; of an answer, that of the command. */
  readonly number: number;
  readonly said: Uint8Array;
}

/** All its bytes. */
export function packMessage({ kind, number, said }: CheckedMessage): Uint8Array {
  const checked = Uint8Array.of(EXTENSION, kind, number, said.length, ...said);
  return Uint8Array.of(SYSEX, ...checked, ...pack14(checkOf(checked)), SYSEX_END);
}

/** From the data of a system exclusive message; undefined where its length or its check is not right. */
export function unpackMessage(data: Uint8Array): CheckedMessage | undefined {
  const end = data.length - BACK;
  if (end < FRONT || data[0] !== EXTENSION || data[3] !== end - FRONT) return undefined;
  if (checkOf(data.subarray(0, end)) !== unpack14(data, end)) return undefined;
  return { kind: data[1]!, number: data[2]!, said: data.slice(FRONT, end) };
}

/** A number below 2¹⁴, the low seven bits first. */
export const pack14 = (value: number): [number, number] => [value & 127, value >> 7];
export const unpack14 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 7);

/**
 * CRC-14/DARC (ETSI EN 300 751; x¹⁴ + x¹¹ + x² + 1, reflected, from 0) of bytes: as large as two bytes of Firmata, and
 * no change within 14 bits in a row escapes it.
 */
export function checkOf(bytes: Uint8Array): number {
  let check = 0;
  for (const byte of bytes) {
    check ^= byte;
    for (let k = 0; k < 8; k++) check = check & 1 ? (check >> 1) ^ 0x2804 : check >> 1;
  }
  return check;
}

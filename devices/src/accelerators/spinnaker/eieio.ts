/** Spikes or numbers in a packet of the protocol EIEIO (SpiNNMan a79d3a3, messages/eieio/). */
export interface EieioData {
  /** u32, each the name of one neuron on the board. */
  readonly keys: readonly number[];
  /** One for each key; absent: they have none. */
  readonly payloads?: readonly number[];
  /** Whether payloads say in which step of the board it was. */
  readonly isTime: boolean;
  /** Bits of keys and payloads. */
  readonly bits: 16 | 32;
}

/** A command between the board, its tool chain and programs that listen. */
export interface EieioCommand {
  readonly command: number;
  readonly data: Uint8Array;
}

export const eieioCommands = { database: 1, stopPause: 10, startResume: 11 } as const;

/** Most keys in a packet without payloads (SpiNNFrontEndCommon a100eec, live_event_connection.py). */
export const MOST_KEYS = { 16: 127, 32: 63 } as const;

const HEADER_BYTES = 2;
const [PREFIX, UPPER, BASE, TIME] = [0x80, 0x40, 0x20, 0x10];
const COMMAND = UPPER;

/** A packet of at most `MOST_KEYS` keys without payloads, little-endian. */
export function encodeKeys(keys: readonly number[], bits: 16 | 32): Uint8Array {
  const width = bits / 8;
  const bytes = new Uint8Array(HEADER_BYTES + width * keys.length);
  bytes.set([keys.length, bits === 16 ? 0 : 2 << 2]);
  const view = new DataView(bytes.buffer);
  for (const [k, key] of keys.entries()) {
    if (bits === 16) view.setUint16(HEADER_BYTES + 2 * k, key, true);
    else view.setUint32(HEADER_BYTES + 4 * k, key, true);
  }
  return bytes;
}

/** What a packet says; undefined where it is no packet of data, or has another length than it says. */
export function decodeData(bytes: Uint8Array): EieioData | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const [count, flags] = bytes as unknown as [number, number];
  if (isCommand(flags)) return undefined;
  const [bits, hasPayload] = [flags & 8 ? 32 : 16, (flags & 4) !== 0] as const;
  const width = bits / 8;
  const hasBase = (flags & BASE) !== 0;
  const start = HEADER_BYTES + (flags & PREFIX ? 2 : 0) + (hasBase ? width : 0);
  const elementBytes = width * (hasPayload ? 2 : 1);
  if (bytes.length !== start + count * elementBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const number = (at: number) => (bits === 16 ? view.getUint16(at, true) : view.getUint32(at, true));
  const prefix = flags & PREFIX ? view.getUint16(HEADER_BYTES, true) << (flags & UPPER ? 16 : 0) : 0;
  const base = hasBase ? number(start - width) : 0;
  const places = Array.from({ length: count }, (_, k) => start + k * elementBytes);
  return {
    keys: places.map((at) => (number(at) | prefix) >>> 0),
    // A base alone is the payload of every key.
    ...((hasPayload || hasBase) && {
      payloads: places.map((at) => ((hasPayload ? number(at + width) : 0) | base) >>> 0),
    }),
    isTime: (flags & TIME) !== 0,
    bits,
  };
}

/** u16 0x4000 | command, then its data. */
export function encodeCommand(command: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  return Uint8Array.of(command & 0xff, COMMAND | (command >> 8), ...data);
}

/** What a packet commands; undefined where it is no command. */
export function decodeCommand(bytes: Uint8Array): EieioCommand | undefined {
  if (bytes.length < HEADER_BYTES || !isCommand(bytes[1]!)) return undefined;
  return { command: ((bytes[1]! & ~COMMAND) << 8) | bytes[0]!, data: bytes.subarray(HEADER_BYTES) };
}

/** The bit of an upper prefix without a prefix. */
const isCommand = (flags: number) => (flags & (PREFIX | COMMAND)) === COMMAND;

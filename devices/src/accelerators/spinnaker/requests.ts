import { SpikewireError } from '@spikewire/models';
import { commands, MOST_DATA, type ScpRequest } from './scp.ts';

/** Where a chip is on the board. */
export interface Chip {
  readonly x: number;
  readonly y: number;
}

/** Which program runs on a core: its name and version, and where it believes to be. */
export const version = (to: ScpRequest['to'] = {}): ScpRequest => ({
  name: 'version',
  command: commands.version,
  arguments: [0, 0, 0],
  to,
});

/** The widest access that address and length allow: 0 bytes, 1 half words, 2 words. */
const widthOf = (address: number, length: number) => ((address | length) & 1 ? 0 : (address | length) & 2 ? 1 : 2);

/** 1 … 256 bytes of the memory of a chip. */
export function read(address: number, length: number, to: ScpRequest['to'] = {}): ScpRequest {
  return {
    name: `read ${length} bytes`,
    command: commands.read,
    arguments: [address, length, widthOf(address, length)],
    to,
  };
}

/** 1 … 256 bytes into the memory of a chip. */
export function write(address: number, data: Uint8Array, to: ScpRequest['to'] = {}): ScpRequest {
  const { length } = data;
  if (length > MOST_DATA)
    throw new SpikewireError('input', 'write', `has ${length} bytes`, `at most ${MOST_DATA} bytes`);
  const words = [address, length, widthOf(address, length)] as const;
  return { name: `write ${length} bytes`, command: commands.write, arguments: words, data, to };
}

/** SDP flag for a message that must not travel on between chips. */
export const NO_P2P = 0x20;
const [SET, GET, CLEAR, TIMEOUT] = [1, 2, 3, 4].map((operation) => operation << 16) as [number, number, number, number];
const STRIP = 1 << 28;
const REVERSE = 1 << 29;
const USE_SENDER = 1 << 30;

/** Where the messages of an IP tag go. */
export interface TagTarget {
  /** Four numbers; absent: to whoever sends the request, also behind a NAT. */
  readonly address?: readonly number[];
  /** Of UDP; with the sender's address 0. */
  readonly port?: number;
  /** Whether the SDP header is left out. Default true. */
  readonly strip?: boolean;
}

/** Lets what leaves the board by a tag, 0 … 15, go to a UDP socket. */
export function setTag(tag: number, { address, port = 0, strip = true }: TagTarget = {}): ScpRequest {
  const [a = 0, b = 0, c = 0, d = 0] = address ?? [];
  const first = (strip ? STRIP : 0) | (address === undefined ? USE_SENDER : 0) | SET | tag;
  return {
    name: `set IP tag ${tag}`,
    command: commands.tag,
    arguments: [first, port, (d << 24) | (c << 16) | (b << 8) | a],
  };
}

/** Lets what comes to a UDP port of the board go to a core there. */
export function setReverseTag(tag: number, port: number, to: Chip & { cpu: number; port: number }): ScpRequest {
  return {
    name: `set reverse IP tag ${tag}`,
    command: commands.tag,
    arguments: [REVERSE | STRIP | SET | (to.port << 13) | (to.cpu << 8) | tag, (to.x << 24) | (to.y << 16) | port, 0],
  };
}

export const getTag = (tag: number): ScpRequest => ({
  name: `read IP tag ${tag}`,
  command: commands.tag,
  arguments: [GET | tag, 1, 0],
});

export const clearTag = (tag: number): ScpRequest => ({
  name: `clear IP tag ${tag}`,
  command: commands.tag,
  arguments: [CLEAR | tag, 0, 0],
});

/**
 * How many tags there are; also sets the time-out of those that last for one answer, 10 ms · 2^(n − 1), or 255: not.
 */
export const tagTimeout = (exponent = 255): ScpRequest => ({
  name: 'read the number of IP tags',
  command: commands.tag,
  arguments: [TIMEOUT, exponent, 0],
});

/** All but the size of the machine. */
const CHIP_INFO = 0x5f;
const MACHINE_SIZE = 0x20;

/** Cores, links and memory of a chip. */
export const info = (to: ScpRequest['to'] = {}, withSize = false): ScpRequest => ({
  name: 'describe the chip',
  command: commands.info,
  arguments: [CHIP_INFO | (withSize ? MACHINE_SIZE : 0), 0, 0],
  to,
});

/** A block of the memory that all cores of a chip share; tag 1 … 255 names it within the application, 0 does not. */
export const allocate = (bytes: number, application: number, tag = 0): ScpRequest => ({
  name: `allocate ${bytes} bytes`,
  command: commands.allocate,
  arguments: [(tag << 16) | (application << 8), bytes, 0],
});

const BY_APPLICATION = 2;

/** Gives back all blocks of an application, also those of a reply that was lost (SpiNNMan, sdram_de_alloc.py). */
export const freeAll = (application: number): ScpRequest => ({
  name: `free the blocks of application ${application}`,
  command: commands.allocate,
  arguments: [(application << 8) | BY_APPLICATION, 0, 0],
});

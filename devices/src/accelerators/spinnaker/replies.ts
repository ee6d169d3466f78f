import { SpikewireError } from '@spikewire/models';

/** What runs on a core. */
export interface CoreVersion {
  /** Such as `SC&MP`. */
  readonly name: string;
  /** Such as `SpiNNaker`. */
  readonly hardware: string;
  readonly version: readonly [number, number, number];
  readonly x: number;
  readonly y: number;
  readonly cpu: number;
}

/** Version numbers that stand in a text of their own. */
const IN_TEXT = 0xffff;

/** The reply to `version`, old (number in hundredths) and new (text) style. Throws `unsupported` for another form. */
export function readVersion(data: Uint8Array): CoreVersion {
  const expected = 'a version of SCAMP, as a booted SpiNNaker board gives it';
  const wrong = new SpikewireError('unsupported', 'version', `has the bytes ${hex(data.subarray(0, 40))}`, expected);
  if (data.length < 12) throw wrong;
  const [cpu, , y, x] = data as unknown as number[];
  const number = data[6]! | (data[7]! << 8);
  const [program = '', text = ''] = Buffer.from(data.subarray(12)).toString('latin1').split('\0');
  const [name, hardware] = program.split('/');
  if (!name || !hardware) throw wrong;
  const hundredths = [Math.floor(number / 100), number % 100, 0];
  const numbers = number === IN_TEXT ? text.split('.').map(Number) : hundredths;
  if (numbers.length !== 3 || !numbers.every(Number.isSafeInteger)) throw wrong;
  return { name, hardware, version: numbers as [number, number, number], x: x!, y: y!, cpu: cpu! };
}

/** An entry of the table of IP tags. */
export interface TagEntry {
  readonly address: string;
  readonly port: number;
  readonly isUsed: boolean;
  readonly isReverse: boolean;
  /** Messages that went through it. */
  readonly count: number;
  /** Of a reverse tag: the UDP port that it listens to. */
  readonly receives: number;
}

const TAG_BYTES = 32;
const [USED, IS_REVERSE] = [0x8000, 0x0200];

/** The reply to `getTag`: 32 bytes. */
export function readTag(data: Uint8Array): TagEntry {
  const view = viewOf(data, TAG_BYTES, 'IP tag');
  const flags = view.getUint16(14, true);
  return {
    address: Array.from(data.subarray(0, 4)).join('.'),
    port: view.getUint16(10, true),
    isUsed: (flags & USED) !== 0,
    isReverse: (flags & IS_REVERSE) !== 0,
    count: view.getUint32(16, true),
    receives: view.getUint16(20, true),
  };
}

/** The reply to `tagTimeout`: exponent of the time-out, bytes of an entry, tags of the pool, fixed tags. */
export function readTagCounts(data: Uint8Array): { timeout: number; pool: number; fixed: number } {
  viewOf(data, 4, 'number of IP tags');
  const [timeout, , pool, fixed] = data as unknown as number[];
  return { timeout: timeout!, pool: pool!, fixed: fixed! };
}

/** What is on a chip. */
export interface ChipInfo {
  readonly cores: number;
  readonly workingLinks: readonly number[];
  readonly freeRouterEntries: number;
  readonly hasEthernet: boolean;
  /** Bytes of the largest free block. */
  readonly freeSdram: number;
  readonly freeSram: number;
  /** By core; 7 runs, 15 is idle. */
  readonly coreStates: readonly number[];
  readonly nearestEthernet: readonly [x: number, y: number];
  readonly address: string | undefined;
  readonly parentLink: number;
}

/** The reply to `info`: 38 bytes. */
export function readInfo(data: Uint8Array): ChipInfo {
  const view = viewOf(data, 38, 'description of the chip');
  const flags = view.getUint32(0, true);
  const cores = flags & 31;
  const hasEthernet = (flags & (1 << 25)) !== 0;
  return {
    cores,
    workingLinks: [0, 1, 2, 3, 4, 5].filter((link) => flags & (1 << (8 + link))),
    freeRouterEntries: (flags >>> 14) & 0x7ff,
    hasEthernet,
    freeSdram: view.getUint32(4, true),
    freeSram: view.getUint32(8, true),
    coreStates: Array.from(data.subarray(12, 30)),
    nearestEthernet: [data[31]!, data[30]!],
    address: hasEthernet ? Array.from(data.subarray(32, 36)).join('.') : undefined,
    parentLink: data[36]!,
  };
}

/** The u32 that `allocate` and `COUNT` give. */
export const readWord = (data: Uint8Array) => viewOf(data, 4, 'reply').getUint32(0, true);

function viewOf(data: Uint8Array, bytes: number, what: string): DataView {
  if (data.length !== bytes)
    throw new SpikewireError('unsupported', what, `has ${data.length} bytes`, `${bytes} bytes`);
  return new DataView(data.buffer, data.byteOffset, bytes);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

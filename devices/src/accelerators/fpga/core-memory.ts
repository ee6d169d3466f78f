import { SpikewireError } from '@spikewire/models';
import { CORE_VERSION, type CoreRoom, IDENTITY, regions, registers } from './core-description.ts';
import { crc32 } from './crc32.ts';
import type { FpgaLink } from './fpga-link.ts';
import { bytesOfWords, check, read, wordsOfBytes, write } from './requests.ts';

const ADDRESS_BYTES = 3;

/** The address of a word in a region. */
export function addressIn(region: keyof typeof regions, at: number): number {
  return regions[region] * 0x1_0000 + at;
}

/** The words of the core behind a link, in pieces as they fit into frames. */
export class CoreMemory {
  readonly #link: FpgaLink;
  readonly #written: number;
  readonly #read: number;

  constructor(link: FpgaLink) {
    this.#link = link;
    this.#written = (link.greeting.payload - ADDRESS_BYTES) >> 1;
    this.#read = link.greeting.payload >> 1;
  }

  async write(address: number, words: Uint16Array): Promise<void> {
    const sent: Promise<unknown>[] = [];
    for (let at = 0; at < words.length; at += this.#written) {
      sent.push(this.#link.send(write(address + at, words.subarray(at, at + this.#written))));
    }
    await Promise.all(sent);
  }

  async read(address: number, count: number): Promise<Uint16Array> {
    const asked: Promise<Uint8Array>[] = [];
    for (let at = 0; at < count; at += this.#read) {
      asked.push(this.#link.send(read(address + at, Math.min(this.#read, count - at))));
    }
    return wordsOfBytes(Buffer.concat(await Promise.all(asked)));
  }

  /** Writes words and compares their CRC-32, which the board computes. Rejects with `unsupported` where it differs. */
  async load(address: number, words: Uint16Array): Promise<void> {
    const written = this.write(address, words);
    if (words.length === 0) return written;
    // Asked for at once, so that nobody writes other words between.
    const [answer] = await Promise.all([this.#link.send(check(address, words.length)), written]);
    const found = Buffer.from(answer);
    if (found.length === 4 && found.readUInt32LE() === crc32(bytesOfWords(words))) return;
    const where = `${words.length} words at ${address.toString(16)}`;
    throw new SpikewireError('unsupported', this.#link.name, `holds other than was written: ${where}`, 'sound memory');
  }

  /** Sizes of the memories on the board. Rejects with `unsupported` if the board runs another version of the core. */
  async room(): Promise<CoreRoom> {
    const words = await this.read(addressIn('registers', 0), registers.learning + 1);
    const [identity, version] = [words[registers.identity], words[registers.version]];
    if (identity !== IDENTITY || version !== CORE_VERSION) {
      const found = identity === IDENTITY ? `has version ${version} of the core` : 'has another core';
      throw new SpikewireError('unsupported', this.#link.name, found, `version ${CORE_VERSION}: flash the board again`);
    }
    return {
      memory: words[registers.memory]! * 1024,
      activity: words[registers.activity]!,
      program: words[registers.program]!,
      pairs: words[registers.pairs]!,
      learning: words[registers.learning] === 1,
    };
  }
}

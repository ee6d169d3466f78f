import { RandomGenerator } from '@spikewire/models';
import { crc32 } from '../../devices/src/accelerators/fpga/crc32.ts';
import type { FpgaLink } from '../../devices/src/accelerators/fpga/fpga-link.ts';
import {
  bytesOfWords,
  check,
  fill,
  type Request,
  read,
  wordsOfBytes,
  write,
} from '../../devices/src/accelerators/fpga/requests.ts';
import { encodeStep, readOutputs, run } from '../../devices/src/accelerators/fpga/steps.ts';

const INPUT = 0x10000;
const OUTPUT = 0x10400;
const STEPS = 0x30000;
/** A word in which a step that does not end is asked for. */
export const ENDLESS = 0x30100;
const ECHO_WORDS = 64;

/** Addresses that the requests use, so that they meet often. */
const REGIONS = [0, 0xfffc0, INPUT, OUTPUT, STEPS - 40];

/**
 * What devices/rtl/simulation/echo/core.v holds, computed here: random requests, each with a test of its answer under
 * the assumption that all requests are executed exactly once and in their order.
 */
export class EchoModel {
  readonly #memory = new Uint16Array(2 ** 20);
  readonly #random: RandomGenerator;

  constructor(seed: number) {
    this.#random = new RandomGenerator(seed, 'requests');
  }

  /** Gives the board the memory that is assumed. */
  async begin(link: FpgaLink): Promise<void> {
    for (const address of REGIONS) await link.send(fill(address, 64 + 64, 0));
  }

  next(): { readonly request: Request; isRight(payload: Uint8Array): boolean } {
    const draw = this.#random.nextInteger(10);
    if (draw < 3) return this.#write();
    if (draw < 6) return this.#read();
    if (draw < 7) return this.#fill();
    if (draw < 8) return this.#check();
    return this.#run();
  }

  #address(): number {
    return REGIONS[this.#random.nextInteger(REGIONS.length)]! + this.#random.nextInteger(40);
  }

  #words(length: number): Uint16Array {
    // Flags and escapes more often than by chance.
    const byte = () => [0x7e, 0x7d, this.#random.nextInteger(256)][this.#random.nextInteger(3)]!;
    return Uint16Array.from({ length }, () => byte() + 256 * byte());
  }

  #write() {
    const [address, words] = [this.#address(), this.#words(1 + this.#random.nextInteger(24))];
    this.#memory.set(words, address);
    return { request: write(address, words), isRight: isEmpty };
  }

  #read() {
    const [address, count] = [this.#address(), 1 + this.#random.nextInteger(24)];
    const expected = this.#memory.slice(address, address + count);
    return {
      request: read(address, count),
      isRight: (payload: Uint8Array) => isSame(wordsOfBytes(payload), expected) && payload.length === 2 * count,
    };
  }

  #fill() {
    const [address, count, word] = [this.#address(), this.#random.nextInteger(24), this.#random.nextInteger(65_536)];
    this.#memory.fill(word, address, address + count);
    return { request: fill(address, count, word), isRight: isEmpty };
  }

  #check() {
    const [address, count] = [this.#address(), this.#random.nextInteger(24)];
    const crc = crc32(bytesOfWords(this.#memory.slice(address, address + count)));
    return {
      request: check(address, count),
      isRight: (payload: Uint8Array) => payload.length === 4 && Buffer.from(payload).readUInt32LE() === crc,
    };
  }

  #run() {
    const random = this.#random;
    const [inWords, outWords, steps] = [random.nextInteger(30), random.nextInteger(36), 1 + random.nextInteger(3)];
    const share = random.nextUniform() ** 4;
    const sparse = () =>
      Uint16Array.from({ length: inWords }, () => {
        let word = 0;
        for (let bit = 0; bit < 16; bit++) if (random.nextUniform() < share) word |= 1 << bit;
        return word;
      });
    const inputs = Array.from({ length: steps }, sparse);
    const place = {
      input: { address: INPUT, words: inWords },
      output: { address: OUTPUT, words: outWords },
      outputIsBits: random.nextUniform() < 0.7,
    };
    const expected = inputs.map((input) => {
      this.#memory.set(input, INPUT);
      this.#memory.copyWithin(OUTPUT, INPUT, INPUT + ECHO_WORDS);
      this.#memory[STEPS]!++;
      return this.#memory.slice(OUTPUT, OUTPUT + outWords);
    });
    const encoded = inputs.map((words) => encodeStep({ words, isBits: random.nextUniform() < 0.8 }));
    return {
      request: run(place, encoded),
      isRight: (payload: Uint8Array) => {
        const outputs = readOutputs(place, steps, payload);
        return outputs?.every((output, step) => isSame(output, expected[step]!)) === true;
      },
    };
  }

  /** Reads everything that was used, and says where it is not as assumed. */
  async differences(link: FpgaLink): Promise<number> {
    let wrong = 0;
    for (const address of REGIONS) {
      const words = wordsOfBytes(await link.send(read(address, 64)));
      if (!isSame(words, this.#memory.slice(address, address + 64))) wrong++;
    }
    return wrong;
  }
}

function isEmpty(payload: Uint8Array): boolean {
  return payload.length === 0;
}

function isSame(a: Uint16Array, b: Uint16Array): boolean {
  return a.length === b.length && a.every((word, k) => word === b[k]);
}

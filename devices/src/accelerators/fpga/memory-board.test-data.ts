import type { BoardLine } from './board-line.ts';
import { CORE_VERSION, type CoreRoom, IDENTITY, registers } from './core-description.ts';
import { addressIn } from './core-memory.ts';
import { crc32 } from './crc32.ts';
import { encodeFrame, type Frame, FrameParser } from './frame.ts';
import { ANSWER, ERROR, errors, PROTOCOL_VERSION, requests } from './frame-types.ts';
import { bytesOf, bytesOfWords, wordsOfBytes } from './requests.ts';

const PAYLOAD = 504;
/** Where a run has what this board reads of it. */
const [OUTPUT_WORDS, STEPS] = [8, 11];

/** What a run found. */
export interface SeenRun {
  readonly entry: number;
  readonly holds: number;
}

/**
 * A line to a board that keeps what is written and runs nothing: the output of each step is 0. It answers one request
 * after the other, each in a turn of the event loop.
 */
export class MemoryBoard implements BoardLine {
  readonly name = 'memory board';
  digest = '';
  readonly runs: SeenRun[] = [];
  /** Requests that wrote words. */
  readonly written: { readonly address: number; readonly words: number }[] = [];
  /** How many of the next runs are answered before one is stuck and resets the core; undefined: none is. */
  stuckAfter: number | undefined;
  /** Requests without an answer. */
  waiting = 0;
  readonly #words = new Uint16Array(2 ** 20);
  readonly #room: CoreRoom;
  readonly #parser = new FrameParser(PAYLOAD);
  #onBytes: (bytes: Uint8Array) => void = () => {};
  #last: Promise<void> = Promise.resolve();

  constructor(room: CoreRoom) {
    this.#room = room;
    this.#reset();
  }

  listen(onBytes: (bytes: Uint8Array) => void): void {
    this.#onBytes = onBytes;
  }

  write(bytes: Uint8Array): void {
    for (const frame of this.#parser.take(bytes)) {
      this.waiting++;
      this.#last = this.#last.then(async () => {
        await new Promise(setImmediate);
        this.waiting--;
        this.#onBytes(encodeFrame(this.#answer(frame)));
      });
    }
  }

  async close(): Promise<void> {}

  #answer({ sequence, type, payload }: Frame): Frame {
    if (type === requests.run && this.stuckAfter !== undefined && this.stuckAfter-- === 0) {
      this.stuckAfter = undefined;
      this.#reset();
      return { sequence, type: ERROR, payload: Uint8Array.of(errors.stuck, type) };
    }
    return { sequence, type: type + ANSWER, payload: this.#done(type, payload) };
  }

  #done(type: number, payload: Uint8Array): Uint8Array {
    const bytes = Buffer.from(payload);
    const count = (length: number) => bytes.readUIntLE(3, length);
    switch (type) {
      case requests.hello:
        return Uint8Array.of(
          ...payload,
          ...bytesOf([PROTOCOL_VERSION, 1], [4, 1], [PAYLOAD, 2], [2048, 2], [0, 1]),
          ...new Uint8Array(8),
        );
      case requests.write:
        this.written.push({ address: bytes.readUIntLE(0, 3), words: (payload.length - 3) / 2 });
        for (const [k, word] of wordsOfBytes(payload.subarray(3)).entries())
          this.#set(bytes.readUIntLE(0, 3) + k, word);
        break;
      case requests.read:
        return bytesOfWords(this.#range(bytes.readUIntLE(0, 3), count(2)));
      case requests.fill:
        for (let k = 0; k < count(3); k++) this.#set(bytes.readUIntLE(0, 3) + k, bytes.readUInt16LE(6));
        break;
      case requests.check:
        return bytesOf([crc32(bytesOfWords(this.#range(bytes.readUIntLE(0, 3), count(3)))), 4]);
      case requests.digest:
        this.digest = bytes.toString('hex');
        break;
      case requests.run: {
        const [entry, holds] = [registers.entry, registers.holds].map((at) => this.#words[addressIn('registers', at)]!);
        this.runs.push({ entry: entry!, holds: holds! });
        const words = bytes.readUInt16LE(OUTPUT_WORDS);
        return new Uint8Array(words === 0 ? 0 : bytes[STEPS]!);
      }
      case requests.reset:
        this.#reset();
        this.digest = '';
    }
    return new Uint8Array(0);
  }

  /** Words behind the memory are nowhere. */
  #set(address: number, word: number): void {
    const isNowhere = address >= this.#room.memory && address < addressIn('activity', 0);
    if (!isNowhere) this.#words[address] = word;
  }

  #range(address: number, length: number): Uint16Array {
    return this.#words.slice(address, address + length);
  }

  /** All registers; the memories stay. */
  #reset(): void {
    const { memory, activity, program, pairs, learning } = this.#room;
    const start = addressIn('registers', 0);
    this.#words.fill(0, start, start + 16);
    const read = { ...{ identity: IDENTITY, version: CORE_VERSION, memory: memory >> 10, activity, program, pairs } };
    for (const [name, value] of Object.entries({ ...read, learning: Number(learning) }))
      this.#words[start + registers[name as keyof typeof registers]] = value;
  }
}

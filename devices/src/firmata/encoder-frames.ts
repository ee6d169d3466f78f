import { type CheckedMessage, unpack14 } from './checked-message.ts';

/** How the board encodes, in the order of its numbers: 0 is off. */
export const CODES = ['off', 'values', 'changes', 'rate'] as const;
export type Code = (typeof CODES)[number];

/** What happened on the board. */
export interface BoardEvent {
  /** The sample in which it happened, counted from the start of the encoder. */
  readonly tick: number;
  readonly channel: number;
  /** `values`: 0 to 1023 of the supply; `changes`: spikes, -4 to 4, down below 0; `rate`: spikes, 1 to 4. */
  readonly value: number;
}

/** A frame of events. */
export interface BoardFrame {
  readonly events: readonly BoardEvent[];
  /** Frames before this one that did not come. */
  readonly lost: number;
  /**
   * All that happened from `from` to `until` is told; from the last frame to `from` nothing did unless one was lost.
   */
  readonly from: number;
  readonly until: number;
}

/** Bits of a number of a frame, and of a tick in it. */
const [NUMBERS, TICKS] = [128, 16_384];
const ADVANCE = 0x40;
const CHANNELS = 6;

/**
 * Reads frames in the order in which they were sent, of one start of the encoder. Numbers and ticks go on where a frame
 * has no more bits for them: as long as fewer than 128 frames in a row are lost, and fewer than 16,384 samples.
 */
export class EncoderFrames {
  /** Frames that came, and that did not. */
  frames = 0;
  lost = 0;
  /** Frames whose check was right and that say nothing that the encoder says. */
  strange = 0;
  readonly #code: Code;
  #next = 0;
  #until = 0;

  constructor(code: Code) {
    this.#code = code;
  }

  take({ kind, number, said }: CheckedMessage): BoardFrame | undefined {
    const from = this.#until + ((unpack14(said, 0) - this.#until) & (TICKS - 1));
    const read = kind === CODES.indexOf(this.#code) && said.length >= 2 ? this.#read(said, from) : undefined;
    if (read === undefined) {
      this.strange++;
      return undefined;
    }
    const lost = (number - this.#next + NUMBERS) % NUMBERS;
    this.#next = (number + 1) % NUMBERS;
    this.#until = read.until;
    this.frames++;
    this.lost += lost;
    return { ...read, lost, from };
  }

  #read(said: Uint8Array, from: number): { events: BoardEvent[]; until: number } | undefined {
    const events: BoardEvent[] = [];
    let tick = from;
    for (let at = 2; at < said.length; at++) {
      const byte = said[at]!;
      if (byte >= ADVANCE) {
        tick += byte - ADVANCE + 1;
        continue;
      }
      const channel = byte >> 3;
      if (channel >= CHANNELS) return undefined;
      if (this.#code === 'values') {
        if (++at === said.length) return undefined;
        events.push({ tick, channel, value: ((byte & 7) << 7) | said[at]! });
      } else {
        const spikes = (byte & 3) + 1;
        events.push({ tick, channel, value: byte & 4 ? -spikes : spikes });
      }
    }
    return { events, until: tick };
  }
}

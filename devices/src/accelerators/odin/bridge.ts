import { SpikewireError } from '@spikewire/models';
import type { BoardLine } from '../fpga/board-line.ts';
import { FpgaLink, type LinkCounts, usualPatience } from '../fpga/fpga-link.ts';
import { bytesOf } from '../fpga/requests.ts';
import { FRAME_BYTES } from './chips.ts';

/** What AEROUT said to events, and how many of them were acknowledged. */
export interface Answer {
  readonly acknowledged: number;
  readonly spikes: Uint8Array;
}

/** The pins of a chip. Every method rejects with `unsupported` once they are gone. */
export interface ChipPins {
  readonly name: string;
  readonly isGone: boolean;
  readonly counts: LinkCounts;
  /** Clocks frames in; gives what came out meanwhile. */
  spi(frames: Uint8Array): Promise<Uint8Array>;
  /** Hands events over one after the other, and serves AEROUT meanwhile. */
  events(addresses: readonly number[]): Promise<Answer>;
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Types of requests, and the answer to the first one (docs/guide/boards.md, "The bridge"). */
const requests = { name: 0x20, spi: 0x21, events: 0x22, reset: 0x23 } as const;
const NAME = 'AER\u0001';
const EVENT_BYTES = 3;
/** Before the events, and before the spikes of an answer. */
const [LIMIT_BYTES, HEAD_BYTES] = [2, 8];
/** Milliseconds by which the link waits longer than the bridge may, so that its answer says what was wrong. */
const MARGIN = 1000;
/** The limit of a request's events has 16 bits. */
export const MOST_SECONDS = 65;
/** No answer to events is shorter than one with a spike, and no frame of SPI may be cut. */
const LEAST_PAYLOAD = HEAD_BYTES + 1;
const FAR_SIDE = 'a bridge as docs/guide/boards.md describes it';

/** A bridge on a serial or TCP line, which moves the pins of the chip. */
export class Bridge implements ChipPins {
  readonly #link: FpgaLink;
  /** Milliseconds that the events of a request may wait together for their acknowledgements. */
  readonly #limit: number;

  private constructor(link: FpgaLink, seconds: number) {
    this.#link = link;
    this.#limit = 1000 * seconds;
  }

  /**
   * Rejects with `unsupported` where no bridge answers.
   *
   * @param seconds that a request may take, a whole number in 1 … 65; without an answer the bridge is given up one later
   */
  static async open(line: BoardLine, seconds: number): Promise<Bridge> {
    const link = await FpgaLink.open(line, { ...usualPatience, tries: triesFor(1000 * seconds + MARGIN) }, FAR_SIDE);
    const bridge = new Bridge(link, seconds);
    try {
      const name = Buffer.from(await bridge.#ask('name')).toString('latin1');
      if (name !== NAME) throw bridge.#refuse(`names itself ${JSON.stringify(name)}`, FAR_SIDE);
      const { payload } = link.greeting;
      if (payload < LEAST_PAYLOAD) throw bridge.#refuse(`takes ${payload} bytes at a time`, `${LEAST_PAYLOAD} or more`);
      return bridge;
    } catch (problem) {
      await link.close();
      throw problem;
    }
  }

  get name(): string {
    return this.#link.name;
  }

  get isGone(): boolean {
    return this.#link.isGone;
  }

  get counts(): LinkCounts {
    return this.#link.counts;
  }

  async spi(frames: Uint8Array): Promise<Uint8Array> {
    const most = FRAME_BYTES * Math.floor(this.#link.greeting.payload / FRAME_BYTES);
    const answers = await Promise.all(parts(frames, most).map((part) => this.#ask('spi', part)));
    const answer = Buffer.concat(answers);
    if (answer.length === frames.length) return answer;
    throw this.#refuse(`answers ${frames.length} bytes of SPI with ${answer.length}`, 'as many');
  }

  async events(addresses: readonly number[]): Promise<Answer> {
    const bytes = bytesOf(...addresses.map((address) => [address, EVENT_BYTES] as const));
    const most = EVENT_BYTES * Math.floor((this.#link.greeting.payload - LIMIT_BYTES) / EVENT_BYTES);
    let acknowledged = 0;
    const spikes: Uint8Array[] = [];
    for (const part of parts(bytes, most)) {
      let answer = await this.#take(part);
      spikes.push(answer.spikes);
      acknowledged += answer.acknowledged;
      const isAll = EVENT_BYTES * answer.acknowledged === part.length;
      // What does not fit into an answer waits in the bridge.
      while (answer.left > 0) {
        const before = answer.left;
        answer = await this.#take(new Uint8Array(0));
        if (answer.spikes.length === 0) throw this.#refuse(`keeps ${before} spikes back`, 'some in each answer');
        spikes.push(answer.spikes);
      }
      if (!isAll) break;
    }
    return { acknowledged, spikes: Buffer.concat(spikes) };
  }

  async #take(events: Uint8Array) {
    const answer = await this.#ask('events', Buffer.concat([bytesOf([this.#limit, LIMIT_BYTES]), events]));
    if (answer.length < HEAD_BYTES) throw this.#refuse(`answers events with ${answer.length} bytes`, `${HEAD_BYTES}`);
    const view = Buffer.from(answer);
    const lost = view.readUInt32LE(4);
    if (lost > 0) throw this.#refuse(`had no room for ${lost} spikes`, 'a bridge with a longer buffer');
    return { acknowledged: view.readUInt16LE(0), left: view.readUInt16LE(2), spikes: answer.subarray(HEAD_BYTES) };
  }

  async reset(): Promise<void> {
    await this.#ask('reset');
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #ask(what: keyof typeof requests, payload: Uint8Array = new Uint8Array(0)): Promise<Uint8Array> {
    return this.#link.send({ type: requests[what], payload });
  }

  #refuse(problem: string, expected: string): SpikewireError {
    return new SpikewireError('unsupported', this.name, problem, expected);
  }
}

/** How often the link sends a request until that takes so many milliseconds. */
function triesFor(milliseconds: number): number {
  const { first, longest } = usualPatience;
  let tries = 0;
  for (let passed = 0; passed < milliseconds; tries++) passed += Math.min(longest, first * 2 ** tries);
  return tries;
}

function parts(bytes: Uint8Array, most: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / most));
  return Array.from({ length: count }, (_, k) => bytes.subarray(k * most, (k + 1) * most));
}

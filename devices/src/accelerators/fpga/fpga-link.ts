import { randomBytes } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import type { BoardLine } from './board-line.ts';
import { encodeFrame, FLAG, type Frame, FrameParser, HEADER_BYTES } from './frame.ts';
import { ANSWER, ERROR, errors, NOTICE, notices, PROTOCOL_VERSION } from './frame-types.ts';
import { type Greeting, hello, type Request, readGreeting } from './requests.ts';

/** When a request is sent again, and when that is given up. Times are in milliseconds. */
export interface Patience {
  /** Without an answer for so long, everything unanswered is sent again; then twice as long, and so on. */
  readonly first: number;
  /** The longest of these times. */
  readonly longest: number;
  /** How often without any answer between. */
  readonly tries: number;
}

export const usualPatience: Patience = { first: 100, longest: 1000, tries: 10 };

/** What has happened on a link. */
export interface LinkCounts {
  /** Frames that were sent, and those among them that had been sent before. */
  sent: number;
  repeated: number;
  /** Answers that were taken; those that were not asked for any more; frames whose bytes were wrong. */
  answers: number;
  stale: number;
  broken: number;
  /** Notices of the board, by reason. */
  readonly notices: Record<keyof typeof notices, number>;
}

interface Unanswered {
  readonly request: Request;
  readonly resolve: (payload: Uint8Array) => void;
  readonly reject: (problem: SpikewireError) => void;
}

interface InFlight extends Unanswered {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Which of all transmissions was its last one. */
  sentAs: number;
}

/** What the board may have before it has said so: one `hello`. */
const BEFORE_GREETING = { frames: 1, room: 64, payload: 64 };
/** No board's payload is longer. */
const LONGEST_PAYLOAD = 4096;
/** What an answer to the first request needs. */
const UNFLASHED = 'a board with the core: spikewire devices --flash';
const MODULUS = 0x1_0000;
/** A notice is repeated by each frame that was on its way; for so many milliseconds that says nothing new. */
const NOTICE_ECHO = 10;

/**
 * The host's side of the link to a board (devices/rtl/README.md, chapter "Link"): each request is executed exactly once
 * and in order, whatever the line does to bytes, or everything that waits rejects with one `unsupported`, and so does
 * all that is asked later.
 */
export class FpgaLink {
  readonly name: string;
  readonly counts: LinkCounts = {
    ...{ sent: 0, repeated: 0, answers: 0, stale: 0, broken: 0 },
    notices: { broken: 0, sequence: 0, room: 0, session: 0 },
  };
  readonly #line: BoardLine;
  readonly #patience: Patience;
  readonly #farSide: string;
  readonly #parser = new FrameParser(LONGEST_PAYLOAD);
  readonly #queue: Unanswered[] = [];
  /** By sequence number, in their order. */
  readonly #inFlight = new Map<number, InFlight>();
  #greeting: Greeting | undefined;
  #sequence: number;
  #transmissions = 0;
  #tries = 0;
  #timer: NodeJS.Timeout | undefined;
  #noticed: { readonly sequence: number; readonly at: number } | undefined;
  #problem: SpikewireError | undefined;

  private constructor(line: BoardLine, patience: Patience, farSide: string, sequence: number) {
    this.name = line.name;
    this.#line = line;
    this.#patience = patience;
    this.#farSide = farSide;
    this.#sequence = sequence;
    line.listen(
      (bytes) => this.#take(bytes),
      (problem) => this.#fail(problem, 'a board that is attached'),
    );
  }

  /**
   * Begins a session. Rejects with `unsupported` where no board answers, or one with another protocol; `farSide` is
   * what an answer needs.
   */
  static async open(line: BoardLine, patience: Patience = usualPatience, farSide = UNFLASHED): Promise<FpgaLink> {
    const random = randomBytes(6);
    const link = new FpgaLink(line, patience, farSide, random.readUInt16LE(4));
    try {
      // Ends whatever another program has left half sent.
      line.write(Uint8Array.of(FLAG, FLAG));
      const nonce = random.readUInt32LE(0);
      link.#greeting = link.#expectGreeting(await link.send(hello(nonce)), nonce);
      return link;
    } catch (problem) {
      await link.close();
      throw problem;
    }
  }

  /** What the board said at the begin of the session. */
  get greeting(): Greeting {
    return this.#greeting!;
  }

  /** Whether every request rejects from now on. */
  get isGone(): boolean {
    return this.#problem !== undefined;
  }

  /** Resolves with the payload of the answer. Requests are executed in the order of these calls. */
  send(request: Request): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#problem !== undefined) return reject(this.#problem);
      this.#queue.push({ request, resolve, reject });
      this.#fillWindow();
    });
  }

  /** What waits for an answer rejects. */
  async close(): Promise<void> {
    this.#fail('is closed', 'an open link');
    await this.#line.close();
  }

  #fillWindow(): void {
    const { frames, room } = this.#greeting ?? BEFORE_GREETING;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const [oldest] = this.#inFlight.keys();
      const size = HEADER_BYTES + next.request.payload.length;
      if (oldest !== undefined && behind(oldest, this.#sequence) >= frames) break;
      if (oldest !== undefined && this.#inFlightBytes() + size > room) break;
      this.#queue.shift();
      const sequence = this.#sequence;
      this.#sequence = (sequence + 1) % MODULUS;
      const sent = { ...next, sequence, bytes: encodeFrame({ sequence, ...next.request }), sentAs: 0 };
      this.#inFlight.set(sequence, sent);
      this.#transmit(sent);
    }
    this.#line.setWaiting?.(this.#inFlight.size > 0);
    if (this.#timer === undefined && this.#inFlight.size > 0) this.#wait();
  }

  #inFlightBytes(): number {
    let sum = 0;
    for (const { request } of this.#inFlight.values()) sum += HEADER_BYTES + request.payload.length;
    return sum;
  }

  #transmit(frame: InFlight): void {
    if (frame.sentAs > 0) this.counts.repeated++;
    this.counts.sent++;
    frame.sentAs = ++this.#transmissions;
    this.#line.write(frame.bytes);
  }

  #transmitFrom(sequence: number): void {
    const first = this.#inFlight.get(sequence);
    if (first === undefined) return;
    for (const frame of this.#inFlight.values()) {
      if (behind(sequence, frame.sequence) < MODULUS / 2) this.#transmit(frame);
    }
  }

  /** Sends everything again where no answer comes in time. */
  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#inFlight.size === 0) return;
    const { first, longest, tries } = this.#patience;
    this.#timer = setTimeout(
      () => {
        if (++this.#tries >= tries) {
          const [oldest] = this.#inFlight.values();
          const came = `${this.counts.broken} broken frames came`;
          const problem = `does not answer: request ${oldest!.sequence} was sent ${tries} times, ${came}`;
          return this.#fail(problem, this.#greeting === undefined ? this.#farSide : 'a board that is attached');
        }
        for (const frame of this.#inFlight.values()) this.#transmit(frame);
        this.#wait();
      },
      Math.min(longest, first * 2 ** this.#tries),
    );
  }

  #take(bytes: Uint8Array): void {
    for (const frame of this.#parser.take(bytes)) {
      if (frame.type === NOTICE) this.#takeNotice(frame);
      else this.#takeAnswer(frame);
    }
    this.counts.broken = this.#parser.broken;
  }

  #takeAnswer({ sequence, type, payload }: Frame): void {
    const asked = this.#inFlight.get(sequence);
    const isError = type === ERROR && payload.length === 2 && payload[1] === asked?.request.type;
    if (asked === undefined || !(isError || type === asked.request.type + ANSWER)) {
      this.counts.stale++;
      return;
    }
    this.counts.answers++;
    this.#inFlight.delete(sequence);
    this.#noticed = undefined;
    // Answers come in order, so those to what was sent before this one are lost.
    for (const frame of [...this.#inFlight.values()]) {
      const isEarlier = behind(frame.sequence, sequence) < MODULUS / 2;
      if (isEarlier && frame.sentAs < asked.sentAs) this.#transmit(frame);
    }
    if (isError) asked.reject(this.#answeredWith(payload[0]!, asked.request));
    else asked.resolve(payload);
    this.#tries = 0;
    this.#wait();
    this.#fillWindow();
  }

  #takeNotice({ sequence, payload }: Frame): void {
    const [reason] = payload;
    const name = (Object.keys(notices) as (keyof typeof notices)[]).find((each) => notices[each] === reason);
    if (name !== undefined) this.counts.notices[name]++;
    if (reason === notices.session) {
      if (this.#greeting !== undefined)
        this.#fail('was reset in the middle of a session', 'a board that stays powered');
      return;
    }
    const now = performance.now();
    const { sequence: before, at = 0 } = this.#noticed ?? {};
    if (before === sequence && now - at < NOTICE_ECHO) return;
    this.#noticed = { sequence, at: now };
    this.#transmitFrom(sequence);
  }

  #expectGreeting(answer: Uint8Array, nonce: number): Greeting {
    const greeting = readGreeting(answer);
    const expected = `protocol ${PROTOCOL_VERSION}`;
    if (greeting?.version !== PROTOCOL_VERSION)
      throw new SpikewireError('unsupported', this.name, `speaks protocol ${greeting?.version ?? 'unknown'}`, expected);
    if (greeting.nonce !== nonce || greeting.payload > LONGEST_PAYLOAD)
      throw new SpikewireError('unsupported', this.name, 'does not greet as expected', expected);
    return greeting;
  }

  #answeredWith(code: number, { type }: Request): SpikewireError {
    const [meaning = 'unknown'] = Object.entries(errors).find(([, number]) => number === code) ?? [];
    const problem = `answers request type ${type} with error ${code} (${meaning})`;
    return new SpikewireError('unsupported', this.name, problem, 'what its driver sends');
  }

  /** Ends everything that waits, once. */
  #fail(problem: string, expected: string): void {
    if (this.#problem !== undefined) return;
    this.#problem = new SpikewireError('unsupported', this.name, problem, expected);
    clearTimeout(this.#timer);
    this.#line.setWaiting?.(false);
    const waiting = [...this.#inFlight.values(), ...this.#queue.splice(0)];
    this.#inFlight.clear();
    for (const { reject } of waiting) reject(this.#problem);
  }
}

/** By how much a sequence number lies behind a later one, modulo 2^16. */
function behind(sequence: number, later: number): number {
  return (later - sequence + MODULUS) % MODULUS;
}

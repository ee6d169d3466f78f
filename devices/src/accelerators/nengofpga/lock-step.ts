import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { SpikewireError } from '@spikewire/models';
import type { BoardSettings } from './settings.ts';

/** Packets that were sent and lost on the way, as far as this end knows. */
export interface LinkCounts {
  sent: number;
  received: number;
  /** Times that no answer came in time. */
  silences: number;
  /** Answers that came when nobody waited for them any more, or a second time. */
  late: number;
}

/** One packet to the board, and its answer where one came in time. */
export interface Exchange {
  /** Number of the packet, whose time is so many dt. */
  readonly number: number;
  readonly answer: Float64Array | undefined;
}

interface Waiting {
  readonly since: number;
  resolve(answer: Float64Array | undefined): void;
  reject(problem: SpikewireError): void;
}

/** Codes in the place of a time (nengo-fpga e0bd838); what is below the last one is no code. */
const [NO_LOCK, NO_DRIVER, LEAST_CODE] = [-10, -20, -1000];
/**
 * How far the time in an answer may be off, in dt: the board may compute it in float32, which rounds it by 0.12 dt
 * after 2²¹ packets and by 0.24 dt after 2²². Past half of that a script should begin anew at time 0.
 */
const SLACK = 0.25;
/** Time until the first packet counts as lost, and between probes from then on, in milliseconds. */
const PROBE_MS = 1000;
/** Bytes of a UDP packet over IPv4 at most: 65,535, less 20 of the header of IPv4 (RFC 791) and 8 of UDP (RFC 768). */
export const LARGEST_PACKET = 65_507;

/** Bytes of a packet to the board: a time, and each input and output. */
export function packetBytes({ inputs, outputs }: Pick<LinkSizes, 'inputs' | 'outputs'>): number {
  return 8 * (1 + inputs + outputs);
}

/**
 * The UDP protocol of NengoFPGA, in lock-step (nengo-fpga e0bd838, the socket of fpga_pes_ensemble_network.py): to the
 * board float64 little-endian [t, x (inputs), e (outputs)], back [t, y (outputs)]. Both ends have the same port number.
 * The first packet from the board has t = 0; t < 0 ends the run, at −10 without the lock, at −20 without the driver.
 *
 * Each packet has a new time, also where one is sent again, so that an answer names the packet that it belongs to.
 */
export class LockStep {
  readonly counts: LinkCounts = { sent: 0, received: 0, silences: 0, late: 0 };
  /** Called with the number of a packet whose answer comes late, or once more. */
  onLate: (number: number) => void = () => {};
  readonly name: string;
  readonly localIp: string;
  readonly boardIp: string;
  readonly port: number;
  readonly #socket: Socket;
  readonly #dt: number;
  readonly #outputs: number;
  readonly #packet: Buffer;
  #number = 0;
  /** The last number that was sent before the board began. */
  #probed = 0;
  /** How far a time was off at most, in dt. */
  #timeError = 0;
  #isClosed = false;
  /** When the last packets were sent, by their numbers modulo as many; NaN: answered. */
  readonly #sentAt = new Float64Array(64).fill(Number.NaN);
  /**
   * Longest time of an answer that nobody waited for any more, in milliseconds; forgotten with some dozens of answers.
   */
  longest = 0;
  #connected: Waiting | undefined;
  #isConnected = false;
  #waiting: Waiting | undefined;
  #problem: SpikewireError | undefined;

  private constructor(name: string, socket: Socket, ips: readonly [string, string], sizes: LinkSizes) {
    this.name = name;
    [this.localIp, this.boardIp] = ips;
    this.port = socket.address().port;
    this.#socket = socket;
    this.#dt = sizes.dt;
    this.#outputs = sizes.outputs;
    this.#packet = Buffer.alloc(packetBytes(sizes));
    socket.on('message', (bytes, { address }) => {
      if (address === this.boardIp) this.#take(bytes);
    });
    socket.on('error', ({ message }) => this.fail(`cannot be reached (${message})`));
  }

  /** Binds the port; nothing is sent. Rejects with `unsupported` where the board has no address. */
  static async open(name: string, settings: BoardSettings, sizes: LinkSizes): Promise<LockStep> {
    const { localIp, boardIp } = await endsOf(name, settings);
    const socket = createSocket('udp4');
    try {
      await called((done) => socket.bind(settings.port, localIp, done), socket);
    } catch (cause) {
      socket.close();
      const problem = `cannot use ${localIp}:${settings.port} (${(cause as NodeJS.ErrnoException).code})`;
      throw new SpikewireError('unsupported', name, problem, 'an address of this machine, and a free port', cause);
    }
    return new LockStep(name, socket, [localIp, boardIp], sizes);
  }

  /**
   * Waits for the first packet. It may be lost: with `probes`, an input of 0 is sent each second, whose answer counts
   * as well; a board that keeps a state would be changed by it. Rejects with `unsupported` where the board says why it
   * does not begin, or does not.
   */
  async connected(milliseconds: number, probes: boolean): Promise<void> {
    const until = performance.now() + milliseconds;
    for (let left = milliseconds; !this.#isConnected && left > 0; left = until - performance.now()) {
      const wait = probes ? Math.min(PROBE_MS, left) : left;
      await this.#wait(wait, (waiting) => (this.#connected = waiting));
      if (probes && !this.#isConnected) this.#probed = this.#put([], undefined);
    }
    this.#connected = undefined;
    if (!this.#isConnected) throw this.fail(`does not begin within ${milliseconds / 1000} s`);
  }

  /** Whether the board rounds its times so much that they will soon name no packet any more. */
  get isTimeCoarse(): boolean {
    return this.#timeError > SLACK / 2;
  }

  /**
   * Sends a packet, and waits for the answer to it, or to one from number `since` on. Rejects with `unsupported` where
   * the board has ended or answers in another form. One at a time.
   */
  async exchange(
    x: ArrayLike<number>,
    e: ArrayLike<number> | undefined,
    milliseconds: number,
    since?: number,
  ): Promise<Exchange> {
    if (this.#problem !== undefined) throw this.#problem;
    this.counts.sent++;
    const number = this.#put(x, e);
    this.#sentAt[number % this.#sentAt.length] = performance.now();
    const answer = await this.#wait(milliseconds, (waiting) => (this.#waiting = waiting), since ?? number);
    this.#waiting = undefined;
    if (answer === undefined) this.counts.silences++;
    return { number, answer };
  }

  /** Tells the board that this is the end; it may not arrive. */
  sayEnd(): void {
    for (let at = 0; at < this.#packet.length; at += 8) this.#packet.writeDoubleLE(-1, at);
    this.#send();
  }

  /** From now on every call rejects with this. */
  fail(problem: string, expected = 'a board that runs its script'): SpikewireError {
    this.#problem ??= new SpikewireError('unsupported', this.name, problem, expected);
    for (const waiting of [this.#waiting, this.#connected]) waiting?.reject(this.#problem);
    return this.#problem;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.fail('is closed', 'an open board');
    this.#socket.close();
  }

  /** Throws the problem that ended the link, if there is one. */
  expectOpen(): void {
    if (this.#problem !== undefined) throw this.#problem;
  }

  /** Sends a packet; gives its number. What x or e do not have is 0. */
  #put(x: ArrayLike<number>, e: ArrayLike<number> | undefined): number {
    const packet = this.#packet.fill(0);
    packet.writeDoubleLE(++this.#number * this.#dt, 0);
    for (let k = 0; k < x.length; k++) packet.writeDoubleLE(x[k]!, 8 * (1 + k));
    const errors = packet.length - 8 * this.#outputs;
    for (let k = 0; e !== undefined && k < this.#outputs; k++) packet.writeDoubleLE(e[k]!, errors + 8 * k);
    this.#send();
    return this.#number;
  }

  #send(): void {
    // A copy, because the packet is written again before the socket may have taken it. Losses show by silence.
    this.#socket.send(Buffer.from(this.#packet), this.port, this.boardIp, () => {});
  }

  #wait(milliseconds: number, hold: (waiting: Waiting) => void, since = 0): Promise<Float64Array | undefined> {
    if (this.#problem !== undefined) return Promise.reject(this.#problem);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(undefined), milliseconds);
      const settled = <Value>(settle: (value: Value) => void) => {
        return (value: Value) => {
          clearTimeout(timer);
          settle(value);
        };
      };
      hold({ since, resolve: settled(resolve), reject: settled(reject) });
    });
  }

  #take(bytes: Buffer): void {
    if (this.#problem !== undefined) return;
    this.counts.received++;
    const wanted = 8 * (1 + this.#outputs);
    if (bytes.length !== wanted) {
      this.fail(`answers with ${bytes.length} bytes`, `${wanted}: a time and ${this.#outputs} numbers`);
      return;
    }
    const time = bytes.readDoubleLE(0);
    if (time < 0 && time > LEAST_CODE) {
      this.fail(ending(time));
      return;
    }
    const number = Math.round(time / this.#dt);
    // Of a former session on the same port.
    if (!this.#isConnected && number > this.#number) return;
    const error = Math.abs(time / this.#dt - number);
    const answer = Float64Array.from({ length: this.#outputs }, (_, k) => bytes.readDoubleLE(8 * (k + 1)));
    const isTime = number === 0 ? time === 0 : number > 0 && number <= this.#number && error < SLACK;
    if (!isTime || !answer.every(Number.isFinite)) {
      const what = isTime ? `numbers ${answer.join(', ')}` : `the time ${time}`;
      this.fail(`answers with ${what}`, 'float64, little-endian, with the time of a packet that was sent');
      return;
    }
    this.#isConnected = true;
    this.#connected?.resolve(answer);
    this.#timeError = Math.max(this.#timeError, error);
    if (number <= this.#probed) return;
    const place = number % this.#sentAt.length;
    const took = number > this.#number - this.#sentAt.length ? performance.now() - this.#sentAt[place]! : Number.NaN;
    this.#sentAt[place] = Number.NaN;
    if (this.#waiting !== undefined && number >= this.#waiting.since) {
      const { resolve } = this.#waiting;
      this.longest -= this.longest / 32;
      this.#waiting = undefined;
      resolve(answer);
      return;
    }
    this.counts.late++;
    if (took > this.longest) this.longest = took;
    this.onLate(number);
  }
}

export interface LinkSizes {
  /** Numbers in a packet. */
  readonly inputs: number;
  readonly outputs: number;
  /** Seconds. */
  readonly dt: number;
}

function ending(time: number): string {
  if (time <= NO_DRIVER) return 'has no driver of the circuit loaded (code −20)';
  if (time <= NO_LOCK) return 'is in use by another program (code −10)';
  return `has ended the run (code ${time})`;
}

/** The addresses of both ends. Rejects with `unsupported` where the board has none. */
export async function endsOf(name: string, { host, localHost }: BoardSettings) {
  const boardIp = await ipOf(name, host);
  return { boardIp, localIp: localHost ?? (await localIpTowards(boardIp)) };
}

async function ipOf(name: string, host: string): Promise<string> {
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch (cause) {
    const problem = `has no address (${(cause as NodeJS.ErrnoException).code})`;
    throw new SpikewireError('unsupported', name, problem, 'the name or the IPv4 address of a board', cause);
  }
}

/** From where this machine would send to an address; connecting a UDP socket sends nothing. */
async function localIpTowards(ip: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    await called((done) => socket.connect(1, ip, done), socket);
    return socket.address().address;
  } finally {
    socket.close();
  }
}

function called(call: (done: () => void) => void, socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    call(() => {
      socket.off('error', reject);
      resolve();
    });
  });
}

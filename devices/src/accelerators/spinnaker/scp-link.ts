import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { SpikewireError } from '@spikewire/models';
import { readVersion } from './replies.ts';
import { version } from './requests.ts';
import { decodeReply, encodeRequest, isRetryable, nameOfCode, OK, type ScpReply, type ScpRequest } from './scp.ts';

/** The UDP port of the monitor of a board. */
export const SCAMP_PORT = 17893;

export interface LinkOptions {
  /** Milliseconds that a reply is waited for, > 0. */
  readonly timeout: number;
  /** How often a request is sent at most, ≥ 1. */
  readonly tries: number;
}

export const usualLink: LinkOptions = { timeout: 500, tries: 5 };

/** Milliseconds before a monitor that was busy is asked again. */
const BUSY_MS = 20;
/** Both coordinates of a monitor until its board is booted. */
const UNBOOTED = 255;
const EXPECTED = 'a SpiNNaker board that runs SCAMP';

interface Outstanding {
  readonly sequence: number;
  take(reply: ScpReply): void;
}

/**
 * The line to a board: one UDP socket for requests, which are sent one after another until their reply has come, and
 * for the spikes that IP tags send back to it. A board that answers nothing is gone for good.
 */
export class ScpLink {
  readonly name: string;
  readonly counts = { requests: 0, repeated: 0, busy: 0, strange: 0 };
  readonly #socket: Socket;
  readonly #address: string;
  readonly #port: number;
  readonly #options: LinkOptions;
  #sequence = 0;
  #outstanding: Outstanding | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #onPacket: (packet: Uint8Array) => void = () => {};
  #onClose: (problem: SpikewireError) => void = () => {};
  #problem: SpikewireError | undefined;
  #isClosed = false;

  private constructor(socket: Socket, address: string, port: number, name: string, options: LinkOptions) {
    [this.#socket, this.#address, this.#port, this.name, this.#options] = [socket, address, port, name, options];
    socket.on('message', (bytes, from) => this.#take(bytes, from.address));
    // A datagram that cannot be sent is a lost one, which is sent again.
    socket.on('error', () => {});
  }

  /** Rejects with `unsupported` where nothing answers that is the monitor of a board. */
  static async open(host: string, port = SCAMP_PORT, options: LinkOptions = usualLink): Promise<ScpLink> {
    const name = `spinnaker ${host}${port === SCAMP_PORT ? '' : `:${port}`}`;
    const { address } = await lookup(host, { family: 4 }).catch((cause) => {
      throw new SpikewireError('unsupported', name, `has no address (${cause.code})`, EXPECTED, cause);
    });
    const socket = createSocket('udp4');
    const link = new ScpLink(socket, address, port, name, options);
    try {
      // A socket on loopback hears only this machine.
      await link.#bind(address.startsWith('127.') ? '127.0.0.1' : '0.0.0.0');
      await link.expectMonitor();
      return link;
    } catch (problem) {
      await link.close();
      throw problem;
    }
  }

  #bind(address: string): Promise<void> {
    return new Promise((bound, failed) => {
      const fail = (cause: Error) => failed(this.#end(`has no line (${cause.message})`, cause));
      this.#socket.once('error', fail);
      this.#socket.bind(0, address, () => {
        this.#socket.off('error', fail);
        bound();
      });
    });
  }

  get isGone(): boolean {
    return this.#problem !== undefined;
  }

  /** Whoever takes the packets that are no replies. */
  listen(onPacket: (packet: Uint8Array) => void): void {
    this.#onPacket = onPacket;
  }

  /** Which program the monitor is. Rejects where it is none. */
  async expectMonitor() {
    const found = readVersion(await this.request(version()));
    if (found.name !== 'SC&MP') {
      throw new SpikewireError('unsupported', this.name, `runs ${found.name}`, EXPECTED);
    }
    if (found.x === UNBOOTED && found.y === UNBOOTED) {
      throw new SpikewireError('unsupported', this.name, 'is not booted', 'a board that its tool chain has booted');
    }
    return found;
  }

  /** The data of the reply. Rejects with `unsupported` for a refusal, and where no reply comes. */
  request(request: ScpRequest): Promise<Uint8Array> {
    const result = this.#last.then(() => this.#ask(request));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Sends a datagram that nobody answers. Throws where the board is gone. */
  send(datagram: Uint8Array): void {
    if (this.#problem !== undefined) throw this.#problem;
    this.#socket.send(datagram, this.#port, this.#address);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#problem === undefined) this.#end('is closed');
    await new Promise<void>((closed) => this.#socket.close(closed));
  }

  /** A retry has the same number, so that a late reply to the first one serves as well. */
  async #ask(request: ScpRequest): Promise<Uint8Array> {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    const datagram = encodeRequest(request, sequence);
    const strange = this.counts.strange;
    const { tries } = this.#options;
    this.counts.requests++;
    let refused: string | undefined;
    for (let k = 0; k < tries; k++) {
      if (k > 0) this.counts.repeated++;
      const reply = await this.#exchange(datagram, sequence);
      if (reply?.code === OK) return reply.data;
      if (reply !== undefined && !isRetryable(reply.code)) throw this.#refusal(request, nameOfCode(reply.code));
      refused = reply && nameOfCode(reply.code);
      if (reply !== undefined) {
        this.counts.busy++;
        await new Promise((done) => setTimeout(done, BUSY_MS));
      }
    }
    if (refused !== undefined) throw this.#refusal(request, refused);
    const others = this.counts.strange - strange;
    const instead = others === 0 ? '' : `, but ${others} datagrams in another form`;
    throw this.#end(`gives no reply to ${request.name}, sent ${tries} times${instead}`);
  }

  #refusal({ name }: ScpRequest, answer: string): SpikewireError {
    return new SpikewireError('unsupported', this.name, `answers ${answer} to ${name}`, 'OK');
  }

  /** Undefined: nothing came in time. */
  #exchange(datagram: Uint8Array, sequence: number): Promise<ScpReply | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#problem !== undefined) return reject(this.#problem);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#outstanding = undefined;
        this.#onClose = () => {};
        settle();
      };
      const timer = setTimeout(() => end(() => resolve(undefined)), this.#options.timeout);
      this.#onClose = (problem) => end(() => reject(problem));
      this.#outstanding = { sequence, take: (reply) => end(() => resolve(reply)) };
      this.send(datagram);
    });
  }

  #take(bytes: Uint8Array, from: string): void {
    if (from !== this.#address) return;
    const reply = decodeReply(bytes);
    if (reply === undefined) this.#onPacket(bytes);
    else if (reply.sequence === this.#outstanding?.sequence) this.#outstanding.take(reply);
    // Late or doubled, unless the number was never sent.
    else if (!this.#wasSent(reply.sequence)) this.counts.strange++;
  }

  #wasSent(sequence: number): boolean {
    return ((this.#sequence - 1 - sequence) & 0xffff) < this.counts.requests;
  }

  #end(problem: string, cause?: unknown): SpikewireError {
    this.#problem ??= new SpikewireError('unsupported', this.name, problem, EXPECTED, cause);
    this.#onClose(this.#problem);
    return this.#problem;
  }
}

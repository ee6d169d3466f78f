import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import type { AddressEvents } from 'spikewire';
import type { EventIntake } from './intake.ts';
import { SequenceNumbers } from './sequence-numbers.ts';

const EVENT_BYTES = 8;
const NUMBER_BYTES = 4;
/** A stream of bytes is known by so many events. */
const KNOWN_BY = 16;
const RECEIVE_BUFFER = 2 ** 21;
/** Milliseconds between two looks at what of a recording is due. */
const LOOK_EVERY = 5;
/** Microseconds in which 16 bits go round. */
const ROUND = 65_536;
/** Sequence numbers that are farther apart are not of one sender, or in another byte order. */
const FAR = 1024;

/** Where events come from. */
export interface EventSource {
  /** What it counts. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Gives events to the intake until the signal, or until there are no more. Rejects where it is lost. */
  run(intake: EventIntake, signal: AbortSignal): Promise<void>;
}

export interface Endpoint {
  readonly address: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Datagrams as jAER sends and takes them (SensorsINI/jaer, eventio/AEUnicastOutput.java): a sequence number of 32 bits,
 * then events of an address and microseconds, 32 bits each, all big-endian.
 */
export class Datagrams implements EventSource {
  readonly #endpoint: Endpoint;
  readonly #numbers = new SequenceNumbers();
  readonly #damaged = { damagedDatagrams: 0 };
  #first: number | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  get counts() {
    return { ...this.#numbers.counts, ...this.#damaged };
  }

  async run(intake: EventIntake, signal: AbortSignal): Promise<void> {
    const { address, host, port } = this.#endpoint;
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER });
    intake.hold();
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => resolve());
        socket.on('error', (cause) => reject(new SpikewireError('input', address, cause.message, undefined, cause)));
        socket.on('message', (message, { address: from, port: fromPort }) => {
          try {
            this.#take(message, `${from} ${fromPort}`, intake);
          } catch (problem) {
            reject(problem);
          }
        });
        socket.bind(port, host);
        if (signal.aborted) resolve();
      });
    } finally {
      socket.close();
    }
  }

  #take(message: Buffer, sender: string, intake: EventIntake): void {
    const { address } = this.#endpoint;
    if (message.length % EVENT_BYTES !== NUMBER_BYTES) {
      if (intake.held === undefined) this.#damaged.damagedDatagrams++;
      else throw wrong(address, `got a datagram of ${message.length} bytes`, '4 of a sequence number and 8 an event');
      return;
    }
    const number = message.readUInt32BE(0);
    if (intake.held !== undefined) this.#judge(number, intake);
    if (this.#numbers.admits(number, sender)) takeEvents(message.subarray(NUMBER_BYTES), intake, sender);
  }

  /** The second of two numbers that belong together says in which order their bytes are. */
  #judge(number: number, intake: EventIntake): void {
    const first = this.#first;
    this.#first = number;
    if (first === undefined || first === number) return;
    if (areNear(first, number)) intake.confirm(this.#endpoint.address);
    else if (areNear(swapped(first), swapped(number))) {
      throw wrong(this.#endpoint.address, 'gets words in the other byte order', 'big-endian words');
    }
  }
}

/** Events one after another from a server, as jAER's stream sockets have them (eventio/AESocket.java). */
export class Connection implements EventSource {
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  async run(intake: EventIntake, signal: AbortSignal): Promise<void> {
    const { address, host, port } = this.#endpoint;
    const socket = connect({ host, port, signal });
    intake.hold();
    try {
      await once(socket, 'connect', { signal });
      let rest = Buffer.alloc(0);
      for await (const piece of socket) {
        const bytes = Buffer.concat([rest, piece as Buffer]);
        const whole = bytes.length - (bytes.length % EVENT_BYTES);
        takeEvents(bytes.subarray(0, whole), intake);
        rest = bytes.subarray(whole);
        if ((intake.held ?? 0) >= KNOWN_BY) intake.confirm(address);
      }
      intake.confirm(address);
    } catch (cause) {
      if (signal.aborted) return;
      if (cause instanceof SpikewireError) throw cause;
      throw new SpikewireError('input', address, (cause as Error).message, undefined, cause);
    } finally {
      socket.destroy();
    }
    if (!signal.aborted) throw new SpikewireError('input', address, 'was closed by the other side');
  }
}

/**
 * The serial line of an eDVS that sends events of four bytes: y with its highest bit set, x with the polarity, and 16
 * bits of microseconds, big-endian (libcaer, src/edvs.c). A byte without that bit where y should be is passed over. In
 * a pause the clock goes round unseen every 66 ms; how often is taken from the time at which bytes come.
 */
export class EdvsLine implements EventSource {
  readonly counts = { misaligned: 0 };
  readonly #bytes: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  #rest: readonly number[] = [];
  #time = 0;
  #came = Number.NaN;

  constructor(bytes: (signal: AbortSignal) => AsyncIterable<Uint8Array>) {
    this.#bytes = bytes;
  }

  async run(intake: EventIntake, signal: AbortSignal): Promise<void> {
    for await (const piece of this.#bytes(signal)) if (piece.length > 0) this.#take(piece, intake);
  }

  #take(piece: Uint8Array, intake: EventIntake): void {
    const bytes = [...this.#rest, ...piece];
    let at = 0;
    let paused = Number.isNaN(this.#came) ? 0 : 1000 * (performance.now() - this.#came);
    this.#came = performance.now();
    while (at + 4 <= bytes.length) {
      const [y, x, high, low] = bytes.slice(at, at + 4) as [number, number, number, number];
      if (y < 0x80) {
        this.counts.misaligned++;
        at++;
        continue;
      }
      const ahead = (((high << 8) | low) - this.#time) & 0xffff;
      this.#time += ahead + ROUND * Math.max(0, Math.round((paused - ahead) / ROUND));
      paused = 0;
      intake.place(this.#time, x & 0x7f, y & 0x7f, x >>> 7);
      at += 4;
    }
    this.#rest = bytes.slice(at);
  }
}

/** A recording at its times, `speed` times as fast; then it ends. */
export class Recorded implements EventSource {
  readonly counts: Readonly<Record<string, number>>;
  readonly #events: AddressEvents;
  readonly #speed: number;

  constructor(events: AddressEvents, speed: number) {
    this.#events = events;
    this.#speed = speed;
    this.counts = { disordered: events.disordered ?? 0 };
  }

  async run(intake: EventIntake, signal: AbortSignal): Promise<void> {
    const { time, x, y, polarity, start = 0 } = this.#events;
    const began = performance.now();
    for (let k = 0; k < time.length && !signal.aborted; ) {
      const due = ((performance.now() - began) / 1000) * this.#speed;
      const room = intake.room;
      for (let taken = 0; taken < room && k < time.length && time[k]! <= due; taken++, k++) {
        intake.place(start + Math.round(1e6 * time[k]!), x[k]!, y[k]!, polarity[k]!);
      }
      if (k < time.length) await delay(LOOK_EVERY, undefined, { signal }).catch(() => {});
    }
  }
}

function takeEvents(bytes: Buffer, intake: EventIntake, sender?: string): void {
  for (let at = 0; at < bytes.length; at += EVENT_BYTES)
    intake.take(bytes.readUInt32BE(at + 4), bytes.readUInt32BE(at), sender);
}

function areNear(one: number, other: number): boolean {
  return Math.abs((one - other) | 0) < FAR;
}

function swapped(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

function wrong(address: string, problem: string, expected: string): SpikewireError {
  return new SpikewireError('usage', address, problem, expected);
}

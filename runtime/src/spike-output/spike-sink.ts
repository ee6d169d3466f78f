/** Spikes of one window, in order of time; arrays of one length. */
export interface Spikes {
  /** Microseconds of the net's own time. */
  readonly time: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly polarity: readonly number[];
  /** Where each stands, as 32 bits. */
  readonly address: readonly number[];
}

/** Where spikes go. It never makes the net wait: what it cannot take is lost, and counted. */
export interface SpikeSink {
  /** How many of these spikes will be sent, as far as is known now. */
  send(spikes: Spikes): number;
  /** Spikes that were taken by `send` and lost all the same. */
  readonly lostLater: number;
  close(): Promise<void>;
}

/** Bytes that may wait to be sent, at most. */
export const MOST_WAITING = 2 ** 20;
/** An event as jAER has it in files and on the network: address, then microseconds, big-endian. */
export const EVENT_BYTES = 8;

/** Events from one on and before another, behind so many bytes that are free. */
export function eventBytes({ time, address }: Spikes, from: number, to: number, free = 0): Buffer {
  const bytes = Buffer.alloc(free + EVENT_BYTES * (to - from));
  for (let k = from, at = free; k < to; k++, at += EVENT_BYTES) {
    bytes.writeUInt32BE(address[k]! >>> 0, at);
    bytes.writeUInt32BE(time[k]! % 2 ** 32, at + 4);
  }
  return bytes;
}

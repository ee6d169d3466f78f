import { createServer, type Server, type Socket } from 'node:net';
import { SpikewireError } from '@spikewire/models';
import { eventBytes, MOST_WAITING, type SpikeSink, type Spikes } from './spike-sink.ts';

const MOST_LISTENERS = 8;

/**
 * Spikes for whoever connects, event after event, as jAER's server of events has them (eventio/AEServerSocket.java).
 * Who takes them too slowly misses whole events, and nobody waits for them; what one of the listeners or all miss is
 * lost.
 */
export class ServerSink implements SpikeSink {
  readonly lostLater = 0;
  readonly #server: Server;
  readonly #listeners = new Set<Socket>();

  /** Rejects with `input` where the port cannot be had. */
  static async open(address: string, host: string, port: number): Promise<ServerSink> {
    const sink = new ServerSink();
    await new Promise<void>((resolve, reject) => {
      sink.#server.once('error', reject);
      sink.#server.listen(port, host, resolve);
    }).catch((cause: Error) => {
      throw new SpikewireError('input', address, cause.message, 'an address of this device, a free port', cause);
    });
    // Where a listener cannot be let in, for want of file descriptors, the others go on.
    sink.#server.removeAllListeners('error').on('error', () => {});
    return sink;
  }

  private constructor() {
    this.#server = createServer((socket) => this.#welcome(socket));
    this.#server.maxConnections = MOST_LISTENERS;
  }

  #welcome(socket: Socket): void {
    this.#listeners.add(socket);
    socket.setNoDelay();
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => this.#listeners.delete(socket));
  }

  send(spikes: Spikes): number {
    const { length } = spikes.time;
    const bytes = eventBytes(spikes, 0, length);
    let missed = this.#listeners.size === 0;
    for (const listener of this.#listeners) {
      if (listener.writableLength > MOST_WAITING || !listener.writable) missed = true;
      else listener.write(bytes);
    }
    return missed ? 0 : length;
  }

  /** What was written is sent to whoever still takes it, for a second at most. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const listener of this.#listeners) {
      listener.end();
      setTimeout(() => listener.destroy(), 1000).unref();
    }
    await closed;
  }
}

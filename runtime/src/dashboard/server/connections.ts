import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A bounded number of connections, of which a new one never finds none left: it takes the room of the one that has been
 * silent for longest. Who opens many and sends nothing, or little by little, so loses them to those who ask. What is
 * held, for a viewer, stays; fewer are held than there are.
 */
export class Connections {
  readonly #maximum: number;
  /** The longest silent first. */
  readonly #open = new Set<Socket>();
  readonly #held = new Set<Socket>();

  constructor(server: Server, maximum: number) {
    this.#maximum = maximum;
    server.on('connection', (socket: Socket) => this.#take(socket));
    server.on('request', ({ socket }) => {
      if (this.#open.delete(socket)) this.#open.add(socket);
    });
  }

  /** Keeps a connection until it closes by itself. */
  hold(socket: Socket): void {
    this.#held.add(socket);
  }

  #take(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#held.delete(socket);
    });
    if (this.#open.size <= this.#maximum) return;
    for (const candidate of this.#open) {
      if (this.#held.has(candidate)) continue;
      this.#open.delete(candidate);
      candidate.destroy();
      return;
    }
  }
}

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { SpikewireError } from '@spikewire/models';
import { decodeCommand, eieioCommands, encodeCommand } from './eieio.ts';

const NAME = 'SpiNNaker tools';

/**
 * The talk with the program that sets up a net on a board (SpiNNFrontEndCommon a100eec, database_connection.py): it
 * says where its database is and waits until that was read, and then when the net starts and stops.
 */
export class ToolChain {
  readonly port: number;
  readonly #socket: Socket;
  #path: { readonly path: string; readonly from: RemoteInfo } | undefined;
  #isRunning = false;
  #hasStopped = false;
  #isConfirmed = false;
  #cancelled = 0;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
    socket.on('message', (bytes, from) => this.#take(bytes, from));
    // Who cannot be answered asks again.
    socket.removeAllListeners('error').on('error', () => {});
  }

  /** Rejects with `input` where another program has the port. */
  static async listen(port: number, address = '127.0.0.1'): Promise<ToolChain> {
    const socket = createSocket('udp4');
    await new Promise<void>((bound, failed) => {
      socket.once('error', (cause) => {
        failed(
          new SpikewireError('input', `UDP port ${port}`, `cannot be used (${cause.message})`, 'a free port', cause),
        );
      });
      socket.bind(port, address, bound);
    }).catch(async (problem) => {
      await new Promise<void>((closed) => socket.close(closed));
      throw problem;
    });
    return new ToolChain(socket);
  }

  /** The file of the database. Rejects with `unsupported` where nothing is said within so many seconds. */
  async database(seconds: number): Promise<string> {
    await this.#until(() => this.#path !== undefined, seconds, 'does not say where its database is');
    const { path } = this.#path!;
    if (path !== '') return path;
    throw new SpikewireError('unsupported', NAME, 'writes no database', 'setting create_database = True');
  }

  /** Says that the database was read, so that the net may start. */
  confirm(): void {
    this.#isConfirmed = true;
    this.#answer(this.#path!.from);
  }

  #answer({ port, address }: RemoteInfo): void {
    this.#socket.send(encodeCommand(eieioCommands.database), port, address);
  }

  /** Until the net runs. Rejects with `unsupported` where it was stopped, or does not start in time. */
  async running(seconds: number): Promise<void> {
    this.expectNotStopped();
    await this.#until(() => this.#isRunning || this.#hasStopped, seconds, 'does not start the net');
    this.expectNotStopped();
  }

  /** Throws `unsupported` where the net was paused or stopped. */
  expectNotStopped(): void {
    if (this.#hasStopped) throw new SpikewireError('unsupported', NAME, 'has stopped the net', 'a net that runs');
  }

  /** Whoever waits is rejected with `unsupported`. */
  cancel(): void {
    this.#cancelled++;
    this.#wake();
  }

  close(): Promise<void> {
    this.cancel();
    return new Promise((closed) => this.#socket.close(closed));
  }

  #take(bytes: Uint8Array, from: RemoteInfo): void {
    const { command, data } = decodeCommand(bytes) ?? {};
    if (this.#path !== undefined && !isSame(this.#path.from, from)) return;
    if (command === eieioCommands.database) {
      // What is asked again has lost its answer.
      if (this.#isConfirmed) this.#answer(from);
      else this.#path = { path: Buffer.from(data!).toString('utf8'), from };
    }
    if (command === eieioCommands.startResume) [this.#isRunning, this.#hasStopped] = [true, false];
    if (command === eieioCommands.stopPause) [this.#isRunning, this.#hasStopped] = [false, true];
    this.#wake();
  }

  async #until(holds: () => boolean, seconds: number, problem: string): Promise<void> {
    const end = performance.now() + seconds * 1000;
    const before = this.#cancelled;
    while (!holds()) {
      if (this.#cancelled !== before)
        throw new SpikewireError('unsupported', NAME, 'is no longer listened to', 'an open board');
      const left = end - performance.now();
      if (left <= 0) throw new SpikewireError('unsupported', NAME, `${problem} within ${seconds} s`, 'a message');
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, left);
        this.#wake = () => {
          clearTimeout(timer);
          wake();
        };
      });
    }
  }
}

/** Another port of one machine is another socket of the tool chain. */
const isSame = (a: RemoteInfo, b: RemoteInfo) => a.address === b.address;

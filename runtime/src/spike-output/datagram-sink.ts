import { createSocket, type Socket } from 'node:dgram';
import { SpikewireError } from '@spikewire/models';
import { eventBytes, MOST_WAITING, type SpikeSink, type Spikes } from './spike-sink.ts';

const NUMBER_BYTES = 4;
/** Events of a datagram, which is then whole on an Ethernet. */
const MOST_TOGETHER = 180;

/**
 * Spikes as datagrams that jAER reads, too (SensorsINI/jaer, eventio/AEUnicastInput.java): a sequence number of 32 bits
 * and then events. Numbers go on where a datagram could not be sent, so that whoever listens counts it as lost.
 */
export class DatagramSink implements SpikeSink {
  lostLater = 0;
  readonly #socket: Socket;
  #number = 0;
  /** Events of the newest datagram. */
  #newest = 0;

  /** Rejects with `input` where the host is unknown. */
  static async open(address: string, host: string, port: number): Promise<DatagramSink> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        // Where the callback is given, Node.js tells the failure only to it.
        const connected = (cause?: Error) => (cause ? reject(cause) : resolve());
        socket.connect(port, host, connected as () => void);
      });
    } catch (cause) {
      socket.close();
      throw new SpikewireError('input', address, (cause as Error).message, 'an existing host', cause);
    }
    return new DatagramSink(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.removeAllListeners('error');
    // Where nobody listens, the other machine says so of some of the datagrams, after they were sent.
    socket.on('error', () => {
      this.lostLater += this.#newest;
    });
  }

  send(spikes: Spikes): number {
    let sent = 0;
    for (let from = 0; from < spikes.time.length; from += MOST_TOGETHER) {
      const to = Math.min(from + MOST_TOGETHER, spikes.time.length);
      const number = this.#number++;
      if (this.#socket.getSendQueueSize() > MOST_WAITING) continue;
      const bytes = eventBytes(spikes, from, to, NUMBER_BYTES);
      bytes.writeUInt32BE(number % 2 ** 32, 0);
      this.#socket.send(bytes, (failure) => {
        if (failure) this.lostLater += to - from;
      });
      this.#newest = to - from;
      sent += to - from;
    }
    return sent;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

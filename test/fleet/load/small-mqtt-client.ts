import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** MQTT 3.1.1: types of packets in the upper four bits. */
const [CONNACK, PUBLISH, SUBACK] = [2, 3, 9];
const [SUBSCRIBE, PING, DISCONNECT] = [0x82, Buffer.from([0xc0, 0]), Buffer.from([0xe0, 0])];
/** Clean session. */
const CLEAN = 2;
const KEEP_ALIVE_SECONDS = 300;
const PATIENCE_MS = 20_000;

export interface SmallClientOptions {
  readonly port: number;
  /** PEM of the authority of a broker with TLS; undefined: without TLS. */
  readonly authority?: string | undefined;
  readonly id: string;
  readonly topics: readonly string[];
  /** At QoS 0. */
  readonly onMessage: (topic: string) => void;
  readonly onClose: () => void;
}

/**
 * The least client that a broker of this machine takes for a device: it subscribes at QoS 0, and hears topics. Devices
 * use MQTT.js, of which a process cannot hold ten thousand.
 */
export class SmallMqttClient {
  readonly #socket: Socket;
  readonly #options: SmallClientOptions;
  /** Bytes of a packet that is not whole yet. */
  #rest: Buffer | undefined;
  #onAnswer: ((type: number, isGood: boolean) => void) | undefined;

  /** Resolves when all topics are subscribed. */
  static async connect(options: SmallClientOptions): Promise<SmallMqttClient> {
    const client = new SmallMqttClient(options);
    try {
      await client.#answer(CONNACK, connectPacket(options.id));
      await client.#answer(SUBACK, subscribePacket(options.topics));
    } catch (failure) {
      client.#socket.destroy();
      throw failure;
    }
    client.#socket.once('close', options.onClose);
    return client;
  }

  private constructor(options: SmallClientOptions) {
    this.#options = options;
    const at = { port: options.port, host: '127.0.0.1' };
    this.#socket = options.authority === undefined ? connect(at) : connectTls({ ...at, ca: options.authority });
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#socket.on('error', () => {}); // it closes
  }

  ping(): void {
    this.#socket.write(PING);
  }

  publish(topic: string): void {
    this.#socket.write(packet(PUBLISH << 4, text(topic)));
  }

  end(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.end(DISCONNECT);
  }

  #answer(type: number, sent: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (failure?: Error) => {
        clearTimeout(timer);
        this.#socket.off('close', lost);
        this.#onAnswer = undefined;
        if (failure === undefined) resolve();
        else reject(failure);
      };
      const lost = () => settle(new Error('the connection was lost'));
      const timer = setTimeout(() => settle(new Error('no answer')), PATIENCE_MS);
      this.#socket.once('close', lost);
      this.#onAnswer = (came, isGood) =>
        settle(came === type && isGood ? undefined : new Error(`refused (packet ${came})`));
      this.#socket.write(sent);
    });
  }

  #take(bytes: Buffer): void {
    let left = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]);
    for (let whole = wholePacket(left); whole !== undefined; whole = wholePacket(left)) {
      this.#read(left[0]!, left.subarray(whole.start, whole.end));
      left = left.subarray(whole.end);
    }
    this.#rest = left.length === 0 ? undefined : Buffer.from(left);
  }

  #read(first: number, body: Buffer): void {
    const type = first >> 4;
    if (type === PUBLISH) this.#options.onMessage(body.toString('latin1', 2, 2 + body.readUInt16BE(0)));
    else if (type === CONNACK) this.#onAnswer?.(type, body[1] === 0);
    else if (type === SUBACK)
      this.#onAnswer?.(
        type,
        body.subarray(2).every((code) => code === 0),
      );
  }
}

/** Where the first packet's body is; undefined while it has not come. */
function wholePacket(bytes: Buffer): { readonly start: number; readonly end: number } | undefined {
  let length = 0;
  for (let k = 1; k < Math.min(bytes.length, 5); k++) {
    length += (bytes[k]! & 127) * 128 ** (k - 1);
    if (bytes[k]! < 128) return k + 1 + length <= bytes.length ? { start: k + 1, end: k + 1 + length } : undefined;
  }
  return undefined;
}

function connectPacket(id: string): Buffer {
  const settings = Buffer.from([4, CLEAN, KEEP_ALIVE_SECONDS >> 8, KEEP_ALIVE_SECONDS & 255]);
  return packet(0x10, text('MQTT'), settings, text(id));
}

function subscribePacket(topics: readonly string[]): Buffer {
  return packet(SUBSCRIBE, Buffer.from([0, 1]), ...topics.flatMap((topic) => [text(topic), Buffer.from([0])]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

function packet(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return Buffer.concat([Buffer.from([first, ...size]), body]);
}

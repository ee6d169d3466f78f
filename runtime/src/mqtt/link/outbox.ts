import { SpikewireError } from '@spikewire/models';
import { BoundedQueue, type OverflowPolicy, type QueueCapacity, type Queued } from './bounded-queue.ts';
import { messageBytes, type OutgoingMessage, propertyProblem } from './message.ts';
import { isTopic } from './topic-filter.ts';

/** What the outbox needs of a connection. */
export interface OutgoingConnection {
  /** Messages of QoS 1 that may be under way at the same time, ≥ 1. */
  readonly sendMaximum: number;
  /** The largest packet that the broker takes. */
  readonly maximumPacketBytes: number;
  /** The network does not keep up. */
  readonly congested: boolean;
  /** @see MqttConnection.publish */
  publish(message: OutgoingMessage, again: boolean, done: (error?: Error) => void): void;
}

export interface OutboxOptions {
  readonly capacity: QueueCapacity;
  readonly policy: OverflowPolicy;
  readonly maximumPacketBytes: number;
  readonly onWarning: (line: string) => void;
  /** Called for each message that is lost because others wait. */
  readonly onDropped: () => void;
  /** Called whenever a message has left for good. */
  readonly onDone: () => void;
}

interface Publication {
  readonly message: OutgoingMessage;
  readonly resolve: () => void;
  readonly reject: (error: SpikewireError) => void;
  /** It was written at least once. */
  sent: boolean;
}

/**
 * Store and forward: keeps each message of QoS 1 until the broker has acknowledged it, over any number of connections,
 * in one bounded queue; what was under way when a connection broke is sent again first. Messages of QoS 0 are sent at
 * once or not at all. Whatever is not delivered is counted by its reason and its promise rejects.
 */
export class MqttOutbox {
  readonly #options: OutboxOptions;
  readonly #queue: BoundedQueue<Publication>;
  #connection: OutgoingConnection | undefined;
  #closed = false;
  /** Acknowledged by the broker (QoS 1) or written (QoS 0). */
  published = 0;
  /** QoS 0 without a connection. */
  offline = 0;
  /** QoS 0 while the network was too slow. */
  congested = 0;
  /** Malformed, too large, or refused by the broker. */
  refused = 0;
  /** Not delivered when the outbox was closed. */
  abandoned = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#queue = new BoundedQueue(options.capacity, options.policy);
  }

  /** Messages of QoS 1 that wait or are under way. */
  get size(): number {
    return this.#queue.size;
  }

  /** Messages of QoS 1 lost because the queue was full. */
  get overflowed(): number {
    return this.#queue.dropped + this.#queue.refused;
  }

  /**
   * Resolves when the broker has the message (QoS 1) or it is written (QoS 0). @throws SpikewireError when it is
   * dropped
   */
  async publish(message: OutgoingMessage): Promise<void> {
    const problem = this.#problemOf(message);
    if (problem) {
      this.refused++;
      this.#options.onWarning(problem.message);
      throw problem;
    }
    if (this.#closed) {
      this.abandoned++;
      throw publicationError(message, 'the link is closed');
    }
    await (message.qos === 0 ? this.#publishOnce(message) : this.#publishReliably(message));
  }

  /** Sends what waits and whatever comes over this connection. */
  connected(connection: OutgoingConnection): void {
    this.#connection = connection;
    this.#flush();
  }

  /** Keeps what comes, and what was under way, for the next connection. */
  disconnected(): void {
    this.#connection = undefined;
    this.#queue.restore();
  }

  /** Gives up what is left. */
  close(): void {
    this.#closed = true;
    this.disconnected();
    for (let queued = this.#queue.take(); queued; queued = this.#queue.take()) {
      const { message, reject } = queued.value;
      this.abandoned++;
      reject(publicationError(message, 'not delivered before the link was closed'));
    }
  }

  #problemOf(message: OutgoingMessage): SpikewireError | undefined {
    if (!isTopic(message.topic)) return topicError(message.topic);
    if (!(message.payload instanceof Uint8Array)) {
      return publicationError(message, 'payload is neither text nor bytes', 'a string or a Uint8Array');
    }
    const problem = propertyProblem(message.properties);
    if (problem) return publicationError(message, problem);
    const maximum = this.#connection?.maximumPacketBytes ?? this.#options.maximumPacketBytes;
    const bytes = messageBytes(message);
    return bytes > maximum ? publicationError(message, `${bytes} bytes`, `at most ${maximum} bytes`) : undefined;
  }

  #publishOnce(message: OutgoingMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#connection) {
        this.offline++;
        reject(publicationError(message, 'dropped, no connection'));
      } else if (this.#connection.congested) {
        this.congested++;
        reject(publicationError(message, 'dropped, the network is too slow'));
      } else {
        this.#connection.publish(message, false, (error) => {
          if (error) this.offline++;
          else this.published++;
          if (error) reject(publicationError(message, 'dropped, no connection'));
          else resolve();
        });
      }
    });
  }

  #publishReliably(message: OutgoingMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const lost = this.#queue.offer({ message, resolve, reject, sent: false }, messageBytes(message));
      for (const publication of lost) {
        this.#options.onDropped();
        publication.reject(publicationError(publication.message, 'outbox full'));
      }
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#connection && this.#queue.held < this.#connection.sendMaximum) {
      const queued = this.#queue.hold();
      if (!queued) return;
      this.#send(this.#connection, queued);
    }
  }

  #send(connection: OutgoingConnection, queued: Queued<Publication>): void {
    const publication = queued.value;
    // The limit of this broker may have been unknown when the message came.
    if (queued.bytes > connection.maximumPacketBytes) {
      this.#settle(queued, `larger than the ${connection.maximumPacketBytes} bytes that the broker takes`);
      return;
    }
    const again = publication.sent;
    publication.sent = true;
    connection.publish(publication.message, again, (error) => {
      this.#settle(queued, error && `refused by the broker: ${error.message}`);
      this.#flush();
    });
  }

  #settle(queued: Queued<Publication>, problem: string | undefined): void {
    if (!this.#queue.release(queued)) return;
    const { message, resolve, reject } = queued.value;
    if (problem === undefined) {
      this.published++;
      resolve();
    } else {
      const error = publicationError(message, problem);
      this.refused++;
      this.#options.onWarning(error.message);
      reject(error);
    }
    this.#options.onDone();
  }
}

export function topicError(topic: unknown): SpikewireError {
  return new SpikewireError(
    'usage',
    `topic "${topic}"`,
    'not a topic to publish to',
    'text without +, # and control characters',
  );
}

function publicationError(message: OutgoingMessage, problem: string, expected?: string): SpikewireError {
  return new SpikewireError('link', `message to "${message.topic}"`, problem, expected);
}

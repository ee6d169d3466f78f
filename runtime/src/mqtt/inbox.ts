import { BoundedQueue, type QueueCapacity } from './bounded-queue.ts';

/** A received message, from its arrival until its handler is done and the broker has been told. */
interface Received {
  /** The broker's packet identifier; undefined at QoS 0, where nobody waits for an answer. */
  readonly identifier: number | undefined;
  /** Hands the message to its handlers; dropped once called, so that the payload can go. */
  handle: (() => Promise<void> | void) | undefined;
  /** Tells the broker, over the connection on which the message last arrived; undefined when that one is gone. */
  acknowledge: (() => void) | undefined;
  done: boolean;
}

export interface InboxOptions {
  /** Messages whose handlers run at the same time, ≥ 1. */
  readonly concurrent: number;
  /** Messages that wait for a handler to be free. Needed with brokers that know no receive maximum (MQTT 3.1.1). */
  readonly capacity: QueueCapacity;
  readonly onHandlerError: (error: unknown) => void;
  /** Called whenever a message is finished. */
  readonly onDone: () => void;
}

/**
 * Holds what was received until it is dealt with.
 *
 * Handlers start in order of arrival and several may be under way; acknowledgements go out in order of arrival (MQTT 5
 * §4.6) and never before the handler's promise has settled. So a process that dies loses nothing: the broker sends
 * again what was not acknowledged. A handler that fails is counted and its message acknowledged, or one bad message
 * would come back for ever.
 *
 * After a reconnection the broker sends again what was under way; packet identifiers that were not acknowledged still
 * mean the same message in a resumed session, so its handler is not called a second time.
 */
export class MqttInbox {
  readonly #options: InboxOptions;
  readonly #waiting: BoundedQueue<Received>;
  /** In order of arrival on the present connection. */
  #unacknowledged: Received[] = [];
  /** Received over a former connection, not acknowledged, by packet identifier. */
  readonly #carried = new Map<number, Received>();
  #running = 0;
  #stopped = false;
  /** Messages taken since the start. */
  received = 0;
  /** Handlers that threw or rejected. */
  failed = 0;
  /** Times at which the last message that waited was finished. */
  drained = 0;
  /** Messages that came when as many were under way as may be: the broker, too, has to wait then. */
  crowded = 0;
  /** QoS 0 messages lost because too many were waiting. */
  dropped = 0;
  /**
   * QoS 1 messages left with the broker because too many were waiting; it sends them again over the next connection.
   */
  deferred = 0;
  /** Whether the present connection has deferred any. */
  leftBehind = false;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#waiting = new BoundedQueue(options.capacity, 'refuse');
  }

  /** Messages whose handlers have not settled. */
  get size(): number {
    return this.#running + this.#waiting.size;
  }

  /**
   * @param identifier packet identifier, undefined at QoS 0
   * @param duplicate the broker says that it sends this again
   * @returns whether it was lost, which happens at QoS 0 only
   */
  receive(
    identifier: number | undefined,
    duplicate: boolean,
    bytes: number,
    handle: () => Promise<void> | void,
    acknowledge: () => void,
  ): boolean {
    if (this.#stopped || (duplicate && this.#resume(identifier, acknowledge))) return false;
    // Old messages come before new ones, so from here on an identifier may stand for a message never seen.
    if (identifier !== undefined && !duplicate) this.#carried.clear();
    const received: Received = { identifier, handle, acknowledge, done: false };
    if (this.#running < this.#options.concurrent) this.#run(received);
    else if (this.#waiting.offer(received, bytes).length > 0) return this.#leave(identifier);
    if (this.#running === this.#options.concurrent) this.crowded++;
    this.received++;
    if (identifier !== undefined) this.#unacknowledged.push(received);
    this.#acknowledgeInOrder();
    if (received.done) this.#options.onDone();
    return false;
  }

  /** To be called for each new connection, before its first message. */
  connected(sessionPresent: boolean): void {
    if (!sessionPresent) this.#carried.clear();
  }

  /** To be called when the connection is gone. Handlers go on. */
  disconnected(): void {
    for (const received of this.#unacknowledged) {
      received.acknowledge = undefined;
      this.#carried.set(received.identifier!, received);
    }
    this.#unacknowledged = [];
    this.leftBehind = false;
  }

  /** Takes nothing new; what comes from now on stays with the broker. */
  stop(): void {
    this.#stopped = true;
  }

  #leave(identifier: number | undefined): boolean {
    const isLost = identifier === undefined;
    if (isLost) this.dropped++;
    else {
      this.deferred++;
      this.leftBehind = true;
    }
    return isLost;
  }

  #resume(identifier: number | undefined, acknowledge: () => void): boolean {
    if (identifier === undefined) return false;
    const received = this.#carried.get(identifier);
    if (!received) return false;
    this.#carried.delete(identifier);
    received.acknowledge = acknowledge;
    this.#unacknowledged.push(received);
    this.#acknowledgeInOrder();
    return true;
  }

  #run(received: Received): void {
    const handle = received.handle!;
    received.handle = undefined;
    try {
      const promise = handle();
      if (!isPromise(promise)) {
        received.done = true;
        return;
      }
      this.#running++;
      promise.then(
        () => this.#finish(received),
        (error) => this.#fail(received, error),
      );
    } catch (error) {
      this.failed++;
      received.done = true;
      this.#options.onHandlerError(error);
    }
  }

  #fail(received: Received, error: unknown): void {
    this.failed++;
    this.#options.onHandlerError(error);
    this.#finish(received);
  }

  #finish(received: Received): void {
    received.done = true;
    this.#running--;
    this.#acknowledgeInOrder();
    while (this.#running < this.#options.concurrent) {
      const next = this.#waiting.take();
      if (!next) break;
      this.#run(next.value);
    }
    this.#acknowledgeInOrder();
    if (this.size === 0) this.drained++;
    this.#options.onDone();
  }

  #acknowledgeInOrder(): void {
    let count = 0;
    while (this.#unacknowledged[count]?.done) this.#unacknowledged[count++]!.acknowledge?.();
    if (count > 0) this.#unacknowledged.splice(0, count);
  }
}

/** A handler may return anything where nothing is asked for. */
function isPromise(value: unknown): value is Promise<void> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}

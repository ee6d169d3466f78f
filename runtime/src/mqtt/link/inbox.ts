import { BoundedQueue, type QueueCapacity } from './bounded-queue.ts';
import { NewcomerQueue } from './newcomer-queue.ts';

/** Whom a message is for, where one for a newcomer has to wait for those for others. */
export interface Turn {
  readonly key: string;
  /** Whether it is a newcomer now: one that costs much more than a message for another. */
  readonly isNewcomer: () => boolean;
  /** Handles the message where it has waited for too long: what came for the key before it was handled. */
  readonly refuse: () => Promise<void> | void;
}

/** A received message, from its arrival until its handler is done and the broker has been told. */
interface Received {
  /** The broker's packet identifier; undefined at QoS 0, where nobody waits for an answer. */
  readonly identifier: number | undefined;
  /** Hands the message to its handlers; dropped once called, so that the payload can go. */
  handle: (() => Promise<void> | void) | undefined;
  /** Tells the broker, over the connection on which the message last arrived; undefined when that one is gone. */
  acknowledge: (() => void) | undefined;
  /** As long as it waits for the turn of a newcomer. */
  turn: Turn | undefined;
  done: boolean;
}

export interface InboxOptions {
  /** Messages whose handlers run at the same time, ≥ 1. */
  readonly concurrent: number;
  /** Messages that wait for a handler to be free. */
  readonly capacity: QueueCapacity;
  readonly onHandlerError: (error: unknown) => void;
  /** Called whenever a message is finished. */
  readonly onDone: () => void;
}

/**
 * Holds what was received until it is dealt with.
 *
 * Handlers start in order of arrival and several may be under way, but those for newcomers one at a time, and only
 * when no other message waits; acknowledgements go out in order of arrival (MQTT 5 §4.6) and never before the handler's
 * promise has settled. So a process that dies loses nothing: the broker sends
 * again what was not acknowledged. A handler that fails is counted and its message acknowledged, or one bad message
 * would come back for ever.
 *
 * After a reconnection the broker sends again what was under way; packet identifiers that were not acknowledged still
 * mean the same message in a resumed session, so its handler is not called a second time.
 *
 * What waits for the turn of a newcomer keeps the broker waiting, too, as soon as that has sent as much as it may send
 * unacknowledged. So it is refused when half of that has come after it.
 */
export class MqttInbox {
  readonly #options: InboxOptions;
  readonly #waiting: BoundedQueue<Received>;
  /** In order of arrival on the present connection. */
  #unacknowledged: Received[] = [];
  /** Received over a former connection, not acknowledged, by packet identifier. */
  readonly #carried = new Map<number, Received>();
  readonly #newcomers: NewcomerQueue<Received>;
  /** Messages that may come after one for a newcomer that waits. */
  #patience = Number.POSITIVE_INFINITY;
  #running = 0;
  /** A handler for a newcomer is under way. */
  #isAdmitting = false;
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
  /** Messages for newcomers that were refused because too many were waiting. */
  refused = 0;
  /**
   * QoS 1 messages left with the broker because too many were waiting; it sends them again over the next connection.
   */
  deferred = 0;
  /** Whether the present connection has deferred any. */
  leftBehind = false;

  constructor(options: InboxOptions) {
    this.#options = options;
    const { count, bytes } = options.capacity;
    this.#waiting = new BoundedQueue(options.capacity, 'refuse');
    this.#newcomers = new NewcomerQueue({ count: Math.ceil(count / 2), bytes: Math.ceil(bytes / 2) });
  }

  /** Messages whose handlers have not settled. */
  get size(): number {
    return this.#running + this.#waiting.size + Number(this.#isAdmitting) + this.#newcomers.size;
  }

  /**
   * @param identifier packet identifier, undefined at QoS 0
   * @param duplicate the broker says that it sends this again
   * @param turn messages with the same key are handled in order of arrival, whether it is a newcomer or not
   * @returns whether it was lost, which happens at QoS 0 only
   */
  receive(
    identifier: number | undefined,
    duplicate: boolean,
    bytes: number,
    handle: () => Promise<void> | void,
    acknowledge: () => void,
    turn?: Turn,
  ): boolean {
    if (this.#stopped || (duplicate && this.#resume(identifier, acknowledge))) return false;
    // Old messages come before new ones, so from here on an identifier may stand for a message never seen.
    if (identifier !== undefined && !duplicate) this.#carried.clear();
    // What comes after a message that was left behind would overtake it.
    if (identifier !== undefined && this.leftBehind) return this.#leave(identifier);
    const received: Received = { identifier, handle, acknowledge, turn: undefined, done: false };
    if (!this.#take(received, bytes, turn)) return this.#leave(identifier);
    if (this.#running >= this.#options.concurrent) this.crowded++;
    this.received++;
    if (identifier !== undefined) this.#keep(received);
    this.#goOn();
    if (received.done) this.#options.onDone();
    return false;
  }

  /** Begins with a message or lets it wait; false where there is no room. */
  #take(received: Received, bytes: number, turn: Turn | undefined): boolean {
    if (turn !== undefined && (this.#newcomers.has(turn.key) || turn.isNewcomer())) {
      received.turn = turn;
      if (this.#newcomers.offer(turn.key, received, bytes)) return true;
      if (received.identifier === undefined) return false;
      const first = this.#newcomers.take(turn.key);
      if (first !== undefined) this.#refuse(first, first.turn!);
      if (first === undefined || !this.#newcomers.offer(turn.key, received, bytes)) this.#refuse(received, turn);
      return true;
    }
    if (this.#running >= this.#options.concurrent) return this.#waiting.offer(received, bytes).length === 0;
    this.#run(received);
    return true;
  }

  /**
   * To be called for each new connection, before its first message.
   *
   * @param unacknowledged messages that the broker sends before the first of them is acknowledged, where that is known
   */
  connected(sessionPresent: boolean, unacknowledged = Number.POSITIVE_INFINITY): void {
    if (!sessionPresent) this.#carried.clear();
    this.#patience = Math.ceil(unacknowledged / 2);
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
    this.#keep(received);
    this.#acknowledgeInOrder();
    return true;
  }

  #run(received: Received): void {
    const isUnderWay = this.#begin(received, () => {
      this.#running--;
      this.#finish(received);
    });
    if (isUnderWay) this.#running++;
  }

  /** Calls the handler; false where that was all. */
  #begin(received: Received, onSettled: () => void): boolean {
    const handle = received.handle!;
    received.handle = undefined;
    received.turn = undefined;
    try {
      const promise = handle();
      received.done = !isPromise(promise);
      if (isPromise(promise)) promise.then(undefined, (error) => this.#fail(error)).then(onSettled);
    } catch (error) {
      received.done = true;
      this.#fail(error);
    }
    return !received.done;
  }

  #fail(error: unknown): void {
    this.failed++;
    this.#options.onHandlerError(error);
  }

  #finish(received: Received): void {
    received.done = true;
    this.#acknowledgeInOrder();
    this.#goOn();
    if (this.size === 0) this.drained++;
    this.#options.onDone();
  }

  /** Begins with what may begin now. */
  #goOn(): void {
    while (this.#running < this.#options.concurrent) {
      const next = this.#waiting.take();
      if (!next) break;
      this.#run(next.value);
    }
    while (!this.#isAdmitting && this.#waiting.size === 0 && this.#newcomers.size > 0) this.#admit();
    this.#acknowledgeInOrder();
  }

  #admit(): void {
    const key = this.#newcomers.next!;
    const received = this.#newcomers.take(key)!;
    const { turn } = received;
    this.#isAdmitting = this.#begin(received, () => {
      this.#isAdmitting = false;
      this.#promote(turn!);
      this.#finish(received);
    });
    if (!this.#isAdmitting) this.#promote(turn!);
  }

  /** What waits with a key that is a newcomer no more has its turn among the others, as far as there is room. */
  #promote({ key, isNewcomer }: Turn): void {
    if (isNewcomer()) return;
    for (;;) {
      const first = this.#newcomers.first(key);
      if (first === undefined || this.#waiting.offer(first.value, first.bytes).length > 0) return;
      this.#newcomers.take(key);
      first.value.turn = undefined;
    }
  }

  /** Keeps what is to be acknowledged. One that waits has waited for too long when it is too many that follow it. */
  #keep(received: Received): void {
    this.#unacknowledged.push(received);
    const late = this.#unacknowledged[this.#unacknowledged.length - 1 - this.#patience];
    while (late?.turn !== undefined) this.#refuse(this.#newcomers.take(late.turn.key)!, late.turn);
  }

  #refuse(received: Received, { refuse }: Turn): void {
    this.refused++;
    received.handle = refuse;
    this.#run(received);
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

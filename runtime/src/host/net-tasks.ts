import type { KeptSession } from '../session/kept/kept-session.ts';
import type { NetPool } from '../session/pool/net-pool.ts';

/** Something to do with a net. */
export interface NetTask {
  run(kept: KeptSession): Promise<void>;
  /** Called where it was not done, or not to its end: with the reason, or without one if it still waited at the end. */
  fail(problem?: Error): void;
}

/** Most tasks for which a net is held at once: another net may need its room. */
const MOST_AT_ONCE = 16;

/** The tasks of one net, the first of which may run. */
interface Queue {
  readonly waiting: NetTask[];
  done: Promise<void>;
}

/**
 * Background tasks for the nets of a pool: those of one net are done in their order. A net is taken once for up to 16
 * of them, so that a task costs fewer turns of the event loop than an answer does, and the net keeps up with answers.
 */
export class NetTasks {
  readonly #pool: NetPool;
  readonly #queues = new Map<string, Queue>();
  /** Tasks that wait or run. */
  size = 0;

  constructor(pool: NetPool) {
    this.#pool = pool;
  }

  add(key: string, task: NetTask): void {
    this.size++;
    const queue = this.#queues.get(key);
    if (queue !== undefined) queue.waiting.push(task);
    else this.#start(key, task);
  }

  #start(key: string, task: NetTask): void {
    const queue: Queue = { waiting: [task], done: Promise.resolve() };
    this.#queues.set(key, queue);
    queue.done = this.#work(key, queue.waiting);
  }

  async #work(key: string, waiting: NetTask[]): Promise<void> {
    while (waiting.length > 0) {
      await this.#pool
        .use(key, (kept) => this.#doSome(kept, waiting))
        // The net could not be opened; perhaps it can for the next task.
        .catch((problem: Error) => this.#end(waiting.shift(), problem));
    }
    this.#queues.delete(key);
  }

  async #doSome(kept: KeptSession, waiting: NetTask[]): Promise<void> {
    // The first is taken whatever the net says, so that each turn ends a task.
    for (let done = 0; done < MOST_AT_ONCE && (done === 0 || kept.session.failure === undefined); done++) {
      const task = waiting.shift();
      if (task === undefined) return;
      try {
        await task.run(kept);
        this.size--;
      } catch (problem) {
        this.#end(task, problem as Error);
      }
    }
  }

  #end(task: NetTask | undefined, problem?: Error): void {
    if (task === undefined) return;
    this.size--;
    task.fail(problem);
  }

  /** What waits is not done any more. */
  end(): void {
    for (const { waiting } of this.#queues.values()) for (const task of waiting.splice(0)) this.#end(task);
  }

  /** Resolves when nothing waits or runs. */
  async done(): Promise<void> {
    await Promise.all(Array.from(this.#queues.values(), ({ done }) => done));
  }
}

import { Worker } from 'node:worker_threads';
import { SpikewireError } from '@spikewire/models/error';
import type { WorkerAnswer, WorkerCall } from './worker-call.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Heap of the thread in MiB beside its nets. */
const HEAP_MIB = 64;
/** Parts in which the patience with a thread runs out. */
const TICKS = 8;

/**
 * One life of the worker thread: calls go over in order, and all that wait are rejected when it ends. A thread that
 * answers nothing for too long while somebody waits is ended: no window may hold up those of all other nets for ever.
 */
export class InferenceThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onDeath: (failure: SpikewireError) => void;
  #calls = 0;
  #failure: SpikewireError | undefined;
  readonly #longestCall: number;
  #watchdog: NodeJS.Timeout | undefined;

  /**
   * @param longestCall milliseconds without an answer
   * @param memory bytes that its nets may take
   * @param onDeath called once, when the thread ends without having been told to
   */
  constructor(longestCall: number, memory: number, onDeath: (failure: SpikewireError) => void) {
    this.#longestCall = longestCall;
    this.#onDeath = onDeath;
    this.#worker = new Worker(new URL('./worker-thread.js', import.meta.url), {
      // Options of the process such as --input-type or --cpu-prof are not meant for this thread.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB + Math.ceil(memory / 2 ** 20), maxYoungGenerationSizeMb: 2 },
    });
    this.#worker.on('message', (answer: WorkerAnswer) => this.#settle(answer));
    this.#worker.on('messageerror', (cause) => this.#die(`sent what cannot be read (${cause.message})`, cause));
    this.#worker.on('error', (cause: unknown) =>
      this.#die(`died (${cause instanceof Error ? cause.message : cause})`, cause),
    );
    this.#worker.on('exit', (code) => this.#die(`ended with code ${code}`));
    this.#worker.unref();
  }

  /** `handOver` is gone here afterwards. */
  call(
    net: number,
    method: WorkerCall['method'],
    argument: unknown,
    handOver: readonly ArrayBuffer[] = [],
  ): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const call = this.#calls++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      // The thread keeps the process alive only while somebody waits for it.
      if (this.#waiting.size === 1) {
        this.#worker.ref();
        this.#watch();
      }
      this.#worker.postMessage({ call, net, method, argument } satisfies WorkerCall, handOver);
    });
  }

  /** Ends the thread; calls that wait are rejected. */
  async close(): Promise<void> {
    this.#end(new SpikewireError('unsupported', 'inference worker', 'is closed', 'an open one'));
    await this.#worker.terminate();
  }

  #settle({ call, value, error }: WorkerAnswer): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (this.#waiting.size === 0) this.#worker.unref();
    this.#watch();
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(SpikewireError.restore(error.code, error.where, error.message));
  }

  /**
   * Begins to count anew; calls are answered one by one, so that each has this long. It is counted in ticks: time in
   * which this process stood still (stopped, asleep, busy) is one tick, however long, for the thread may have stood
   * too.
   */
  #watch(): void {
    clearInterval(this.#watchdog);
    if (this.#waiting.size === 0) return;
    const seconds = this.#longestCall / 1000;
    let left = TICKS;
    this.#watchdog = setInterval(() => {
      if (--left === 0) this.#die(`gave no answer for ${seconds} s and was ended`);
    }, this.#longestCall / TICKS);
  }

  #die(problem: string, cause?: unknown): void {
    if (this.#failure !== undefined) return;
    const failure = new SpikewireError(
      'unsupported',
      'inference worker',
      problem,
      'a thread that lives as long as its nets',
      cause,
    );
    this.#end(failure);
    void this.#worker.terminate();
    this.#onDeath(failure);
  }

  #end(failure: SpikewireError): void {
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
    clearInterval(this.#watchdog);
  }
}

import { Worker } from 'node:worker_threads';
import { type ErrorCode, SpikewireError } from '@spikewire/models';
import type { Executor, ExecutorSource, WindowRequest, WindowResult } from './executor.ts';

/** What goes to the worker thread: a call of one net's method, answered in order under the same number. */
export interface WorkerCall {
  readonly call: number;
  readonly net: number;
  readonly method: 'open' | 'run' | 'setLearning' | 'resetLearning' | 'save' | 'restore' | 'close';
  readonly argument: unknown;
}

/** What comes back. Errors travel as their parts, because classes do not survive the way. */
export interface WorkerAnswer {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly where: string; readonly message: string };
}

/** What `open` needs in the worker, and what it answers. */
export interface WorkerOpen {
  readonly engine: string;
  readonly model: Uint8Array;
  readonly seed: number | undefined;
}
export interface WorkerOpened {
  readonly name: string;
  readonly bytes: number;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Heap of the worker in MiB: it holds buffers and a compiled program, no history. */
const WORKER_HEAP_MIB = 64;

/** One worker thread that runs any number of nets, so that nobody's event loop waits for inference. */
export class InferenceWorker implements ExecutorSource {
  readonly name: string;
  readonly #engine: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #nets = 0;
  #failure: SpikewireError | undefined;

  /** `engine` is a name that `engineNamed` knows. */
  constructor(engine: string) {
    this.#engine = engine;
    this.name = `${engine} (worker)`;
    this.#worker = new Worker(new URL('./worker-thread.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MIB, maxYoungGenerationSizeMb: 2 },
    });
    this.#worker.on('message', (answer: WorkerAnswer) => this.#settle(answer));
    this.#worker.on('error', (cause) => this.#fail('stopped with an error', cause));
    this.#worker.on('exit', () => this.#fail('has ended'));
    this.#worker.unref();
  }

  async open(model: Uint8Array, options: { readonly seed?: number } = {}): Promise<Executor> {
    const net = this.#nets++;
    const argument: WorkerOpen = { engine: this.#engine, model, seed: options.seed };
    const { name, bytes } = (await this.#call(net, 'open', argument)) as WorkerOpened;
    const call = (method: WorkerCall['method'], value?: unknown) => this.#call(net, method, value);
    return {
      name: `${name} (worker)`,
      bytes,
      run: (request: WindowRequest) => call('run', request) as Promise<WindowResult>,
      setLearning: (on) => call('setLearning', on) as Promise<void>,
      resetLearning: () => call('resetLearning') as Promise<void>,
      save: () => call('save') as Promise<Uint8Array>,
      restore: (state) => call('restore', state) as Promise<void>,
      close: () => call('close') as Promise<void>,
    };
  }

  async close(): Promise<void> {
    this.#failure ??= new SpikewireError('unsupported', 'inference worker', 'is closed');
    await this.#worker.terminate();
  }

  #call(net: number, method: WorkerCall['method'], argument: unknown): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const call = this.#calls++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      // The thread keeps the process alive only while somebody waits for it.
      if (this.#waiting.size === 1) this.#worker.ref();
      this.#worker.postMessage({ call, net, method, argument } satisfies WorkerCall);
    });
  }

  #settle({ call, value, error }: WorkerAnswer): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(SpikewireError.restore(error.code, error.where, error.message));
  }

  #fail(problem: string, cause?: unknown): void {
    this.#failure ??= new SpikewireError('unsupported', 'inference worker', problem, 'a running worker thread', cause);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

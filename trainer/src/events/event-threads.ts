import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Field, help, JOB_BYTES, KERNELS, type KernelName, kernelsOver } from './job.ts';
import { type SharedMemory, webAssembly } from './webassembly.ts';

const PAGE = 65536;

/** Of an array in the memory. */
export interface Placed {
  readonly address: number;
  readonly length: number;
}

/** Lays arrays out, one after the other. */
export class Layout {
  bytes = JOB_BYTES;

  /** Room for so many numbers of 32 bits. */
  place(length: number): Placed {
    const address = this.bytes;
    // Lines of the cache are not shared between arrays.
    this.bytes += Math.ceil((4 * length) / 64) * 64;
    return { address, length };
  }
}

/**
 * Kernels over one memory that several threads share: this one and helpers that sleep between jobs. A helper that comes
 * late, or never, costs time and nothing else.
 */
export class EventThreads {
  readonly #memory: SharedMemory;
  readonly #job: Int32Array;
  readonly #kernels: ReturnType<typeof kernelsOver>;
  readonly #helpers: readonly Worker[];

  /** @param threads this one included */
  constructor(layout: Layout, threads: number) {
    const pages = Math.ceil(layout.bytes / PAGE);
    // Written by the build from `trainer/kernels`.
    const module = new webAssembly.Module(readFileSync(new URL('./kernels.generated.wasm', import.meta.url)));
    const memory = new webAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.#memory = memory;
    this.#job = new Int32Array(memory.buffer, 0, JOB_BYTES / 4);
    this.#kernels = kernelsOver(module, memory);
    const file = new URL('./event-thread.js', import.meta.url);
    this.#helpers = Array.from({ length: threads - 1 }, () => startHelper(file, { module, memory }));
  }

  floats({ address, length }: Placed): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  bytes({ address, length }: Placed): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, 4 * length);
  }

  /** Runs all parts of a kernel and returns the sum of what they return. */
  run(kernel: KernelName, parts: number, operands: readonly number[]): number {
    const job = this.#job;
    job[Field.kernel] = KERNELS.indexOf(kernel);
    job.set(operands, Field.operands);
    Atomics.store(job, Field.result, 0);
    Atomics.store(job, Field.unfinished, parts);
    Atomics.store(job, Field.waiting, parts);
    Atomics.add(job, Field.jobs, 1);
    Atomics.notify(job, Field.jobs);
    help(job, this.#kernels);
    for (;;) {
      const unfinished = Atomics.load(job, Field.unfinished);
      if (unfinished === 0) return Atomics.load(job, Field.result);
      Atomics.wait(job, Field.unfinished, unfinished);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#helpers.map((helper) => helper.terminate()));
  }
}

function startHelper(file: URL, workerData: object): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };
  // Options of the process such as --cpu-prof are not meant for this thread.
  const helper = new Worker(file, { workerData, execArgv: [], resourceLimits });
  // Without it, the others do its parts.
  helper.on('error', () => {});
  helper.unref();
  return helper;
}

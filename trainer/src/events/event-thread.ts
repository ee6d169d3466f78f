import { parentPort, workerData } from 'node:worker_threads';
import { Field, help, JOB_BYTES, kernelsOver } from './job.ts';
import type { CompiledKernels, SharedMemory } from './webassembly.ts';

// The other end of `EventThreads`: sleeps until there is a job. The port keeps nothing awake.
parentPort?.unref();
const { module, memory } = workerData as { module: CompiledKernels; memory: SharedMemory };
const job = new Int32Array(memory.buffer, 0, JOB_BYTES / 4);
const kernels = kernelsOver(module, memory);
for (let known = 0; ; known = Atomics.load(job, Field.jobs)) {
  help(job, kernels);
  Atomics.wait(job, Field.jobs, known);
}

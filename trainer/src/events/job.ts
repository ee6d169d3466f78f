import { type CompiledKernels, type SharedMemory, webAssembly } from './webassembly.ts';

/** The kernels of `trainer/kernels`, by their numbers in a job. */
export const KERNELS = ['listRows', 'listColumns', 'addActiveRows', 'addActiveGradients'] as const;

export type KernelName = (typeof KERNELS)[number];

type Kernels = Readonly<Record<KernelName, (part: number, operands: number) => number>>;

/** Where the fields of a job lie, in numbers of 32 bits; it begins the memory that all threads see. */
export const Field = {
  /** How many jobs there were. */
  jobs: 0,
  /** Parts that nobody has begun. */
  waiting: 1,
  /** Parts that are not done. */
  unfinished: 2,
  /** The sum of what the parts returned. */
  result: 3,
  kernel: 4,
  /** As `Product` of `trainer/kernels` has them. */
  operands: 5,
} as const;

/** Bytes of a job, with room for as many operands as the longest list has. */
export const JOB_BYTES = 128;

export function kernelsOver(module: CompiledKernels, memory: SharedMemory): Kernels {
  return new webAssembly.Instance(module, { env: { memory } }).exports as Kernels;
}

/**
 * Does parts of the job for as long as there are any. Parts are counted down, so that who comes late finds none, and
 * not those of a next job that is still being written.
 */
export function help(job: Int32Array, kernels: Kernels): void {
  for (;;) {
    const part = Atomics.sub(job, Field.waiting, 1) - 1;
    if (part < 0) return;
    const kernel = kernels[KERNELS[job[Field.kernel]!]!];
    Atomics.add(job, Field.result, kernel(part, 4 * Field.operands));
    if (Atomics.sub(job, Field.unfinished, 1) === 1) Atomics.notify(job, Field.unfinished);
  }
}

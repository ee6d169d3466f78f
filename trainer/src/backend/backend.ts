import type { Program } from '../graph/program.ts';

/** Arrays by the names of a program's inputs or outputs, row-major. */
export type NumberArrays = Readonly<Record<string, Float32Array>>;

/** A program made ready to run many times. */
export interface Executable {
  /** Its own arrays for inputs, as far as it has them: what is written into one need not be copied at each run. */
  readonly room?: NumberArrays;
  /** Whether it computes in a thread of its own, beside the one that calls it. */
  readonly isBeside?: boolean;
  /**
   * Computes the outputs from the inputs and writes them into the arrays that are given for them, which are no inputs.
   */
  run(inputs: NumberArrays, outputs: NumberArrays): Promise<void>;
  close(): Promise<void>;
}

/** Something that computes programs: a library, a device. */
export interface Backend {
  readonly name: string;
  compile(program: Program): Promise<Executable>;
  /** The same program so many times, for parts of a batch that run at once where there are threads for it. */
  compileParts(program: Program, count: number): Promise<readonly Executable[]>;
}

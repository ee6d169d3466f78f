/** The two forms of the kernels: one interface, the same numbers bit for bit. */
export type KernelForm = 'wasm' | 'typescript';

export interface Kernels {
  /** Runs the instructions that lie from address `from` to address `to`. */
  run(from: number, to: number): void;
}

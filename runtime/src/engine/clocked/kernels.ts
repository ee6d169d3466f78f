/** The two forms of the kernels: one interface, the same numbers bit for bit. */
export type KernelForm = 'wasm' | 'typescript';

export interface Kernels {
  /** Runs the instructions that lie from address `from` to address `to`. */
  run(from: number, to: number): void;
  /**
   * Looks at the events that lie in the window at address `window`: whether all are spikes for one Input node, steps in order and below
   * `steps`, elements in order and in range. If so, the instruction `takeInput` hands them on.
   */
  openWindow(window: number, events: number, steps: number): boolean | number;
}

/** The two forms of the kernels: one interface, the same numbers bit for bit. */
export type KernelForm = 'wasm' | 'typescript';

export interface Kernels {
  /** Runs the instructions that lie from address `from` to address `to`. */
  run(from: number, to: number): void;
  /**
   * Runs them again and again, as a step that is whole: `steps` times, at most 2^31 − 1, or until there is something in
   * one of the lists at address `watched`. Returns how often.
   */
  runUntil(from: number, to: number, steps: number, watched: number): number;
  /**
   * Looks at the events that lie in the window at address `window`: whether all are spikes, steps in order from `first`
   * on and below `steps`, in each step nodes in order and at each node elements. If so, the instruction `takeInput`
   * hands them on. Fewer than 0 events: there are none that it hands on.
   */
  openWindow(window: number, events: number, first: number, steps: number): boolean | number;
}

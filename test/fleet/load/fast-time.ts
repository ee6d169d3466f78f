import { setTimeout as pauseOfMachine } from 'node:timers/promises';
import type { PassingTime } from '../virtual-machine.ts';

/** The time of this machine, which devices believe to pass some times faster. */
export class FastTime implements PassingTime {
  readonly #factor: number;
  readonly #start = performance.now();

  constructor(factor: number) {
    this.#factor = factor;
  }

  get now(): number {
    return (performance.now() - this.#start) * this.#factor;
  }

  readonly clock = (): number => this.now;

  readonly pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    await pauseOfMachine(milliseconds / this.#factor, undefined, { signal }).catch(() => {}); // it ends early
  };

  each(milliseconds: number, act: () => void): () => void {
    const timer = setInterval(act, milliseconds / this.#factor);
    return () => clearInterval(timer);
  }
}

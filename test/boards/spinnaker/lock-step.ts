import { setImmediate } from 'node:timers/promises';
import type { StepClock } from '../../../devices/src/accelerators/spinnaker/board-clock.ts';
import type { Twin } from './twin-process.ts';

/** A clock that moves only with a twin which is driven by hand, so that no machine is too slow for it. */
export class LockStepClock implements StepClock {
  readonly #twin: Twin;
  readonly #isAhead: boolean;
  #step = 0;

  /** @param isAhead whether packets of a step come when the next one has begun here */
  constructor(twin: Twin, isAhead = false) {
    [this.#twin, this.#isAhead] = [twin, isAhead];
  }

  get step(): number {
    return this.#step;
  }

  async until(step: number): Promise<void> {
    while (this.#step < step) {
      await datagrams();
      const done = this.#twin.step(this.#step + 1);
      if (this.#isAhead) this.#step++;
      await done;
      await datagrams();
      if (!this.#isAhead) this.#step++;
    }
  }
}

/** Until what this process has sent is on its way, and what has come to it is taken. */
async function datagrams(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

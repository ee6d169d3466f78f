/**
 * A time in which all who come have to wait. At its end they go on in the order in which they came, all in one turn:
 * nobody who comes later can be between them.
 */
export class Pause {
  /** What waits, while it lasts. */
  #waiting: (() => void)[] | undefined;

  /** Does something at once, or at the end of the pause where there is one. */
  through<T>(task: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting;
    if (waiting === undefined) return task();
    return new Promise((resolve) => {
      waiting.push(() => resolve(task()));
    });
  }

  /** Lasts as long as the task; there must be no other pause. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    const waiting: (() => void)[] = [];
    this.#waiting = waiting;
    try {
      return await task();
    } finally {
      this.#waiting = undefined;
      for (const goOn of waiting) goOn();
    }
  }
}

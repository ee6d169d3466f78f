const nothing = () => {};

/** Runs asynchronous tasks one after another, in the order in which they were asked for. */
export class Exclusive {
  #last: Promise<void> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    // What it gave is not kept until the next one.
    this.#last = result.then(nothing, nothing);
    return result;
  }
}

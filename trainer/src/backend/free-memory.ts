/** A transfer takes memory from its buffer; here it arrives nowhere. */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/**
 * Frees the memory of buffers that nobody reads any more, at once; they are empty then. Left to V8, it piles up, and is
 * looked for by threads that take the cores from a step of training.
 */
export function freeMemory(buffers: readonly ArrayBuffer[]): void {
  nowhere.postMessage(undefined, [...buffers]);
}

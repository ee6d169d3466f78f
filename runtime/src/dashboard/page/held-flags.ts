/** A flag is shown at least so long: in a fast stream nobody would see it otherwise. */
const MILLISECONDS = 2000;

/** Which nets are shown as unusual, in the list as well as in the card of the one that is looked at. */
export class HeldFlags {
  readonly #at = new Map<string, number>();

  /** Something of a net is unusual now. */
  mark(net: string): void {
    this.#at.set(net, performance.now());
  }

  /** What was flagged no longer counts. */
  drop(net: string): void {
    this.#at.delete(net);
  }

  has(net: string): boolean {
    return performance.now() - (this.#at.get(net) ?? Number.NEGATIVE_INFINITY) < MILLISECONDS;
  }
}

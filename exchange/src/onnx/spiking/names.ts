/** What the builder calls values within a net: an operator and a number. */
const INNER = /^[A-Z]\w*_\d+$|^constant_\d+$/;

/** Names of values that a net takes and gives, each once, and none that a value inside may have. */
export class OuterNames {
  readonly #taken = new Set<string>();

  /** The wanted name, or the first of it with a number behind that nothing else has. */
  take(wanted: string): string {
    let name = INNER.test(wanted) ? `${wanted}'` : wanted;
    for (let k = 2; this.#taken.has(name); k++) name = `${wanted} ${k}`;
    this.#taken.add(name);
    return name;
  }
}

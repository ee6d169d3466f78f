// The file of results: a line that says what was drawn, and a line for each mutation as it is judged.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { keyOf } from './draw.mjs';

/**
 * A mutation with its number and what the tests said of it; `of` is how many files of tests reach it.
 *
 * @typedef {{ number: number, package: string, kind: string, file: string, line: number, before: string, after: string,
 *   outcome: string, by?: string, why?: string, files: number, of: number, seconds: number }} Judged
 */

/** Results in the order of their numbers; of two judgements of one mutation the later counts. */
export class Results {
  #path;
  #byNumber = new Map();

  /** Starts the file again unless `resume`; then it must have been drawn in the same way. */
  constructor(path, drawn, resume) {
    this.#path = path;
    /** Seed, package and commit of what was drawn. */
    this.drawn = drawn;
    if (!resume || !existsSync(path)) {
      writeFileSync(path, `${JSON.stringify(drawn)}\n`);
      return;
    }
    const [head, ...lines] = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    this.drawn = JSON.parse(head);
    const { seed, package: only } = this.drawn;
    if (seed !== drawn.seed || only !== drawn.package) {
      throw new Error(`${path}: has seed ${seed} of ${only ?? 'all packages'}; expected what --seed and --package say`);
    }
    for (const line of lines) this.#take(JSON.parse(line));
  }

  /** @param {Judged} judged */
  add(judged) {
    appendFileSync(this.#path, `${JSON.stringify(judged)}\n`);
    this.#take(judged);
  }

  has(number) {
    return this.#byNumber.has(number);
  }

  /** @returns {Judged[]} */
  get all() {
    return [...this.#byNumber.values()].sort((a, b) => a.number - b.number);
  }

  get keys() {
    return new Set(this.all.map(keyOf));
  }

  #take(judged) {
    this.#byNumber.set(judged.number, judged);
  }
}

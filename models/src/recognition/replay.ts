import { anything, type KeptState, kept, whole } from '../kept-numbers.ts';
import type { RandomGenerator } from '../random/generator.ts';

/** Lessons that are repeated with each new one, and the weight of a repetition. */
export const REPEATED = 4;
export const REPETITION_WEIGHT = 0.5;
/** What a generator can draw among. */
const MOST_SEEN = 2 ** 32 - 1;

/**
 * A bounded sample of the lessons so far, some of which are repeated with each new one: each lesson ever is in it with
 * the same probability (reservoir sampling: Vitter 1985, algorithm R).
 */
export class Replay {
  readonly #size: number;
  readonly #classes: number;
  readonly #evidence: Uint8Array;
  readonly #labels: Uint8Array;
  /** Lessons ever. */
  readonly #seen = new Float64Array(1);
  readonly #random: RandomGenerator;

  /** Of at most so many lessons of `size` counts each, about so many classes. */
  constructor(lessons: number, size: number, classes: number, random: RandomGenerator) {
    this.#size = size;
    this.#classes = classes;
    this.#evidence = new Uint8Array(lessons * size);
    this.#labels = new Uint8Array(lessons);
    this.#random = random;
  }

  get state(): KeptState<Uint8Array | Float64Array | Uint32Array> {
    return {
      evidence: kept(this.#evidence, anything),
      labels: kept(this.#labels, whole(0, this.#classes - 1)),
      seen: kept(this.#seen, whole(0, MOST_SEEN + 1)),
      random: this.#random.kept,
    };
  }

  begin(): void {
    this.#seen.fill(0);
  }

  add(evidence: ArrayLike<number>, label: number): void {
    const room = this.#labels.length;
    if (room === 0) return;
    const seen = Math.min(MOST_SEEN, this.#seen[0]!);
    this.#seen[0] = seen + 1;
    const index = seen < room ? seen : this.#random.nextInteger(seen + 1);
    if (index >= room) return;
    this.#evidence.set(evidence, index * this.#size);
    this.#labels[index] = label;
  }

  /** Lessons to repeat now, drawn among those it has. */
  repeat(teach: (evidence: Uint8Array, label: number) => void): void {
    const kept = Math.min(this.#seen[0]!, this.#labels.length);
    for (let k = 0; k < Math.min(REPEATED, kept); k++) {
      const index = this.#random.nextInteger(kept);
      teach(this.#evidence.subarray(index * this.#size, (index + 1) * this.#size), this.#labels[index]!);
    }
  }
}

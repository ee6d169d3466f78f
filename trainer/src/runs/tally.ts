import type { Loss } from '../losses/loss.ts';

/** Mean loss and share of right answers over samples. */
export interface Score {
  readonly loss: number;
  /** 0…1; of answers that are numbers their correlation with those wanted, of masks the mean overlap. */
  readonly accuracy: number;
}

/** What the `accuracy` of a score is, by its data and its method. */
export type ScoreName = 'accuracy' | 'overlap' | 'correlation';

/** A score under the name of what it says, as documents have it. */
export function namedScore({ loss, accuracy }: Score, name: ScoreName = 'accuracy') {
  return { loss, [name]: accuracy };
}

/** The sums behind a score, as they stand in a checkpoint. */
export interface TallySums {
  readonly samples: number;
  readonly loss: number;
  readonly right: number;
}

export const NOTHING: TallySums = { samples: 0, loss: 0, right: 0 };

/** Adds up the results of batches. */
export class Tally {
  #samples = 0;
  #loss = 0;
  #right = 0;

  constructor({ samples, loss, right }: TallySums = NOTHING) {
    this.#samples = samples;
    this.#loss = loss;
    this.#right = right;
  }

  get sums(): TallySums {
    return { samples: this.#samples, loss: this.#loss, right: this.#right };
  }

  get score(): Score {
    return { loss: this.#loss / this.#samples, accuracy: this.#right / this.#samples };
  }

  /** Adds the first `rows` rows of a batch: their losses, and how right they are. */
  add(
    rows: number,
    losses: Float32Array,
    answers: Float32Array,
    targets: Float32Array,
    right: NonNullable<Loss['right']> = isHighest,
  ): void {
    const classes = answers.length / losses.length;
    this.#samples += rows;
    for (let row = 0; row < rows; row++) {
      const start = row * classes;
      this.#loss += losses[row]!;
      this.#right += right(answers.subarray(start, start + classes), targets.subarray(start, start + classes));
    }
  }
}

/** Whether the highest answer, of equal ones the first, as decoders have it, is at the target. */
function isHighest(answers: ArrayLike<number>, targets: ArrayLike<number>): number {
  let index = 0;
  for (let i = 1; i < answers.length; i++) if (answers[i]! > answers[index]!) index = i;
  return Number(targets[index] === 1);
}

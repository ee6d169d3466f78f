/**
 * The answer: its numbers, for most kinds one per element, and the class where the kind `classifies`. Valid until the
 * next call of the same decoder.
 */
export interface Decoded {
  readonly values: Float64Array;
  /** Index of the class, of equal ones the lowest; −1 where the kind does not classify, or was taught no class yet. */
  readonly winner: number;
  /** Probability that `winner` is right, 0…1, calibrated on the labels that came; where the kind knows one. */
  readonly confidence?: number;
  /** Whether it looks like no class that was taught. */
  readonly unknown?: boolean;
  /** Index of the class that its base alone would name; −1 where there is no base. */
  readonly base?: number;
}

/**
 * What can be taught of a decoder's answers. It keeps a base beside what it learns: what it knew when it was told to
 * `settle`, and before that nothing.
 */
export interface Teachable {
  /** Names of the classes so far, in the order of the answer's values: those of the model, then those that came. */
  readonly classes: readonly string[];
  readonly mostClasses: number;
  /** What it saw in the last window, for a lesson about it that comes later: spike counts 0…255, a view. */
  readonly evidence: Uint8Array;
  /** What it takes while there are its classes of now; its bytes are there from the beginning. */
  readonly cost: TeachableCost;
  /** How little the last window looks like what was taught, 0 where nothing was; larger means less. */
  readonly strangeness: number;
  /** Lessons learned so far; lower than before after one was taken back. */
  readonly lessons: number;
  /** On the labels that came since the base was set, each tested before it was learned: how many, and how many of them
   * the base, what was learned since, and the answer that was given had right. */
  readonly scores: TeachableScores;
  /** Whether there is a base. */
  readonly hasBase: boolean;
  /**
   * "This was `label`", about a window with that evidence. A name not heard before is a new class. Throws `input` for
   * one that is no name, or does not fit in any more. `votes` as in the window.
   */
  teach(evidence: ArrayLike<number>, label: string, votes?: ArrayLike<number>): void;
  /** Learns these lessons as if they had been all, because windows look different now; what labels judged stays. */
  relearn(lessons: readonly RepeatedLesson[]): void;
  /** Undoes the last lesson, bit for bit; false where there is none to take back, as after a restart. */
  takeBack(): boolean;
  /** What it knows now becomes the base; false where it was taught nothing, and all stays as it is. */
  settle(): boolean;
  /** Back to the base; without one, to the beginning. */
  returnToBase(): void;
  /**
   * Adds what `learned` has learned since it was `former`, all three being read-outs of the same kind behind the same
   * front; both are of no use afterwards. @returns why that is not possible, and nothing has changed here then
   */
  rebase(learned: Teachable, former: Teachable): RebaseProblem | undefined;
  /**
   * What it answers with now, for whoever computes that elsewhere; undefined before anything was taught, and where it is
   * not linear.
   */
  readonly fixed: FixedReadout | undefined;
  /** The answer to a window with these counts, one for each element of the Output; the others as in the window. */
  decodeCounts(counts: ArrayLike<number>, learning?: boolean, votes?: ArrayLike<number>): Decoded;
  /**
   * The class that these counts, 0…255, would be taken for, known or not; −1 before anything was taught. Nothing but
   * the last answer's values is changed by it, and it costs a part of an answer.
   */
  winnerOf(counts: ArrayLike<number>): number;
}

/**
 * Why what was learned on one base cannot be added to another. `kind`: the read-out has no sum of lessons; `size`: it
 * is too large to be inverted; `classes`: neither names its classes as the other does, and more; `base`: it has none,
 * another one, or went back to it; `forgotten`: lessons have lost weight after a drift.
 */
export type RebaseProblem = 'kind' | 'size' | 'classes' | 'base' | 'forgotten';

/** What a read-out that is taught takes, by its declaration. */
export interface TeachableCost {
  /** Bytes of all its arrays, and how many more from the first lesson on: a copy by which the last is taken back. */
  readonly bytes: number;
  readonly undoBytes: number;
  /** Multiply-adds of an answer, and of a lesson: the answer that it judges, what it changes, and repetitions. */
  readonly answerWork: number;
  readonly lessonWork: number;
}

/** A lesson that was learned before. */
export interface RepeatedLesson {
  /** What the read-out sees of its window now. */
  readonly evidence: ArrayLike<number>;
  /** Index of the class. */
  readonly label: number;
}

export interface TeachableScores {
  readonly labels: number;
  readonly base: number;
  readonly adapted: number;
  /** What people were answered; "unknown" is not right. */
  readonly served: number;
}

/**
 * A linear read-out as it answers while nothing is taught: experts that each score the classes from standardised
 * counts, and a mixture of their softmax. Copies; what is taught later does not change them.
 */
export interface FixedReadout {
  /** Whether each class was taught; others have probability 0. */
  readonly taught: readonly boolean[];
  /** β: an expert's probabilities are in proportion to e^(β·score). */
  readonly sharpness: number;
  readonly experts: readonly FixedExpert[];
}

/** Scores w_c0 + Σ w_ci·(count_(first+i−1) − middle_(i−1)) / unit_(i−1) of the classes c. */
export interface FixedExpert {
  /** Its share of the mixture; all shares add up to 1. */
  readonly share: number;
  /** First element of the Output that it sees. */
  readonly first: number;
  /** [elements that it sees]. */
  readonly middle: Float32Array;
  /** [elements that it sees], above 0. */
  readonly unit: Float32Array;
  /** [classes, 1 + elements that it sees]. */
  readonly weights: Float32Array;
}

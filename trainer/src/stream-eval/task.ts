import type { Report } from '@spikewire/exchange/report';

/** What is chosen of an evaluation on a stream; a task takes what means something to it. */
export interface TaskOptions {
  /** Whether lessons are given to anybody. */
  readonly learn: boolean;
  /** Share of samples whose label comes, 0…1; the task's own where absent. */
  readonly labels?: number;
  readonly seed: number;
  /** Random fronts, and draws of labels for each. */
  readonly fronts: number;
  readonly draws: number;
  /** A class that nobody is ever taught, and one that is absent from the base only. */
  readonly leaveOut?: string;
  readonly newClass?: string;
  /** Share of the labels that name another class. */
  readonly wrong: number;
  /** Labels are drawn anew, in the base as well: nobody can know anything. */
  readonly shuffle: boolean;
  /** Ends the evaluation early: it throws the signal's reason. */
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/**
 * A task of `stream-eval`: one file, one line in tasks.ts. It names the data, makes the traps of the data harmless, and
 * says what is measured. The folder may hold other files than ours: it takes those there are.
 */
export interface Task {
  readonly name: string;
  /** One line for the help, with the source. */
  readonly summary: string;
  /** What stands in front of the folder in `--data <data>:DIR`. */
  readonly data: string;
  /** Whether it is a file instead of a folder; false where absent. */
  readonly isFile?: boolean;
  /** Rejects with `file` where a file is missing or damaged, in one line. */
  evaluate(folder: string, options: TaskOptions): Promise<Report>;
}

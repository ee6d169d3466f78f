import type { Database } from '../../database/database.ts';

/** What people look at, and what of it has changed. */
export const CHANGING = ['devices', 'rollouts', 'rounds', 'people', 'history'] as const;
export type Changing = (typeof CHANGING)[number];

/** Newest report and newest entry of the history: reports change devices and rollouts, and acts of people anything. */
interface Marks {
  readonly seen: number | null;
  readonly entry: number | null;
}

const LOOK_MILLISECONDS = 1000;

type Listener = (changed: readonly Changing[]) => void;

/**
 * Tells who looks that something has changed, whichever controller of the database did it. While somebody listens, it
 * looks once a second, and says at most that often what has changed.
 */
export class Changes {
  readonly #database: Database;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | undefined;
  #marks: Marks | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Returns what ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MILLISECONDS);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#marks = undefined;
    };
  }

  async #look(): Promise<void> {
    const marks = await this.#read().catch(() => undefined); // the next look may find the database
    const before = this.#marks;
    if (marks === undefined || this.#timer === undefined) return;
    this.#marks = marks;
    const changed = before === undefined ? [] : changedBetween(before, marks);
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
  }

  #read(): Promise<Marks> {
    const { queries } = this.#database;
    return queries
      .selectNoFrom(({ selectFrom }) => [
        selectFrom('device')
          .select(({ fn }) => fn.max('seen').as('seen'))
          .as('seen'),
        selectFrom('historyHead').select('number').as('entry'),
      ])
      .executeTakeFirstOrThrow();
  }
}

function changedBetween(before: Marks, now: Marks): readonly Changing[] {
  if (before.entry !== now.entry) return CHANGING;
  return before.seen === now.seen ? [] : ['devices', 'rollouts', 'rounds'];
}

import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import type { ExpressionBuilder } from 'kysely';
import type {
  QueueOptions,
  SweepProgress,
  SweepTerms,
  TakenTrial,
  TrialOutcome,
  TrialQueue,
  TrialResult,
} from 'spikewire/extensions';
import { expectName } from '../controller/database/text.ts';
import { openSweepDatabase, type SweepDatabase } from './sweep-database.ts';
import type { SweepTables } from './sweep-tables.ts';

/** Milliseconds for which a trial is a machine's without being renewed. */
const LEASE_MS = 30_000;
/** Milliseconds after which a machine looks again for a free trial, or for a database that does not answer. */
const WAIT_MS = 2000;
/** Of a trial, which then has failed: on several machines, or after crashes. */
const MOST_TRIES = 3;
export const MOST_TRIALS = 10_000;
/** Bytes. Larger model files stay only where they were trained. */
const LARGEST_MODEL = 16 << 20;
/** Characters: of figures as JSON, and of a line. */
const LONGEST_FIGURES = 1 << 20;
const LONGEST_PROBLEM = 2000;

type Trials = ExpressionBuilder<SweepTables, 'trial'>;

export interface LeaseOptions {
  readonly milliseconds?: number;
  /** Name of this machine, for people. */
  readonly machine?: string;
}

/** Opens the queue of a sweep in a database, and makes the rows of its trials where there are none. */
export async function openQueue(
  address: string,
  terms: SweepTerms,
  options: QueueOptions & LeaseOptions,
): Promise<TrialQueue> {
  expectName('spikewire train --sweep-name', terms.name);
  if (terms.trials > MOST_TRIALS) {
    const expected = `at most ${MOST_TRIALS}`;
    throw new SpikewireError('usage', 'spikewire train --sweep', `gives ${terms.trials} trainings`, expected);
  }
  const database = await openSweepDatabase(address);
  try {
    await begin(database, terms);
    return new DatabaseQueue(database, terms.name, options);
  } catch (failure) {
    await database.close().catch(() => {}); // the first failure is the one to report
    throw failure;
  }
}

/** Of several machines that begin at a time one makes the rows. */
async function begin({ queries }: SweepDatabase, { name, ...terms }: SweepTerms): Promise<void> {
  await queries.transaction().execute(async (changes) => {
    const made = await changes
      .insertInto('sweep')
      .values({ name, ...terms })
      .onConflict((conflict) => conflict.doNothing())
      .returning('name')
      .executeTakeFirst();
    const unused = { machine: null, out: null, figures: null, problem: null, model: null };
    for (let number = 1; made !== undefined && number <= terms.trials; number++)
      await changes
        .insertInto('trial')
        .values({ sweep: name, number, epoch: 0, tries: 0, expires: 0, ...unused })
        .execute();
  });
  const begun = await queries.selectFrom('sweep').selectAll().where('name', '=', name).executeTakeFirstOrThrow();
  const where = `sweep ${name}`;
  const refuse = (problem: string, expected: string) =>
    new SpikewireError('usage', where, problem, `${expected}, or another --sweep-name`);
  if (begun.release !== terms.release)
    throw refuse(`was begun by release ${begun.release}, and this is ${terms.release}`, 'the same release everywhere');
  if (begun.options !== terms.options)
    throw refuse(`was begun with other options, ${begun.options}`, 'the same options everywhere');
  if (begun.data !== terms.data) throw refuse('was begun with other data', 'the same samples everywhere');
}

/**
 * The trials of a sweep as rows of a database. Whoever takes one has a lease, renews it while it trains, and raises the
 * epoch: what a machine still writes after another one has taken its trial is refused (a fencing token). No failure of
 * the database ends a sweep; it is asked again until it answers.
 */
class DatabaseQueue implements TrialQueue {
  readonly #database: SweepDatabase;
  readonly #sweep: string;
  readonly #options: QueueOptions & Required<LeaseOptions>;
  readonly #closing = new AbortController();
  /** Ends all waiting. */
  readonly #signal: AbortSignal;
  readonly #held = new Map<Held, AbortController>();
  readonly #renewal: NodeJS.Timeout;
  /** The renewal that goes on. */
  #renewing: Promise<void> | undefined;
  #taking: Promise<unknown> = Promise.resolve();
  /** What was last said to be in the way. */
  #problem: string | undefined;

  constructor(database: SweepDatabase, sweep: string, options: QueueOptions & LeaseOptions) {
    this.#database = database;
    this.#sweep = sweep;
    this.#options = { milliseconds: LEASE_MS, machine: hostname(), ...options };
    this.#signal = AbortSignal.any([options.signal, this.#closing.signal]);
    this.#renewal = setInterval(() => {
      this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    }, this.#options.milliseconds / 3);
  }

  /** One after the other: of those of a machine who wait, only the first asks. */
  take(): Promise<TakenTrial | undefined> {
    const taking = this.#taking.then(() => this.#takeNext());
    this.#taking = taking.catch(() => {}); // whoever waits for it hears of it
    return taking;
  }

  async #takeNext(): Promise<TakenTrial | undefined> {
    const signal = this.#signal;
    while (!signal.aborted) {
      const held = await this.#patiently(() => this.#takeFree());
      if (held !== undefined) return this.#taken(held);
      if (await this.#patiently(() => this.#isOver())) return undefined;
      await pause(WAIT_MS, undefined, { signal }).catch(() => {}); // ended
    }
    return undefined;
  }

  async progress(): Promise<SweepProgress | undefined> {
    return this.#patiently(() =>
      this.#database.queries
        .selectFrom('trial')
        .where('sweep', '=', this.#sweep)
        .select((trials) => [
          trials.fn.countAll<number>().filterWhere('figures', 'is not', null).as('done'),
          trials.fn.countAll<number>().filterWhere(this.#failed(trials)).as('failed'),
          trials.fn.countAll<number>().filterWhere(this.#running(trials)).as('running'),
          trials.fn.count<number>('machine').distinct().filterWhere(this.#running(trials)).as('machines'),
        ])
        .executeTakeFirstOrThrow(),
    );
  }

  async outcomes(): Promise<readonly TrialOutcome[]> {
    const rows = await this.#patiently(() =>
      this.#database.queries
        .selectFrom('trial')
        .select(['number', 'machine', 'out', 'figures', 'problem'])
        .where('sweep', '=', this.#sweep)
        .where((trials) => trials.or([trials('figures', 'is not', null), this.#failed(trials)]))
        .orderBy('number')
        .execute(),
    );
    return (rows ?? []).map(({ number, machine, out, figures, problem }) => ({
      ...{ number, out: out ?? '', machine: machine ?? '' },
      ...(figures === null ? { problem: problem ?? UNFINISHED } : { figures: JSON.parse(figures) }),
    }));
  }

  async model(number: number): Promise<Uint8Array | undefined> {
    const row = await this.#patiently(() =>
      this.#database.queries
        .selectFrom('trial')
        .select('model')
        .where((trials) => trials.and({ sweep: this.#sweep, number }))
        .executeTakeFirst(),
    );
    return row?.model ?? undefined;
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    this.#closing.abort();
    await this.#renewing;
    await this.#database.close();
  }

  /** One that was not tried before goes first. */
  async #takeFree(): Promise<Held | undefined> {
    const { queries, now, engine } = this.#database;
    const { milliseconds, machine } = this.#options;
    return queries
      .with('free', (each) =>
        each
          .selectFrom('trial')
          .select('number')
          .where('sweep', '=', this.#sweep)
          .where((trials) => this.#free(trials))
          .orderBy('tries')
          .orderBy('number')
          .limit(1)
          .$if(engine === 'postgres', (rows) => rows.forUpdate().skipLocked()),
      )
      .updateTable('trial')
      .set((trials) => ({
        machine,
        epoch: trials('epoch', '+', 1),
        tries: trials('tries', '+', 1),
        expires: trials(now(), '+', milliseconds),
      }))
      .where('sweep', '=', this.#sweep)
      .where('number', 'in', (each) => each.selectFrom('free').select('number'))
      .returning(['number', 'epoch'])
      .executeTakeFirst();
  }

  #taken(held: Held): TakenTrial {
    const lost = new AbortController();
    this.#held.set(held, lost);
    return {
      number: held.number,
      lost: lost.signal,
      finish: async (out, result) => {
        await this.#patiently(() => this.#write(held, out, result));
        this.#held.delete(held);
      },
      release: async () => {
        this.#held.delete(held);
        await this.#giveBack(held).catch(() => {}); // it expires
      },
    };
  }

  /** Nothing is written where another machine has taken the trial, or where its figures are there already. */
  async #write(held: Held, out: string, { figures, model, problem }: TrialResult): Promise<void> {
    const text = figures === undefined ? undefined : JSON.stringify(figures);
    const isKept = text !== undefined && text.length <= LONGEST_FIGURES;
    const line = problem ?? `its figures have ${text!.length} characters; expected at most ${LONGEST_FIGURES}`;
    await this.#update(held)
      .set({
        expires: this.#database.now(),
        out,
        ...(isKept ? { figures: text, problem: null } : { problem: line.slice(0, LONGEST_PROBLEM) }),
        ...(isKept && model !== undefined && model.length <= LARGEST_MODEL && { model }),
      })
      .execute();
  }

  async #giveBack(held: Held): Promise<void> {
    await this.#update(held)
      .set(({ eb }) => ({ expires: this.#database.now(), tries: eb('tries', '-', 1) }))
      .execute();
  }

  /** Once a while; what this machine has lost meanwhile it hears of. */
  async #renew(): Promise<void> {
    const { now } = this.#database;
    const { milliseconds } = this.#options;
    for (const [held, lost] of this.#held)
      try {
        const { numUpdatedRows } = await this.#update(held)
          .set(({ eb }) => ({ expires: eb(now(), '+', milliseconds) }))
          .executeTakeFirst();
        if (numUpdatedRows > 0n || !this.#held.has(held)) continue;
        this.#held.delete(held);
        lost.abort();
      } catch (failure) {
        this.#warn(failure);
      }
  }

  /** A change of a trial that is still this machine's. */
  #update({ number, epoch }: Held) {
    return this.#database.queries
      .updateTable('trial')
      .where((trials) => trials.and({ sweep: this.#sweep, number, epoch }))
      .where('figures', 'is', null);
  }

  async #isOver(): Promise<boolean> {
    const open = await this.#database.queries
      .selectFrom('trial')
      .select('number')
      .where('sweep', '=', this.#sweep)
      .where('figures', 'is', null)
      .where((trials) => trials.not(this.#failed(trials)))
      .limit(1)
      .executeTakeFirst();
    return open === undefined;
  }

  #free(trials: Trials) {
    return trials.and([
      trials('figures', 'is', null),
      trials('tries', '<', MOST_TRIES),
      trials('expires', '<=', this.#database.now()),
    ]);
  }

  #failed(trials: Trials) {
    return trials.and([
      trials('figures', 'is', null),
      trials('tries', '>=', MOST_TRIES),
      trials('expires', '<=', this.#database.now()),
    ]);
  }

  #running(trials: Trials) {
    return trials.and([trials('figures', 'is', null), trials('expires', '>', this.#database.now())]);
  }

  /** Asks again until the database answers; undefined where the signal comes first. */
  async #patiently<T>(work: () => Promise<T>): Promise<T | undefined> {
    const signal = this.#signal;
    for (;;)
      try {
        const result = await work();
        this.#problem = undefined;
        return result;
      } catch (failure) {
        this.#warn(failure);
        if (signal.aborted) return undefined;
        await pause(WAIT_MS, undefined, { signal }).catch(() => {}); // tried a last time
      }
  }

  /** Says once what is in the way. */
  #warn(failure: unknown): void {
    const { message } = failure as Error;
    if (this.#problem !== message && !this.#closing.signal.aborted)
      this.#options.warn(`database: ${message}; it is asked again`);
    this.#problem = message;
  }
}

/** A trial that this machine has, until another one raises the epoch. */
interface Held {
  readonly number: number;
  readonly epoch: number;
}

const UNFINISHED = `was begun ${MOST_TRIES} times, and no machine came to its end`;

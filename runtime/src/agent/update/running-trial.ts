import type { MachineOrder } from '../fleet/orders.ts';
import type { Carrying } from '../repository/offer.ts';
import { Trial } from '../trial/trial.ts';
import type { Bases } from './bases.ts';
import type { Journal, Pair } from './journal.ts';
import type { NamedBase, TrialObserver, UpdatedHost } from './ports.ts';
import { Questions } from './questions.ts';

/** Between two saves of counts that nobody has added a label to. */
const SAVE_EVERY_SECONDS = 600;

interface RunningTrialOptions {
  readonly journal: Journal;
  readonly bases: Bases;
  readonly host: UpdatedHost;
  readonly orders?: (() => MachineOrder | undefined) | undefined;
}

/** What runs beside the base that answers, in a trial or a probation, and what it has come to, over restarts. */
export class RunningTrial {
  readonly #journal: Journal;
  readonly #bases: Bases;
  readonly #host: UpdatedHost;
  readonly #orders: () => MachineOrder | undefined;
  #trial: Trial | undefined;
  /** What is on trial, or was before a swap, and whom its host tells. */
  #watching:
    | { readonly base: NamedBase & { readonly isFormer: boolean }; readonly observer: TrialObserver }
    | undefined;
  /** Ways that have found memory at a time. */
  #mostWays = 0;
  #questions = new Questions();
  /** Before this process. */
  #readingsBefore = 0;
  /** Since its counts were saved. */
  #isJudged = false;
  #unsavedSeconds = 0;

  constructor({ journal, bases, host, orders = () => undefined }: RunningTrialOptions) {
    [this.#journal, this.#bases, this.#host, this.#orders] = [journal, bases, host, orders];
  }

  /** Undefined where nothing runs beside. */
  get trial(): Trial | undefined {
    return this.#trial;
  }

  /** Readings whose label would say which of both models is better. */
  get questions(): Questions {
    return this.#questions;
  }

  get readings(): number {
    const figures = [...this.#host.figures().values()];
    return this.#readingsBefore + Math.max(0, ...figures.map(({ readings }) => readings));
  }

  get seconds(): number {
    return this.#journal.entry.seconds + this.#unsavedSeconds;
  }

  /** Runs a base beside the one that answers, and goes on with the counts of the journal. */
  async begin({ sha256, name }: Pick<Pair, 'sha256' | 'name'>, carryings: readonly Carrying[]): Promise<void> {
    await this.end();
    const { entry } = this.#journal;
    const bytes = await this.#bases.read(sha256);
    const isFormer = entry.state === 'probation';
    this.#trial = new Trial(carryings, entry);
    this.#readingsBefore = entry.readings;
    [this.#isJudged, this.#unsavedSeconds] = [false, 0];
    this.#watching = { base: { bytes, name, isFormer }, observer: this.#observerOf(this.#trial, isFormer) };
    this.#mostWays = Math.max(1, await this.#watch(this.#trial.ways(carryings.length)));
  }

  #observerOf(trial: Trial, isFormer: boolean): TrialObserver {
    const questions = new Questions(() => {
      const order = this.#orders();
      return order?.kind === 'try' ? order.questionsPerDay : undefined;
    });
    this.#questions = questions;
    // In a probation the new pair answers, and the former one is watched.
    const inOrder = <T>({ answering, watched }: { readonly answering: T; readonly watched: T }) =>
      isFormer ? { old: watched, new: answering } : { old: answering, new: watched };
    return {
      pair: (carrying, pair) => {
        trial.pair(carrying, inOrder(pair));
        questions.pair(pair);
      },
      judge: (carrying, pair, label, confidence) => {
        trial.judge(carrying, { ...inOrder(pair), label }, confidence && inOrder(confidence));
        questions.answered(pair);
        this.#isJudged = true;
      },
    };
  }

  /** Watches these ways, or the first of them where there is memory for some only, and returns how many. */
  async #watch(carryings: readonly Carrying[]): Promise<number> {
    const [trial, { base, observer }] = [this.#trial!, this.#watching!];
    trial.begin(carryings);
    const running = await this.#host.watch(base, carryings, observer, (carrying, { reason, cause }) =>
      trial.end(carrying, reason, cause),
    );
    trial.wait(carryings.filter((each) => !running.includes(each)));
    return running.length;
  }

  /** Where not all ways can be watched at a time, lets others run when those have had their turn. */
  async takeTurns(): Promise<void> {
    const ways = this.#trial!.ways(this.#mostWays);
    if (ways.every((each) => this.#trial!.isWatched(each))) return;
    await this.save();
    this.#readingsBefore = this.#journal.entry.readings;
    this.#questions.withdraw();
    await this.#watch(ways);
  }

  /** So many seconds have passed. Returns whether the counts are to be saved. */
  elapse(seconds: number): boolean {
    this.#unsavedSeconds += seconds;
    return this.#isJudged || this.#unsavedSeconds >= SAVE_EVERY_SECONDS;
  }

  /** Saves what it has come to; rejects with `store`, and keeps that in memory. */
  async save(): Promise<void> {
    if (this.#trial === undefined) return;
    await this.#journal.write({ ...this.#trial.state, readings: this.readings, seconds: this.seconds });
    [this.#isJudged, this.#unsavedSeconds] = [false, 0];
  }

  async end(): Promise<void> {
    if (this.#trial === undefined) return;
    [this.#trial, this.#watching] = [undefined, undefined];
    this.#questions = new Questions();
    await this.#host.unwatch();
  }
}

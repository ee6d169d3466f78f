import type { ExecutorSource } from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models';
import type { Desk } from '../desk/desk.ts';
import type { KeptSession } from '../session/kept/kept-session.ts';
import type { Outcome } from '../session/outcome.ts';
import { NetPool, type NetPoolOptions } from '../session/pool/net-pool.ts';
import type { Lesson } from '../session/teaching.ts';
import type { WatchedModel } from './hosted-model.ts';
import { NetTasks } from './net-tasks.ts';
import { type Answers, isPaired, RememberedAnswers } from './remembered-answers.ts';

/** Readings that wait for the watched nets, of all together; more are left out. */
const MOST_WAITING = 1024;
/** Answering nets that are remembered until the watched net of the same name begins with their state. */
const MOST_STARTING = 1024;

/** What has become of the readings of one of two models. */
export interface ModelFigures {
  /** Answers that were classes, and that a label has named since. */
  readonly right: number;
  readonly wrong: number;
  /** Readings that were flagged. */
  readonly flagged: number;
  /** Of a reading, mean; NaN before the first. */
  readonly microseconds: number;
  /** Of all readings. */
  readonly spikes: number;
  /** Of a sample, mean: readings that only fill a window of features are none. 0 before the first. */
  readonly operations: number;
  /** The largest net, with what its coding and monitors keep. */
  readonly bytes: number;
}

/** Two models on the same readings, since the second is watched, or the first was replaced. */
export interface Comparison {
  /** Readings that both have taken. */
  readonly readings: number;
  /** Of these, those to which both said a class, and those to which it was the same. */
  readonly classes: number;
  readonly agreed: number;
  /**
   * Readings and lessons that the watched model did not get or finish, because it was too slow; at the end those that
   * wait.
   */
  readonly leftOut: number;
  /** Readings and lessons that it refused, and the reason for the last; null where there was none. */
  readonly refused: number;
  readonly problem: string | null;
  readonly answering: ModelFigures;
  readonly watched: ModelFigures;
}

/** Adds up the figures of a model. */
class Tally {
  right = 0;
  wrong = 0;
  flagged = 0;
  spikes = 0;
  #bytes = 0;
  #readings = 0;
  #samples = 0;
  #operations = 0;
  #microseconds = 0;
  readonly #measured = new WeakSet<KeptSession>();

  add({ verdict, latencyMicroseconds, spikes, synapticOperations, pending }: Outcome): void {
    if (verdict?.anomaly === true) this.flagged++;
    this.spikes += spikes;
    this.#operations += synapticOperations;
    if (pending === undefined) this.#samples++;
    this.#readings++;
    this.#microseconds += latencyMicroseconds;
  }

  /** Once for each net: to add it up takes longer than a reading. */
  measure(kept: KeptSession): void {
    if (this.#measured.has(kept)) return;
    this.#measured.add(kept);
    this.#bytes = Math.max(this.#bytes, kept.session.bytes);
  }

  judge(answer: string | undefined, label: string): void {
    if (answer === undefined) return;
    if (answer === label) this.right++;
    else this.wrong++;
  }

  get figures(): ModelFigures {
    const { right, wrong, flagged, spikes } = this;
    const operations = this.#samples === 0 ? 0 : this.#operations / this.#samples;
    const microseconds = this.#microseconds / this.#readings;
    return { right, wrong, flagged, spikes, operations, bytes: this.#bytes, microseconds };
  }
}

/** Where the watched nets run. */
export interface WatchedPlace {
  readonly source: ExecutorSource;
  /** Whether nobody else uses the source: it is closed with them, whatever they are busy with. */
  readonly isOwn: boolean;
}

/** Something to do with a net of the watched model; `isCounted`: whether it still belongs to the comparison. */
type Task = (kept: KeptSession, isCounted: () => boolean) => Promise<void>;

/** Whose state a watched net begins with. */
interface Starting {
  readonly answering: KeptSession;
  /** Whether it has been saved: what is told from then on, it does not know. */
  isSaved: boolean;
  /** Number of the last reading that the state knows with which the net has begun; undefined: it began anew. */
  known: number | undefined;
}

/** A model that is watched, and what has become of it. */
export interface Watched {
  readonly model: WatchedModel;
  readonly comparison: Comparison;
  /**
   * The state of a net of it, with all readings and lessons that came before; undefined where it has none. Rejects where
   * it cannot be saved.
   */
  stateOf(net: string): Promise<Uint8Array | undefined>;
  /**
   * Whether a net lacks lessons that came since it is watched: it was too slow, refused them, or they were about
   * readings before its first. To be asked after `stateOf`.
   */
  lacksLessons(net: string): boolean;
}

/**
 * A second model beside the one that answers: its nets get the same readings and lessons, in the same order, after it,
 * and nobody hears what they say. Where the second is too slow, readings are left out for it, and what it refuses is
 * counted: nothing of it reaches the first. Only where both share a place that does one window at a time, an answer may
 * wait for a window of the second. Commands are carried out by the first alone. What the second learns is kept
 * in memory only.
 */
export class SideBySide implements Watched {
  readonly model: WatchedModel;
  readonly #pool: NetPool;
  readonly #tasks: NetTasks;
  readonly #place: WatchedPlace;
  readonly #ends: readonly (() => void)[];
  #answering = new Tally();
  #watched = new Tally();
  #counts = { readings: 0, classes: 0, agreed: 0, leftOut: 0, refused: 0 };
  #problem: string | null = null;
  /** Of the comparison: what was asked before is not counted. */
  #generation = 0;
  #ended = false;
  readonly #answers = new RememberedAnswers();
  /** Watched nets that lack a lesson. */
  readonly #incomplete = new Set<string>();
  /** Watched nets that have yet to take a reading of their own. */
  readonly #starting = new Map<string, Starting>();

  /**
   * Opens the second model, when a net of it has been tried. Rejects with what is wrong with it, and with `usage` where
   * it takes other readings than the first.
   */
  static async open(model: WatchedModel, desk: Desk, place: WatchedPlace, options: NetPoolOptions) {
    let pool: NetPool | undefined;
    let opened: SideBySide | undefined;
    const startState = async (key: string) => (opened === undefined ? undefined : opened.#startState(key));
    try {
      pool = new NetPool(model.bytes, place.source, { ...options, startState });
      const [{ channels: needed }, { channels }] = [pool.shape, desk.pool.shape];
      if (needed !== channels) {
        const numbers = `${needed} ${needed === 1 ? 'number' : 'numbers'} a reading`;
        throw new SpikewireError('usage', 'model', `takes ${numbers}`, `${channels}, as the model that answers`);
      }
      await pool.tryOut();
      opened = new SideBySide(model, pool, place, desk);
      return opened;
    } catch (failure) {
      // The first failure is the one to report.
      await pool?.close().catch(() => {});
      if (place.isOwn) await place.source.close().catch(() => {});
      throw failure;
    }
  }

  private constructor(model: WatchedModel, pool: NetPool, place: WatchedPlace, desk: Desk) {
    this.model = model;
    this.#pool = pool;
    this.#tasks = new NetTasks(pool);
    this.#place = place;
    const take = (key: string, kept: KeptSession, outcome: Outcome) => this.#take(key, kept, outcome);
    this.#ends = [
      desk.observe(take),
      desk.observeGathering(take),
      desk.observeLessons((key, lesson, kept) => this.#learn(key, lesson, kept)),
      desk.pool.observeReplaced(() => this.#beginAnew()),
    ];
  }

  get comparison(): Comparison {
    const [answering, watched] = [this.#answering.figures, this.#watched.figures];
    return { ...this.#counts, problem: this.#problem, answering, watched };
  }

  #beginAnew(): void {
    this.#generation++;
    [this.#answering, this.#watched] = [new Tally(), new Tally()];
    this.#counts = { readings: 0, classes: 0, agreed: 0, leftOut: 0, refused: 0 };
    this.#problem = null;
    this.#answers.clear();
    this.#starting.clear(); // readings are counted anew
  }

  #take(key: string, answering: KeptSession, outcome: Outcome): void {
    this.#answering.measure(answering);
    this.#noteStarting(key, answering);
    this.#ask(key, undefined, async (kept, isCounted) => {
      if (outcome.sequence <= (this.#starting.get(key)?.known ?? 0)) return; // it began with a state that knows it
      this.#starting.delete(key);
      const own = await kept.feed({ time: outcome.time, values: outcome.reading });
      if (!isCounted()) return;
      this.#watched.measure(kept);
      this.#answering.add(outcome);
      this.#watched.add(own);
      this.#compare(key, outcome, own);
    });
  }

  #noteStarting(key: string, answering: KeptSession): void {
    if (this.model.startState === undefined || this.#pool.knows(key)) return;
    this.#starting.set(key, { answering, isSaved: false, known: undefined });
    if (this.#starting.size > MOST_STARTING) this.#starting.delete(this.#starting.keys().next().value!);
  }

  /** What a watched net begins with: the state of the answering one is saved when the watched one opens. */
  async #startState(key: string): Promise<Uint8Array | undefined> {
    const starting = this.#starting.get(key);
    const saved = starting && (await savedState(starting.answering).catch(() => undefined)); // it may be closed by now
    if (starting !== undefined) starting.isSaved = true;
    const state = await this.model.startState?.(key, saved?.state);
    if (starting !== undefined && state !== undefined) starting.known = saved?.readings;
    return state;
  }

  #compare(key: string, outcome: Outcome, own: Outcome): void {
    this.#counts.readings++;
    const { time, reading: values } = outcome;
    const confidence = outcome.confidence !== undefined &&
      own.confidence !== undefined && { confidence: { old: outcome.confidence, new: own.confidence } };
    const answers: Answers = {
      ...{ time, answering: classOf(outcome), watched: classOf(own), isJudged: false },
      ...confidence,
    };
    if (answers.answering === undefined && answers.watched === undefined) return;
    this.#answers.add(key, answers);
    if (!isPaired(answers)) return;
    this.#counts.classes++;
    if (answers.answering === answers.watched) this.#counts.agreed++;
    this.model.paired?.({ net: key, time, values, old: answers.answering, new: answers.watched });
  }

  /** A label says who was right, and then teaches the second, too. */
  #learn(key: string, lesson: Lesson, answering: KeptSession): void {
    this.#noteStarting(key, answering);
    const starting = this.#starting.get(key);
    const isBefore = starting !== undefined && !starting.isSaved;
    const miss = () => void this.#incomplete.add(key);
    this.#ask(key, miss, async (kept, isCounted) => {
      if (isBefore && starting.known !== undefined) return; // it began with a state that knows it
      if (lesson.kind === 'label' && isCounted()) this.#judge(key, lesson.label, lesson.time);
      const { outcome } = await kept.teach(lesson);
      if (outcome === 'forgotten') miss(); // what it was about came before this net
    });
  }

  #judge(key: string, label: string, time = Number.POSITIVE_INFINITY): void {
    const about = this.#answers.about(key, time);
    if (about === undefined || about.isJudged) return;
    about.isJudged = true;
    this.#answering.judge(about.answering, label);
    this.#watched.judge(about.watched, label);
    if (!isPaired(about)) return;
    const { answering, watched, confidence } = about;
    this.model.judged?.({
      ...{ net: key, time: about.time, old: answering, new: watched, label },
      ...(confidence && { confidence }),
    });
  }

  /** Does something with a net when all that came before for it is done, or calls `miss`. */
  #ask(key: string, miss: (() => void) | undefined, task: Task): void {
    if (this.#tasks.size >= MOST_WAITING) {
      miss?.();
      this.#counts.leftOut++;
      return;
    }
    const generation = this.#generation;
    const isCounted = () => generation === this.#generation;
    this.#tasks.add(key, {
      run: (kept) => task(kept, isCounted),
      fail: (problem) => {
        miss?.();
        if (isCounted()) this.#countUndone(problem);
      },
    });
  }

  #countUndone(problem: Error | undefined): void {
    if (problem === undefined || this.#ended) this.#counts.leftOut++;
    else {
      this.#counts.refused++;
      this.#problem = problem.message;
    }
  }

  stateOf(net: string): Promise<Uint8Array | undefined> {
    if (this.#ended || !this.#pool.knows(net)) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#tasks.add(net, {
        run: async ({ session }) => resolve(await session.save()),
        fail: (problem) => (problem === undefined ? resolve(undefined) : reject(problem)),
      });
    });
  }

  lacksLessons(net: string): boolean {
    return this.#incomplete.has(net);
  }

  /** Watches no longer: what waits is left out. */
  end(): void {
    this.#ended = true;
    for (const end of this.#ends) end();
    this.#tasks.end();
  }

  /** Ends, waits for what has begun unless the place is its own, and gives its nets up. */
  async close(): Promise<void> {
    this.end();
    if (this.#place.isOwn) await this.#place.source.close();
    await this.#tasks.done();
    await this.#pool.close();
  }
}

/** The state of a net, and the number of the last reading that it knows. */
async function savedState({ session }: KeptSession): Promise<{ state: Uint8Array; readings: number }> {
  let readings = 0;
  const state = await session.save(() => {
    readings = session.sequence;
    return '';
  });
  return { state, readings };
}

/** The class that an answer names, if it is one. */
function classOf({ result }: Outcome): string | undefined {
  return typeof result === 'string' ? result : undefined;
}

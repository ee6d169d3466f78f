import { type RandomGenerator, SpikewireError } from '@spikewire/models';
import { signalWithin } from '../../signal-within.ts';
import type { MachineOrder } from '../fleet/orders.ts';
import { jittered, type Pause, pauseFor } from '../pauses.ts';
import type { Carrying, Offer } from '../repository/offer.ts';
import { NEW_GATE, notWorseEvidence } from '../trial/gate.ts';
import { type CandidateFigures, NEW_TRIAL, type Trial, type TrialState } from '../trial/trial.ts';
import type { Bases } from './bases.ts';
import type { Asked, Journal, JournalEntry, Pair, UpdateState } from './journal.ts';
import {
  expectOrdered,
  isAbout,
  isToLook,
  isWanted,
  probationUnder,
  STOPPED,
  unofferedOf,
  waysUnder,
} from './ordered.ts';
import type { UpdatedHost, UpdateSource } from './ports.ts';
import type { Questions } from './questions.ts';
import { isDue, meantRefusal, type Refusal, refusalOf, withRefusal } from './refusals.ts';
import { RunningTrial } from './running-trial.ts';

export interface UpdateRules {
  /** Between two looks at the repository, in mean; each is up to a quarter earlier or later. Default 3600. */
  readonly lookEverySeconds?: number | undefined;
  /** Between two looks at the evidence. Default 5. */
  readonly decideEverySeconds?: number | undefined;
  /** Until a trial says that it takes long, and a probation ends that has seen few readings. Default 7 days. */
  readonly holdAfterSeconds?: number | undefined;
  /** Readings and seconds for which the former pair is watched after a swap. Default 1000, and a day. */
  readonly probationReadings?: number | undefined;
  readonly probationSeconds?: number | undefined;
}

export interface UpdaterOptions {
  readonly journal: Journal;
  readonly bases: Bases;
  readonly source: UpdateSource;
  readonly host: UpdatedHost;
  readonly rules?: UpdateRules;
  /**
   * What a controller wants now; call `obey` when that has changed. Undefined, or where it is absent: the device
   * decides by itself.
   */
  readonly orders?: (() => MachineOrder | undefined) | undefined;
  /** Bytes that all nets may take together: what did not fit is tried again where that has changed. */
  readonly memory?: number;
  /** Draws when to look. */
  readonly random: RandomGenerator;
  /** One line about something that a person should know. */
  readonly say?: (line: string) => void;
  readonly warn?: (line: string) => void;
  /** Told of each state when it is durable. */
  readonly entered?: (state: UpdateState) => void;
  /** Milliseconds since 1970, as far as the machine knows. */
  readonly now?: () => number;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
  /** Lets so many milliseconds pass, as `clock` counts them; settles at once, in either way, when the signal aborts. */
  readonly pause?: Pause;
}

/** Rules of which each is set. */
type SetRules = { readonly [Rule in keyof UpdateRules]-?: number };

const DEFAULT_RULES: SetRules = {
  lookEverySeconds: 3600,
  decideEverySeconds: 5,
  holdAfterSeconds: 7 * 86_400,
  probationReadings: 1000,
  probationSeconds: 86_400,
};
/** A device that fails looks again after this at first, and then twice as long each time. */
const FIRST_RETRY_SECONDS = 30;
const HEALTHY_AFTER_SECONDS = 600;
/** Of a timer of Node. */
/** A worn medium often answers at another time. */
const MOST_READS = 3;
/** A repository that does not answer within this is tried again later. */
const LONGEST_LOOK_SECONDS = 300;

/**
 * Keeps the base of a device up to date: looks, downloads, verifies, tries a new base beside the present one, installs
 * it where labels or a person say so, watches it, and goes back where it is worse. Each state is in the journal before
 * it begins, so after any crash `run` goes on where it was. What fails is said in one line and tried again; the pair
 * that answers goes on meanwhile.
 */
export class Updater {
  readonly #options: UpdaterOptions;
  readonly #rules: SetRules;
  readonly #closing = new AbortController();
  /** Wakes whoever waits for time to pass. */
  #wake = new AbortController();
  readonly #beside: RunningTrial;
  #isAsked: boolean;
  /** Whether to go back, as ordered, was tried since the order came or the repository was looked at. */
  #hasTriedToLeave = false;
  /** Ends a download. */
  #fetching = new AbortController();
  #offer: Offer | undefined;
  /** Why what is on trial waits for a person, though labels would let it go. */
  #objections = '';
  #failures = 0;
  #problem: string | undefined;
  /** SHA-256 of the base that was ordered, where the last look at the repository did not find it. */
  #unoffered: string | undefined;
  /** Who waits for the next state. */
  readonly #waiting = new Set<() => void>();
  #progress: { readonly done: number; readonly of: number } | undefined;
  #running: Promise<void> | undefined;

  constructor(options: UpdaterOptions) {
    this.#options = options;
    this.#beside = new RunningTrial(options);
    const set = Object.entries(options.rules ?? {}).filter(([, value]) => value !== undefined);
    this.#rules = { ...DEFAULT_RULES, ...Object.fromEntries(set) };
    this.#isAsked = options.orders !== undefined; // an order is obeyed at once
  }

  /** Goes on from where the journal says, until it is closed. */
  begin(): void {
    this.#running ??= this.#run();
  }

  /** The same until something is so, or the signal is aborted. */
  async runUntil(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => void this.stop().catch(() => {}), { once: true });
    if (signal.aborted) return;
    this.lookNow();
    await this.#run(isSo);
  }

  /** Ends what runs beside, and saves what a trial has come to. The journal stays open. */
  async stop(): Promise<void> {
    this.#closing.abort();
    this.#wake.abort();
    await this.#running;
    await this.#beside.save().catch(() => {}); // the counts of some minutes; what they are about is watched anew
    await this.#endTrial();
  }

  get entry(): JournalEntry {
    return this.#options.journal.entry;
  }

  /** What runs beside; undefined where nothing does. */
  get trial(): Trial | undefined {
    return this.#beside.trial;
  }

  /** Of what runs beside. */
  get figures(): ReadonlyMap<Carrying, CandidateFigures> {
    return this.#options.host.figures();
  }

  /** Readings whose label would say which of both models is better. */
  get questions(): Questions {
    return this.#beside.questions;
  }

  /** Why the last step failed, while it is tried again. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** SHA-256 of the base that is ordered, where the repository does not offer it. */
  get unoffered(): string | null {
    const { order } = this;
    return order !== undefined && this.#unoffered !== undefined && isAbout(order, this.#unoffered)
      ? this.#unoffered
      : null;
  }

  /** Of a download. */
  get progress(): { readonly done: number; readonly of: number } | undefined {
    return this.#progress;
  }

  /** Whether a trial has run for so long that it waits for a person. */
  get isHeld(): boolean {
    return this.entry.state === 'shadow' && this.entry.seconds >= this.#rules.holdAfterSeconds;
  }

  /** What a controller wants; undefined: the device decides by itself. */
  get order(): MachineOrder | undefined {
    return this.#options.orders?.();
  }

  /** The controller wants something else than before. */
  obey(): void {
    const { candidate } = this.entry;
    if (candidate !== null && !isWanted(this.order, this.entry, candidate.sha256)) this.#fetching.abort();
    this.#hasTriedToLeave = false;
    this.lookNow();
  }

  /** Looks at the repository now instead of later. */
  lookNow(): void {
    this.#isAsked = true;
    this.#wake.abort();
  }

  /**
   * Installs what is on trial without more evidence. Resolves when that is durable, so that it holds after any crash;
   * rejects with `usage` where nothing is on trial or a controller decides, and with `store` where it cannot be noted.
   */
  approve(carrying: Carrying | null = null): Promise<void> {
    return this.#ask(({ state, candidate }) => {
      if (this.order !== undefined) throw notNow('approve', 'the controller of this device decides what is installed');
      if (state !== 'shadow') throw notNow('approve', 'no model is on trial');
      const { sha256, name, carrying: allowed } = candidate!;
      if (carrying === null || allowed.includes(carrying)) return { kind: 'approve', sha256, carrying };
      throw new SpikewireError('usage', 'update', `${name} does not allow ${carrying}`, allowed.join(' or '));
    });
  }

  /**
   * Lifts a refusal: the model is tried again where the repository offers it, and with new evidence. `model`: its name,
   * or how the SHA-256 of its file begins; absent: the one refused last. Rejects with `usage` where none is meant, and
   * with `store` where that cannot be noted.
   */
  async retry(model?: string): Promise<void> {
    const refusal = meantRefusal(this.entry.refused, model);
    if (refusal === undefined) {
      const expected = this.entry.refused.map(({ name, sha256 }) => `${name} (${sha256.slice(0, 8)})`).join(' or ');
      const about = model === undefined ? 'no model was refused' : `no model ${JSON.stringify(model)} was refused`;
      throw new SpikewireError('usage', 'update retry', about, expected === '' ? undefined : expected);
    }
    await this.#options.journal.change(({ refused }) => ({
      refused: refused.filter(({ sha256 }) => sha256 !== refusal.sha256),
    }));
    this.lookNow();
  }

  /** Goes back to the former pair. Resolves and rejects as `approve`; with `usage` where there is none. */
  rollback(): Promise<void> {
    return this.#ask(({ state, former, current }) => {
      if (former === null || !MAY_GO_BACK.includes(state))
        throw notNow('rollback', 'there is no former model to go back to now');
      return { kind: 'rollback', sha256: current!.sha256 };
    });
  }

  /** Nothing new is tried until `on` is false; a probation goes on. Rejects with `store` where that cannot be noted. */
  async pin(on: boolean): Promise<void> {
    await this.#options.journal.write({ pinned: on });
    this.#isAsked ||= !on && this.order !== undefined;
    this.#wake.abort();
  }

  async #ask(make: (entry: JournalEntry) => Asked): Promise<void> {
    await this.#options.journal.change((entry) => ({ asked: make(entry) }));
    this.#wake.abort();
  }

  async #run(isDone = () => false): Promise<void> {
    void this.#noteHealth();
    while (!this.#closing.signal.aborted && !isDone()) {
      try {
        await this.#step();
        this.#failures = 0;
        this.#problem = undefined;
      } catch (failure) {
        await this.#fail(failure);
      }
      // What is watched is handed over at a swap, and ends in any other case.
      const isKept = this.#closing.signal.aborted || SWAPS.includes(this.entry.state);
      if (!isKept) await this.#endTrial().catch((failure) => this.#fail(failure));
    }
  }

  /** A process that has run for ten minutes is no part of a crash loop. */
  async #noteHealth(): Promise<void> {
    try {
      await this.#pause(HEALTHY_AFTER_SECONDS, this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      if (this.entry.starts > 0) await this.#options.journal.write({ starts: 0 });
    } catch {
      // closed, or the medium fails: the next start counts one more
    }
  }

  /** One state. Resolves when it has ended; rejects where it is to be tried again. */
  #step(): Promise<void> {
    const steps: Record<UpdateState, () => Promise<void>> = {
      idle: () => this.#idle(),
      check: () => this.#check(),
      download: () => this.#download(),
      verify: () => this.#verify(),
      shadow: () => this.#shadow(),
      install: () => this.#install(),
      probation: () => this.#probation(),
      commit: () => this.#commit(),
      rollback: () => this.#rollback(),
    };
    return steps[this.entry.state]();
  }

  async #fail(failure: unknown): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#note(failure, this.entry.current === null ? NOTHING_RUNS : GOES_ON[this.entry.state]);
    const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** this.#failures, this.#rules.lookEverySeconds);
    this.#failures = Math.min(this.#failures + 1, 30);
    // Whoever asked while it failed does not wait.
    if (this.#isAsked) this.#isAsked = false;
    else await this.#wait(this.#jittered(seconds));
  }

  /** Says once what has failed, and what goes on all the same. */
  #note(failure: unknown, goesOn: string): void {
    const { message } = failure as Error;
    if (message !== this.#problem) this.#options.warn?.(`update: ${message}; ${goesOn}`);
    this.#problem = message;
  }

  async #enter(state: UpdateState, change: Partial<JournalEntry> = {}): Promise<void> {
    await this.#options.journal.change((entry) => {
      const next = { ...entry, ...change, state };
      return isOpen(next) ? next : { ...next, asked: null };
    });
    this.#options.entered?.(state);
    for (const stop of this.#waiting) stop();
  }

  /** Resolves when the next state is durable, or after so many milliseconds. */
  async nextState(milliseconds: number): Promise<void> {
    const late = new AbortController();
    const stop = () => late.abort();
    this.#waiting.add(stop);
    await this.#pause(milliseconds / 1000, late.signal);
    this.#waiting.delete(stop);
  }

  #jittered(seconds: number): number {
    return jittered(seconds, this.#options.random);
  }

  /** Lets time pass, or less where somebody asks for something. */
  async #wait(seconds: number): Promise<void> {
    if (this.#wake.signal.aborted && !this.#closing.signal.aborted) this.#wake = new AbortController();
    const { signal } = this.#wake;
    await this.#pause(seconds, signal);
  }

  #pause(seconds: number, signal: AbortSignal): Promise<void> {
    return pauseFor(seconds, signal, this.#options.pause);
  }

  async #idle(): Promise<void> {
    if (this.#asked === 'rollback') return this.#enter('rollback', { reason: 'a person asked to go back' });
    if (this.#isToGoBack) {
      this.#hasTriedToLeave = true;
      return this.#enter('rollback', { reason: STOPPED });
    }
    if (this.#isAsked && this.#isToLook) return this.#enter('check');
    this.#isAsked = false;
    await this.#wait(this.#jittered(this.#rules.lookEverySeconds));
    if (this.#wake.signal.aborted) return;
    this.#hasTriedToLeave = false;
    if (this.#isToLook) await this.#enter('check');
  }

  get #isToLook(): boolean {
    return !this.entry.pinned && isToLook(this.order, this.entry);
  }

  /** Whether a controller wants the former base to return, and that was not tried in vain. */
  get #isToGoBack(): boolean {
    const { current, former, pinned } = this.entry;
    if (pinned || current === null || former === null || this.#hasTriedToLeave) return false;
    return this.order?.kind === 'leave' && isAbout(this.order, current.sha256);
  }

  /** Ends what is fetched or tried where a controller wants that no more; returns whether it does. */
  async #dropUnwanted(): Promise<boolean> {
    const { candidate, pinned } = this.entry;
    const { order } = this;
    if (order === undefined || candidate === null) return false;
    if (!pinned && isWanted(order, this.entry, candidate.sha256)) return false;
    this.#offer = undefined;
    if (order.kind === 'leave' && isAbout(order, candidate.sha256)) await this.#refuse(STOPPED, 'controller');
    else {
      await this.#enter('idle', { candidate: null, chosen: null, ...NOTHING_SEEN });
      await this.#removeUnneeded();
    }
    return true;
  }

  /** What a person has asked for. */
  get #asked(): Asked['kind'] | undefined {
    return this.entry.asked?.kind;
  }

  async #check(): Promise<void> {
    this.#isAsked = false;
    if (await this.#dropUnwanted()) return;
    const offer = isToLook(this.order, this.entry) ? await this.#look() : undefined;
    if (offer === undefined && this.entry.current === null && isToLook(this.order, this.entry))
      throw new SpikewireError(
        'link',
        'repository',
        'has no model for this device',
        'one of its name, channel and group',
      );
    if (offer === undefined) return this.#enter('idle', { candidate: null });
    this.#offer = offer;
    const { target, carrying } = offer;
    const candidate = { sha256: target.sha256, length: target.length, name: target.name, carrying };
    await this.#enter('download', { candidate, ...NOTHING_SEEN });
  }

  get #lookSignal(): AbortSignal {
    return signalWithin(1000 * LONGEST_LOOK_SECONDS, this.#closing.signal);
  }

  /** What is offered, where that is new here. */
  async #look(): Promise<Offer | undefined> {
    const offer = await this.#options.source.look(this.#lookSignal);
    const { current, refused } = this.entry;
    if (!isToLook(this.order, this.entry)) return undefined; // the order has changed
    this.#unoffered = unofferedOf(this.order, offer);
    expectOrdered(this.order, offer);
    if (offer === undefined || offer.target.sha256 === current?.sha256) return undefined;
    const refusal = refusalOf(refused, offer.target.sha256);
    return refusal === undefined || isDue(refusal, this.#circumstances) ? offer : undefined;
  }

  get #circumstances() {
    const { memory = 0, now = Date.now } = this.#options;
    const isOrdered = this.order !== undefined;
    return { memory, base: this.entry.current?.digest ?? null, now: now(), isOrdered };
  }

  async #download(): Promise<void> {
    if (await this.#dropUnwanted()) return;
    // After a restart only the repository knows what is signed, and it may have changed.
    const offer = this.#offer ?? (await this.#look());
    if (offer === undefined || offer.target.sha256 !== this.entry.candidate?.sha256) return this.#enter('check');
    this.#offer = offer;
    this.#fetching = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, this.#fetching.signal]);
    try {
      await this.#options.source.fetch(offer, (done, of) => (this.#progress = { done, of }), signal);
    } catch (failure) {
      this.#offer = undefined; // it is looked for again: it may have gone
      if (await this.#dropUnwanted()) return;
      throw failure;
    } finally {
      this.#progress = undefined;
    }
    await this.#enter('verify');
  }

  async #verify(): Promise<void> {
    if (await this.#dropUnwanted()) return;
    const { candidate, current } = this.entry;
    const bytes = await this.#readCandidate();
    let described: ReturnType<UpdatedHost['describe']>;
    try {
      described = this.#options.host.describe(bytes);
    } catch (failure) {
      return this.#refuse((failure as Error).message, causeOf(failure));
    }
    if (current === null) return this.#enter('install', { chosen: 'reset' });
    if (described.digest === current.digest) return this.#refuse('it is the model that runs, in another file', 'base');
    const possible = candidate!.carrying.filter((each) => described.possible.includes(each));
    if (possible.length === 0) return this.#refuse(`it allows no way to go on from ${current.name}`, 'base');
    const { ways = {} } = refusalOf(this.entry.refused, candidate!.sha256) ?? {};
    const open = possible.filter((each) => ways[each] !== undefined);
    const carrying = open.length > 0 ? open : possible;
    const gates = carrying.map((each) => [each, { ...NEW_GATE, notWorseBefore: ways[each] ?? 1 }] as const);
    await this.#enter('shadow', {
      ...{ candidate: { ...candidate!, carrying }, gates: Object.fromEntries(gates), begun: this.#time },
    });
  }

  /** Notes that the candidate is not to be tried again for now, and says why. */
  async #refuse(reason: string, cause: Refusal['cause'], state: TrialState = NEW_TRIAL): Promise<void> {
    const { candidate, refused } = this.entry;
    const { sha256, name } = candidate!;
    const refusal = this.#refusalOf({ sha256, name }, reason, cause, cause === 'machine' ? openWays(state) : {});
    await this.#enter('idle', {
      ...{ candidate: null, chosen: null, ...NOTHING_SEEN },
      refused: withRefusal(refused, refusal),
    });
    this.#options.warn?.(`update: ${name} is not installed, and ${AGAIN[cause]}: ${reason}`);
    await this.#removeUnneeded();
  }

  #refusalOf(
    { sha256, name }: Pick<Pair, 'sha256' | 'name'>,
    reason: string,
    cause: Refusal['cause'],
    ways: Refusal['ways'] = {},
  ): Omit<Refusal, 'tries'> {
    const { memory, base } = this.#circumstances;
    return { ...{ sha256, name, reason, cause, memory, base, ways }, time: this.#time };
  }

  get #time(): string {
    return new Date((this.#options.now ?? Date.now)()).toISOString();
  }

  async #shadow(): Promise<void> {
    if (await this.#isSentOn()) return;
    const { candidate } = this.entry;
    const ways = waysUnder(this.order, candidate!.carrying);
    await this.#beginTrial(candidate!, ways);
    for (let sinceLook = 0; ; ) {
      sinceLook += await this.#letRun();
      if (this.#closing.signal.aborted) return;
      const decision = this.trial!.decide(this.#options.host.figures());
      if (this.#isApproved) {
        const { carrying } = this.entry.asked as Extract<Asked, { kind: 'approve' }>;
        return this.#enter('install', { chosen: carrying ?? this.trial!.best ?? candidate!.carrying[0]! });
      }
      if (decision.kind === 'abort') return this.#refuse(decision.reason, decision.cause, this.trial!.state);
      if (await this.#isSentOn()) return;
      if (`${waysUnder(this.order, candidate!.carrying)}` !== `${ways}`) return this.#beside.save(); // it begins anew
      const isOrdered = this.order !== undefined;
      this.#noteObjections(decision.kind === 'hold' && !isOrdered ? decision.reasons : []);
      await this.#beside.takeTurns();
      if (decision.kind === 'go' && !isOrdered) return this.#enter('install', { chosen: decision.carrying });
      if (sinceLook < this.#rules.lookEverySeconds && !this.#isAsked) continue;
      [sinceLook, this.#isAsked] = [0, false];
      if (await this.#isWithdrawn()) return this.#enter('check', { candidate: null, ...NOTHING_SEEN });
    }
  }

  /** Leaves a trial where a person or a controller wants that, whatever labels say; returns whether it does. */
  async #isSentOn(): Promise<boolean> {
    const { candidate, pinned } = this.entry;
    if (this.#asked === 'rollback') {
      await this.#endTrial(); // what runs beside is not what to go back to
      await this.#enter('rollback', { reason: 'a person asked to go back', candidate: null, ...NOTHING_SEEN });
      return true;
    }
    if (pinned) {
      await this.#enter('idle', { candidate: null, ...NOTHING_SEEN });
      return true;
    }
    if (await this.#dropUnwanted()) return true;
    if (this.order?.kind !== 'install') return false;
    await this.#enter('install', { chosen: waysUnder(this.order, candidate!.carrying)[0]! });
    return true;
  }

  /** By a person, where no controller decides and nobody has forbidden updates since. */
  get #isApproved(): boolean {
    return this.#asked === 'approve' && this.order === undefined && !this.entry.pinned;
  }

  /** Whether the repository offers something else than what is on trial. */
  async #isWithdrawn(): Promise<boolean> {
    try {
      const offer = await this.#options.source.look(this.#lookSignal);
      return offer?.target.sha256 !== this.entry.candidate?.sha256;
    } catch {
      return false; // without a network a trial goes on
    }
  }

  /** Why what is on trial waits for a person, though labels would let it go; '' where it does not. */
  get objections(): string {
    return this.#objections;
  }

  #noteObjections(reasons: readonly string[]): void {
    const objections = reasons.join('; ');
    if (this.#objections === '' && objections !== '')
      this.#options.say?.(`update: ${this.entry.candidate!.name} is not worse, but waits for approval: ${objections}`);
    this.#objections = objections;
  }

  /**
   * Lets the trial run for a while, and saves what it has come to; where the medium fails it goes on with what it has
   * in memory. Returns how long, in seconds.
   */
  async #letRun(): Promise<number> {
    const { clock = () => performance.now() } = this.#options;
    const start = clock();
    await this.#wait(this.#rules.decideEverySeconds);
    const seconds = (clock() - start) / 1000;
    if (this.#beside.elapse(seconds)) await this.#saveCounts();
    return seconds;
  }

  async #saveCounts(): Promise<void> {
    try {
      await this.#beside.save();
      this.#problem = undefined;
    } catch (failure) {
      this.#note(failure, 'what is compared is kept in memory');
    }
  }

  /** Of the trial or the probation, over restarts. */
  get readings(): number {
    return this.#beside.readings;
  }

  async #beginTrial(base: Pick<Pair, 'sha256' | 'name'>, carryings: readonly Carrying[]): Promise<void> {
    this.#objections = '';
    await this.#beside.begin(base, carryings);
  }

  async #endTrial(): Promise<void> {
    this.#objections = '';
    await this.#beside.end();
  }

  async #install(): Promise<void> {
    if (await this.#dropUnwanted()) return;
    if (this.order?.kind === 'try') return this.#enter('shadow', { chosen: null });
    const { candidate, current, chosen } = this.entry;
    const { sha256, name } = candidate!;
    const bytes = await this.#readCandidate();
    const { digest } = this.#options.host.describe(bytes);
    const next: Pair = { sha256, digest, name, carrying: current === null ? null : chosen, since: this.#time };
    const commit = () =>
      this.#enter(current === null ? 'commit' : 'probation', {
        ...{ current: next, former: current, candidate: null, chosen: null, starts: 0 },
        ...{ ...NOTHING_SEEN, begun: next.since },
        refused: this.entry.refused.filter((refusal) => refusal.sha256 !== sha256),
      });
    try {
      await this.#options.host.replace({ bytes, name }, chosen, commit);
    } catch (failure) {
      if (isPassing(failure)) throw failure;
      return this.#refuse((failure as Error).message, causeOf(failure));
    }
    const transferred = current === null ? '' : `; what was learned was transferred by "${chosen}"`;
    this.#options.say?.(`update: ${name} answers now${transferred}`);
  }

  /** A candidate that is damaged on the medium is fetched again. */
  #readCandidate(): Promise<Uint8Array> {
    return this.#options.bases.read(this.entry.candidate!.sha256).catch(async (failure) => {
      await this.#enter('check', NOTHING_SEEN);
      throw failure;
    });
  }

  async #probation(): Promise<void> {
    if (await this.#isOrderedToEnd()) return;
    if (await this.#isFormerLost()) return this.#enter('commit');
    await this.#beginTrial(this.entry.former!, ['carry']);
    const unwatched = this.trial!.endOf('carry');
    if (unwatched !== undefined) {
      this.#options.warn?.(
        `update: ${this.entry.former!.name} cannot run beside the new model: ${unwatched}; there is no probation`,
      );
      return this.#enter('commit');
    }
    for (;;) {
      await this.#letRun();
      if (this.#closing.signal.aborted) return;
      if (this.#asked === 'rollback') return this.#enter('rollback', { reason: 'a person asked to go back' });
      const decision = this.trial!.decide(new Map());
      if (decision.kind === 'abort') return this.#enter('rollback', { reason: decision.reason });
      if (await this.#isOrderedToEnd()) return;
      if (probationUnder(this.order, this.entry.current!.sha256) === 'watch') continue;
      const { seconds } = this.#beside;
      // Where no reading comes, or the former model takes none, it does not last for ever.
      const isSeen = this.readings >= this.#rules.probationReadings || seconds >= this.#rules.holdAfterSeconds;
      if (isSeen && seconds >= this.#rules.probationSeconds) return this.#enter('commit');
    }
  }

  /** Ends a probation where a controller wants that; returns whether it does. */
  async #isOrderedToEnd(): Promise<boolean> {
    const { current, pinned } = this.entry;
    const end = probationUnder(this.order, current!.sha256);
    if (end === 'commit') await this.#enter('commit');
    else if (end === 'leave' && !pinned) await this.#enter('rollback', { reason: STOPPED });
    else return false;
    return true;
  }

  /** Whether the file of the former base is gone, and with it the way back. A medium may give it back another time. */
  async #isFormerLost(): Promise<boolean> {
    const { sha256, name } = this.entry.former!;
    try {
      await this.#options.bases.read(sha256);
      return false;
    } catch (failure) {
      if (this.#failures < MOST_READS - 1) throw failure;
      this.#options.warn?.(
        `update: ${name} is lost, so the device cannot go back to it: ${(failure as Error).message}`,
      );
      return true;
    }
  }

  async #commit(): Promise<void> {
    await this.#removeUnneeded();
    await this.#enter('idle', NOTHING_SEEN);
    this.#options.say?.(`update: ${this.entry.current!.name} remains the model of this device`);
  }

  async #rollback(): Promise<void> {
    const { current, former, refused, reason } = this.entry;
    const { sha256, name } = current!;
    const cause = reason === STOPPED ? 'controller' : 'model';
    const commit = () =>
      this.#enter('idle', {
        ...{ current: former, former: null, candidate: null, reason: null, starts: 0, ...NOTHING_SEEN },
        refused: withRefusal(refused, this.#refusalOf({ sha256, name }, reason ?? 'it was left', cause)),
      });
    if (await this.#isFormerLost()) return this.#enter('commit', { reason: null });
    const bytes = await this.#options.bases.read(former!.sha256);
    try {
      await this.#options.host.replace({ bytes, name: former!.name }, null, commit);
    } catch (failure) {
      if (isPassing(failure)) throw failure;
      this.#options.warn?.(`update: cannot go back to ${former!.name}: ${(failure as Error).message}; ${name} stays`);
      return this.#enter('commit', { reason: null });
    }
    this.#options.warn?.(`update: went back from ${name} to ${former!.name}: ${reason}`);
    await this.#removeUnneeded();
  }

  async #removeUnneeded(): Promise<void> {
    const { current, former, candidate } = this.entry;
    const needed = [current, former, candidate].flatMap((each) => each?.sha256 ?? []);
    await this.#options.bases.removeAllBut(needed);
  }
}

/** What is counted of a trial or a probation, before its first reading. */
const NOTHING_SEEN = { ...NEW_TRIAL, begun: null, readings: 0, seconds: 0 } as const;

/** What becomes of a refused model. */
const AGAIN: Record<Refusal['cause'], string> = {
  model: 'not tried again',
  machine: 'tried again later',
  base: 'not tried again from this model',
  controller: 'not tried again unless the controller orders it',
};

/** Of a model that cannot run: memory may be there another time. */
function causeOf(failure: unknown): Refusal['cause'] {
  return failure instanceof SpikewireError && failure.code === 'budget' ? 'machine' : 'model';
}

/** Ways that only this machine has ended, and what the bet for each has left. */
function openWays({ ends, gates }: TrialState): Refusal['ways'] {
  const open = Object.entries(ends).filter(([, end]) => end.cause === 'machine') as [Carrying, unknown][];
  return Object.fromEntries(open.map(([way]) => [way, Math.min(1, notWorseEvidence(gates[way] ?? NEW_GATE))]));
}

/** Whether what was asked is about this model, and still to be done. */
function isOpen({ asked, state, candidate, current, former }: JournalEntry): boolean {
  if (asked?.kind === 'approve') return state === 'shadow' && candidate?.sha256 === asked.sha256;
  return asked !== null && state !== 'rollback' && former !== null && current?.sha256 === asked.sha256;
}

/** States from which a person may go back. */
const MAY_GO_BACK: readonly UpdateState[] = ['idle', 'shadow', 'probation'];

/** States in which what is watched is handed over. */
const SWAPS: readonly UpdateState[] = ['install', 'rollback'];

/** Whether something may go well at another time: not what is wrong with a model. */
function isPassing(failure: unknown): boolean {
  return !(failure instanceof SpikewireError) || failure.code === 'store' || failure.code === 'link';
}

/** A device without a model has nothing else to do than to wait for one. */
const NOTHING_RUNS = 'no model runs yet, and the repository is tried again later';

/** What a failed step leaves as it is. */
const GOES_ON: Record<UpdateState, string> = {
  idle: 'the present model continues',
  check: 'the present model continues, and the repository is tried again later',
  download: 'the present model continues, and the download is resumed later',
  verify: 'the present model continues',
  shadow: 'the present model continues, and the trial is tried again later',
  install: 'the present model continues, and the installation is tried again later',
  probation: 'the new model continues, and the former one is watched again later',
  commit: 'the new model continues',
  rollback: 'the new model continues, and the way back is tried again later',
};

function notNow(action: string, problem: string): SpikewireError {
  return new SpikewireError('usage', `update ${action}`, problem, undefined);
}

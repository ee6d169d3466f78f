import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutorSource } from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models';
import { executorSourceOf } from '../../executor/address.ts';
import type { Host, PairedAnswers, Watched, WatchedModel } from '../../host/index.ts';
import { activityOnCard } from '../../inspect/inference-cost.ts';
import { type NetModel, readNetModel } from '../../session/net-model.ts';
import { carriedState } from '../carrying/carried-state.ts';
import { type CarryingProblem, EXPLANATIONS, possibleCarryings } from '../carrying/possible-carryings.ts';
import { setMonitors } from '../carrying/set-monitors.ts';
import type { Carrying } from '../repository/offer.ts';
import type { CandidateFigures, WayEnd } from '../trial/trial.ts';
import type { NamedBase, TrialObserver, UpdatedHost } from '../update/ports.ts';

const LONGEST_HANDOVER_MS = 5000;

/** How what was learned comes to the base that answers. */
export interface Transition {
  readonly former: NetModel;
  readonly next: NetModel;
  /** Null: nets go back to their own states. */
  readonly carrying: Carrying | null;
}

export interface HostedUpdateOptions {
  /** Bytes that all nets may take together. */
  readonly memory: number;
  readonly warn?: (line: string) => void;
  /** Threads that teach lessons again: 0 for the main thread. Default 1, which ends when all lessons are taught. */
  readonly threads?: number | undefined;
  /** Opens where they are taught. Default: an engine of this machine in so many threads. */
  readonly openSource?: () => Promise<ExecutorSource>;
}

/** Carries over what nets have learned, each when it first runs on another base. */
export class CarriedNets {
  readonly #warn: (line: string) => void;
  readonly #openSource: () => Promise<ExecutorSource>;
  /** Open as long as it has users: a thread takes 16 MB. */
  #source: Promise<ExecutorSource> | undefined;
  #users = 0;
  #transition: Transition | undefined;
  /** Nets that ran beside with the carrying of the transition: what they are now goes on. */
  #beside: Watched | undefined;

  constructor({ memory, warn = () => {}, threads = 1, openSource }: HostedUpdateOptions) {
    this.#openSource = openSource ?? (() => executorSourceOf('auto', { memory, threads: Math.min(1, threads) }));
    this.#warn = warn;
  }

  /** From now on nets come over so. */
  begin(transition: Transition | undefined, beside?: Watched): void {
    [this.#transition, this.#beside] = [transition, beside];
  }

  /** What ran beside is no more. */
  endBeside(): void {
    this.#beside = undefined;
  }

  /** For `onNewModel`. */
  readonly carryOver = async (
    net: string,
    { digest, state }: { readonly digest: string; readonly state: Uint8Array },
  ) => {
    const beside = this.#beside;
    const own = await this.#besideStateOf(net);
    const { former, next, carrying } = this.#transition ?? { carrying: null };
    const hasCarried = carrying === 'carry' || carrying === 'rebase';
    if (own !== undefined && !(hasCarried && beside!.lacksLessons(net))) return own;
    if (carrying === null) return own;
    // Of a model that was left before; the store asks next for what the former one has left.
    if (former?.digest !== digest) return undefined;
    return (await this.carry(carrying, former, state, next!, net)) ?? own; // the former state has all lessons
  };

  /** Not where that takes long: the answers of the net wait for it. It is made from the former state then. */
  async #besideStateOf(net: string): Promise<Uint8Array | undefined> {
    if (this.#beside === undefined) return undefined;
    const late = new AbortController();
    const gaveUp = pause(LONGEST_HANDOVER_MS, undefined, { signal: late.signal }).catch(() => undefined);
    try {
      return await Promise.race([this.#beside.stateOf(net).catch(() => undefined), gaveUp]);
    } finally {
      late.abort();
    }
  }

  async carry(carrying: Carrying, former: NetModel, state: Uint8Array, next: NetModel, net: string) {
    if (carrying === 'reset' && setMonitors(former, state) === undefined) return undefined;
    const onProblem = (problem: CarryingProblem) =>
      this.#warn(
        `update: ${net === '' ? '' : `net "${net}": `}cannot ${carrying} what was learned: ${EXPLANATIONS[problem]}`,
      );
    return this.#withSource((source) => carriedState(carrying, former, state, next, source, { name: net, onProblem }));
  }

  async #withSource<T>(use: (source: ExecutorSource) => Promise<T>): Promise<T> {
    this.#source ??= this.#openSource();
    const source = this.#source;
    this.#users++;
    try {
      return await use(await source);
    } finally {
      if (--this.#users === 0) {
        this.#source = undefined;
        await (await source.catch(() => undefined))?.close();
      }
    }
  }
}

/** What an update needs of a host. Whoever gives it readings may do more when its model is replaced. */
export type UpdatableHost = Pick<Host, 'pool' | 'watch' | 'replaceModel'>;

/** A host whose base is updated. */
export class HostedUpdate implements UpdatedHost {
  readonly #host: UpdatableHost;
  readonly #nets: CarriedNets;
  readonly #options: HostedUpdateOptions;
  #current: NetModel;
  readonly #watched = new Map<Carrying, Watched>();
  /** Of the model that is watched. */
  #operationsOnCard: number | undefined;

  constructor(host: UpdatableHost, base: Uint8Array, nets: CarriedNets, options: HostedUpdateOptions) {
    this.#host = host;
    this.#nets = nets;
    this.#options = options;
    this.#current = readNetModel(base, options.memory, true);
  }

  describe(bytes: Uint8Array) {
    const next = readNetModel(bytes, this.#options.memory, true);
    return { digest: next.digest, possible: possibleCarryings(this.#current, next) };
  }

  async watch(
    { bytes, name, isFormer }: NamedBase & { readonly isFormer: boolean },
    carryings: readonly Carrying[],
    observer: TrialObserver,
    refuse: (carrying: Carrying, end: WayEnd) => void,
  ): Promise<readonly Carrying[]> {
    const next = readNetModel(bytes, this.#options.memory, true);
    this.#operationsOnCard = activityOnCard(next.model)?.synapticOpsPerSample;
    const models = carryings.map((carrying) => this.#watchedModel(carrying, next, name, isFormer, observer));
    this.#watched.clear();
    const running = await this.#watchMost(models, (k, end) => refuse(carryings[k]!, end));
    for (const [k, watched] of running.entries()) this.#watched.set(carryings[k]!, watched);
    return carryings.slice(0, running.length);
  }

  /** All of them, or, where there is no memory for that, as many of the first as there is memory for. */
  async #watchMost(
    models: readonly WatchedModel[],
    refuse: (k: number, end: WayEnd) => void,
  ): Promise<readonly Watched[]> {
    for (let most = models.length; ; most--) {
      try {
        return await this.#host.watch(models.slice(0, most));
      } catch (failure) {
        const isBudget = failure instanceof SpikewireError && failure.code === 'budget';
        if (isBudget && most > 1) continue;
        const isPassing = isBudget || !(failure instanceof SpikewireError) || PASSING.includes(failure.code);
        const end = { reason: (failure as Error).message, cause: isPassing ? 'machine' : 'model' } as const;
        for (const k of models.keys()) refuse(k, end);
        return [];
      }
    }
  }

  #watchedModel(
    carrying: Carrying,
    next: NetModel,
    name: string,
    isFormer: boolean,
    observer: TrialObserver,
  ): WatchedModel {
    const seen = ({ net, time, old, new: own }: PairedAnswers) => ({ net, time, ...inOrder({ old, new: own }) });
    const former = this.#current;
    return {
      bytes: next.bytes,
      name: isFormer ? name : `${name} (${carrying})`,
      startState: async (net, state) => {
        if (isFormer) return this.#host.pool.savedOn(net, next.digest);
        return state && this.#nets.carry(carrying, former, state, next, net);
      },
      paired: (answers) => observer.pair(carrying, seen(answers)),
      judged: ({ label, confidence, ...answers }) =>
        observer.judge(carrying, seen(answers), label, confidence && inOrder(confidence)),
    };
  }

  figures(): ReadonlyMap<Carrying, CandidateFigures> {
    const card = this.#operationsOnCard;
    const figuresOn = ({ comparison }: Watched) => ({
      ...figuresOf(comparison),
      ...(card !== undefined && { operationsOnCard: card }),
    });
    return new Map([...this.#watched].map(([carrying, watched]) => [carrying, figuresOn(watched)]));
  }

  async unwatch(): Promise<void> {
    this.#watched.clear();
    this.#nets.endBeside();
    await this.#host.watch([]);
  }

  async replace({ bytes, name }: NamedBase, carrying: Carrying | null, commit: () => Promise<void>): Promise<void> {
    const [former, next] = [this.#current, readNetModel(bytes, this.#options.memory, true)];
    const keys = this.#host.pool.keys;
    await this.#host.replaceModel(
      { bytes, name },
      {
        commit: async () => {
          await commit();
          this.#nets.begin({ former, next, carrying }, this.#watched.get(carrying ?? 'carry'));
          this.#current = next;
        },
        onNewModel: this.#nets.carryOver,
      },
    );
    // Nets that ran go on at once, from what runs beside, which ends then.
    for (const key of keys)
      await this.#host.pool.use(key, () => {}).catch((problem: Error) => this.#options.warn?.(problem.message));
  }
}

function figuresOf({ answering, watched, ...counts }: Watched['comparison']): CandidateFigures {
  const { readings, leftOut, refused, problem } = counts;
  const { microseconds, bytes } = watched;
  const right = { answering: answering.right, watched: watched.right, of: watched.right + watched.wrong };
  const operations = { answering: answering.operations, watched: watched.operations };
  return {
    ...{ readings, leftOut, refused, problem, microseconds, bytes },
    ...(right.of > 0 && { right }),
    ...(readings > 0 && { operations }),
  };
}

/** The first of two models that run beside each other answers. */
function inOrder<T>({ old, new: own }: { readonly old: T; readonly new: T }) {
  return { answering: old, watched: own };
}

/** Kinds of failures that are about a place or a medium. */
const PASSING: readonly string[] = ['link', 'store'];

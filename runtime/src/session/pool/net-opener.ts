import { type ExecutorSource, refuseMisfits } from '@spikewire/engine/executor';
import { KeptSession, type KeptSessionOptions } from '../kept/kept-session.ts';
import { expectStorable } from '../kept/open-session.ts';
import type { NetModel } from '../net-model.ts';
import type { Outcome } from '../outcome.ts';
import type { LostNets } from './lost-nets.ts';
import type { NetStores } from './net-stores.ts';
import type { Room } from './room.ts';

/** What nets of a pool are opened with, beside what differs between them. */
export interface NetOptions
  extends Omit<KeptSessionOptions, 'store' | 'from' | 'notes' | 'listener' | 'selfTest' | 'name'> {
  readonly notes?: (key: string) => string | undefined;
  /** A state from which a net begins that neither a store nor the pool knows; undefined: it begins anew. */
  readonly startState?: (key: string) => Promise<Uint8Array | undefined>;
  readonly listener?: (key: string, outcome: Outcome) => void;
}

/** What is known of the nets of a pool. */
interface Surroundings {
  readonly stores: NetStores;
  readonly lost: LostNets;
  readonly room: Room;
}

/** Opens the nets of a pool, each by its key, and tries out whether a model runs here. */
export class NetOpener {
  readonly #source: ExecutorSource;
  #options: NetOptions;
  readonly #known: Surroundings;
  #model: NetModel;
  /** Whether this machine has yet to show that it computes the model right. */
  #untested: boolean;

  /** @param selfTest whether the first net has to answer the model's self-tests */
  constructor(model: NetModel, source: ExecutorSource, selfTest: boolean, options: NetOptions, known: Surroundings) {
    this.#model = model;
    this.#source = source;
    this.#untested = selfTest;
    this.#options = options;
    this.#known = known;
  }

  /** From now on nets are of that model, which was tried out. @param onNewModel absent: as before */
  replaceBy(model: NetModel, onNewModel: NetOptions['onNewModel']): void {
    this.#model = model;
    if (onNewModel !== undefined) this.#options = { ...this.#options, onNewModel };
    this.#untested = false;
  }

  /** Opens a net that nothing keeps, and closes it. Rejects with the reason for which no net of this model can run. */
  async tryOut(): Promise<void> {
    const stateBytes = await this.tryOutModel(this.#model, this.#untested);
    if (!this.#known.room.knowsStates) this.#known.room.sawState(stateBytes);
    this.#untested = false;
  }

  /**
   * The same with another model; on a board that is full, by its abilities alone. @returns the bytes of a state, where
   * copies are kept in memory, and else 0
   */
  async tryOutModel(model: NetModel, selfTest: boolean, isFull = false): Promise<number> {
    if (isFull) {
      await refuseMisfits(this.#source, model.model);
      return 0;
    }
    const { seed } = this.#options;
    const trial = await KeptSession.open(model, this.#source, { ...(seed !== undefined && { seed }), selfTest });
    try {
      if (!this.#known.stores.any) return (await trial.session.save()).length;
      await expectStorable(trial.session);
      return 0;
    } finally {
      await trial.close();
    }
  }

  /** Opens a net, from its last state where its executor was lost. */
  async open(key: string): Promise<KeptSession> {
    const { lost: nets } = this.#known;
    const lost = nets.get(key);
    const from = lost === undefined ? await this.#options.startState?.(key) : lost.state;
    const kept = await this.#openSession({ ...this.#optionsOf(key), ...(from === undefined ? {} : { from }) });
    nets.delete(key);
    if (lost === undefined) return kept;
    const { sequence, executor } = kept.session;
    const course =
      sequence === 0 ? 'starts without saved knowledge' : `continues from its last state, of ${sequence} readings,`;
    this.#options.warn?.(`net "${key}": ${lost.failure.message}; ${course} on ${executor.name}`);
    return kept;
  }

  async #openSession(options: KeptSessionOptions): Promise<KeptSession> {
    const kept = await KeptSession.open(this.#model, this.#source, { ...options, selfTest: this.#untested });
    this.#untested = false;
    if (!this.#known.stores.any) await this.#measureState(kept);
    return kept;
  }

  /** Without a store a copy of its state is kept beside each net, which needs room before it is made. */
  async #measureState(kept: KeptSession): Promise<void> {
    if (this.#known.room.knowsStates) return;
    try {
      this.#known.room.sawState((await kept.session.save()).length);
    } catch (failure) {
      await kept.close();
      throw failure;
    }
  }

  #optionsOf(key: string): KeptSessionOptions {
    const { notes, listener, startState: _, ...rest } = this.#options;
    const store = this.#known.stores.of(key);
    return {
      ...rest,
      name: key,
      ...(store === undefined ? {} : { store }),
      ...(notes === undefined ? {} : { notes: () => notes(key) }),
      ...(listener === undefined ? {} : { listener: (outcome) => listener(key, outcome) }),
    };
  }
}

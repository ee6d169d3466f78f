import { SpikewireError } from '@spikewire/models';
import { FolderInUseError, type SavedState, type Store } from '../../store/index.ts';
import type { NetModel } from '../net-model.ts';
import type { Session } from '../session.ts';
import { readingsIn } from '../session-state.ts';
import { describeLearnedOnly } from './learned-only.ts';
import { type CarryOver, type NetStore, type NewModelPolicy, openStore, setAside, storeIn } from './state-keeper.ts';

/** Where a session goes on from. */
export interface Restored {
  readonly sequence: bigint;
  readonly notes: string;
}

/**
 * The store of one session, also while it cannot be opened: then the session goes on from what can be read, and the
 * next save tries to open it. Only a folder that another process holds is refused, and, where a store is required, any
 * that cannot be opened.
 */
export class SessionStore {
  readonly #place: NetStore;
  readonly #netModel: NetModel;
  readonly #options: {
    readonly net: string;
    readonly onNewModel: NewModelPolicy | CarryOver;
    readonly required: boolean;
    readonly warn: (line: string) => void;
  };
  #store: Store | undefined;
  /** Of the state that the session goes on from. */
  #seen: bigint | undefined;
  #problem: SpikewireError | undefined;

  constructor(
    store: NetStore | string,
    netModel: NetModel,
    options: {
      name?: string;
      onNewModel?: NewModelPolicy | CarryOver;
      requireStore?: boolean;
      warn?: (line: string) => void;
    },
  ) {
    const { name: net = '', onNewModel = 'keep', requireStore: required = false, warn = () => {} } = options;
    this.#place = typeof store === 'string' ? storeIn(store) : store;
    this.#netModel = netModel;
    this.#options = { net, onNewModel, required, warn };
  }

  /** Why the store could not be used at the start. */
  get problem(): SpikewireError | undefined {
    return this.#problem;
  }

  get bytesWritten(): number {
    return this.#store?.bytesWritten ?? 0;
  }

  /** Opens the store, or notes why not. */
  async open(): Promise<void> {
    await this.#orInMemory(async () => {
      this.#store = await this.#openStore();
    });
  }

  /** Lets a new session go on from the newest state that fits it. */
  async restore(session: Session): Promise<Restored | undefined> {
    let restored: Restored | undefined;
    await this.#orInMemory(async () => {
      restored = this.#store && (await this.#restoreFrom(this.#store, session));
    });
    if (this.#store === undefined) restored = await this.#restoreUnopened(session);
    this.#seen = restored?.sequence;
    return restored;
  }

  /** The store, opened if it was not. @param session where it runs */
  async openAgain(session: Session | undefined): Promise<Store> {
    if (this.#store !== undefined) return this.#store;
    const store = await this.#openStore();
    try {
      await this.#meet(store, session);
    } catch (failure) {
      await store.close().catch(() => {}); // the first failure is the one to report
      throw failure;
    }
    this.#store = store;
    return store;
  }

  /** The newest state that it has. */
  async newest(): Promise<SavedState | undefined> {
    return this.#store?.load();
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  #openStore(): Promise<Store> {
    return openStore(this.#place, this.#netModel, this.#options);
  }

  async #orInMemory(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (failure) {
      const isStore = failure instanceof SpikewireError && failure.code === 'store';
      if (!isStore || failure instanceof FolderInUseError || this.#options.required) throw failure;
      this.#options.warn(`${failure.message}; what is learned is in memory only, until this folder can be written`);
      this.#problem = failure;
      await this.#store?.close().catch(() => {}); // said already
      this.#store = undefined;
    }
  }

  /** Restores a state and says in one line where it could not be restored whole. Returns its notes. */
  async #goOn(session: Session, state: Uint8Array): Promise<string> {
    const { notes, learnedOnly } = await session.restore(state);
    if (learnedOnly !== undefined)
      this.#options.warn(describeLearnedOnly(`store ${this.#place.directory}`, learnedOnly));
    return notes;
  }

  async #restoreFrom(store: Store, session: Session): Promise<Restored | undefined> {
    for (;;) {
      const saved = await store.load();
      if (saved === undefined) return undefined;
      try {
        return { sequence: saved.sequence, notes: await this.#goOn(session, saved.state) };
      } catch (failure) {
        if (!isMisfit(failure, session)) throw failure;
        await setAside(store, saved, failure, this.#options.warn); // and goes on with an older one, if there is one
      }
    }
  }

  async #restoreUnopened(session: Session): Promise<Restored | undefined> {
    const saved = await this.#place.peek(this.#netModel.digest);
    if (saved === undefined) return undefined;
    try {
      return { sequence: saved.sequence, notes: await this.#goOn(session, saved.state) };
    } catch (failure) {
      if (!isMisfit(failure, session)) throw failure;
      return undefined; // the store says it when it is opened
    }
  }

  /**
   * A store that opens late may hold a state that the session knows nothing of: who has taken more readings goes on,
   * and the other is put aside. A session that does not run cannot take it.
   */
  async #meet(store: Store, session: Session | undefined): Promise<void> {
    for (;;) {
      const saved = await store.load();
      if (saved === undefined || saved.sequence === this.#seen) return;
      const known = session?.sequence;
      if (session !== undefined && (await this.#goOnFrom(saved, session))) {
        this.#options.warn(
          `store ${store.directory}: continues from state ${saved.sequence}, which can be read now; ` +
            `what was learned of ${known} readings in memory is dropped`,
        );
        return;
      }
      const problem = 'has fewer readings than the running net, or does not fit it';
      const reason = new SpikewireError('store', 'saved state', problem);
      await setAside(store, saved, reason, this.#options.warn);
    }
  }

  async #goOnFrom({ state, sequence }: SavedState, session: Session): Promise<boolean> {
    try {
      if (readingsIn(state) <= session.sequence) return false;
      await this.#goOn(session, state);
      this.#seen = sequence;
      return true;
    } catch (failure) {
      if (!isMisfit(failure, session)) throw failure;
      return false;
    }
  }
}

/** Whether a state does not fit a session, which goes on without it; anything else is no fault of the state. */
export function isMisfit(failure: unknown, session: Session): failure is SpikewireError {
  return failure instanceof SpikewireError && failure.code === 'store' && session.failure === undefined;
}

import type { SpikewireError } from '@spikewire/models';
import { type ForeignSlotPolicy, type SavedState, Store } from '../../store/index.ts';
import type { NetModel } from '../net-model.ts';
import { rebaseSessionState } from '../session-state.ts';

/** What to do about states that another model has learned in the same folder. */
export const NEW_MODEL_POLICIES = ['keep', 'rebase', 'reset'] as const;

/**
 * `keep` starts from the new model and leaves them aside for the day their model returns; `rebase` takes what was
 * learned over where it means the same in both models, and else does as `keep`; `reset` deletes them.
 */
export type NewModelPolicy = (typeof NEW_MODEL_POLICIES)[number];

/**
 * Makes the first state of a net on a new model from the newest one that a former model has left, which stays aside.
 * Undefined: it is asked for what the next model has left, the newest first, and at last the net starts as with `keep`.
 * It is asked only for states that are newer than any on the new model, and what it gives is saved at once. Of what
 * other models have left, at most four files stay aside: those of the model that was carried over, then the newest.
 */
export type CarryOver = (
  net: string,
  former: { readonly digest: string; readonly state: Uint8Array },
) => Promise<Uint8Array | undefined>;

/** Where the states of a net are kept. */
export interface NetStore {
  readonly directory: string;
  open(baseDigest: string): Promise<Store>;
  /** What can be read where it cannot be opened. */
  peek(baseDigest: string): Promise<SavedState | undefined>;
}

/** A store that has its folder to itself. */
export function storeIn(directory: string): NetStore {
  return {
    directory,
    open: (baseDigest) => Store.open(directory, { baseDigest }),
    peek: (baseDigest) => Store.peek(directory, { baseDigest }),
  };
}

const STARTS_ANEW = '; the net starts without what it had learned';

/** Files of former models that stay where each may follow another: the two slots of the last two. */
const MOST_ASIDE = 4;

interface OpenStoreOptions {
  /** What people call the net. */
  readonly net: string;
  readonly onNewModel: NewModelPolicy | CarryOver;
  readonly warn: (line: string) => void;
}

/** Opens the store of a net and says in one line each what it found there that a person should know. */
export async function openStore(
  place: NetStore,
  target: NetModel,
  { net, onNewModel, warn }: OpenStoreOptions,
): Promise<Store> {
  const store = await place.open(target.digest);
  const count = store.foreignSlots().length;
  for (const { name, reason } of store.quarantined) {
    const next = store.hasState ? '; the net continues from its other save' : count > 0 ? '' : STARTS_ANEW;
    warn(`store ${store.directory}: a save is damaged, kept as ${name}: ${reason}${next}`);
  }
  if (count === 0) return store;
  const states = `${count} state${count === 1 ? '' : 's'} of another model`;
  const unused = `keeps ${states}; this model starts without ${count === 1 ? 'it' : 'them'}`;
  try {
    const rebased = await store.settleForeignSlots(foreignSlotPolicy(onNewModel, net, target));
    if (typeof onNewModel === 'function') return store; // whoever gave it says what it does
    if (onNewModel === 'reset') warn(`store ${store.directory}: deleted ${states}, as asked`);
    else if (rebased !== undefined)
      warn(`store ${store.directory}: took over what another model had learned, as asked; its own state is kept too`);
    else warn(`store ${store.directory}: ${unused} (see --on-new-model)`);
  } catch (failure) {
    warn(`store ${store.directory}: ${unused}: ${(failure as Error).message}`);
  }
  return store;
}

function foreignSlotPolicy(policy: NewModelPolicy | CarryOver, net: string, target: NetModel): ForeignSlotPolicy {
  if (typeof policy === 'function')
    return { rebase: (state, { baseDigest: digest }) => policy(net, { digest, state }), most: MOST_ASIDE };
  return policy === 'rebase' ? { rebase: (state) => rebaseSessionState(state, target) } : policy;
}

/** Keeps a state that does not fit the running net out of the way of the next saves. */
export async function setAside(
  store: Store,
  saved: SavedState,
  reason: SpikewireError,
  warn: (line: string) => void,
): Promise<void> {
  const name = await store.refuse(saved);
  warn(`store ${store.directory}: cannot restore state ${saved.sequence}, kept as ${name}: ${reason.message}`);
}

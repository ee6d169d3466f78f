import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import { REFUSAL_CAUSES, type RefusalCause, UPDATE_STATES, type UpdateState } from '../../desk/updates.ts';
import { type FileSystem, nodeFileSystem } from '../../store/file-system.ts';
import { type ProcessTable, Store } from '../../store/index.ts';
import { CARRYING, type Carrying } from '../repository/offer.ts';
import { NEW_CALIBRATION } from '../trial/calibration.ts';
import { NEW_GATE } from '../trial/gate.ts';
import { NEW_TRIAL, type TrialState, type WayEnd } from '../trial/trial.ts';
import { MOST_REFUSALS, type Refusal } from './refusals.ts';

export { UPDATE_STATES, type UpdateState };

/** A base model, and with it what nets have learned on it: the store keeps that by the model's digest. */
export interface Pair {
  /** SHA-256 of the base's file. */
  readonly sha256: string;
  /** Digest of the model. */
  readonly digest: string;
  /** What people call it: the name of its file. */
  readonly name: string;
  /** How its first learned part was made; null: it was the first base. */
  readonly carrying: Carrying | null;
  /** When it began to answer, as far as the machine knows the time; ISO 8601. */
  readonly since: string;
}

/** A base that a repository offers. */
export interface Candidate {
  readonly sha256: string;
  /** Bytes of its file. */
  readonly length: number;
  readonly name: string;
  /** What may happen to what the device has learned; the trial decides among them. */
  readonly carrying: readonly Carrying[];
}

/** What a person has asked for, about the model on trial or about the pair that answers. */
export type Asked =
  | { readonly kind: 'approve'; readonly sha256: string; readonly carrying: Carrying | null }
  | { readonly kind: 'rollback'; readonly sha256: string };

/** With the evidence about the candidate, or about the new pair in the state `probation` (as `carry`). */
export interface JournalEntry extends TrialState {
  readonly state: UpdateState;
  /** SHA-256 of the file that the process was given; another one was installed by a person. */
  readonly given: string | null;
  /** The pair that answers. */
  readonly current: Pair | null;
  /** The pair before it, to go back to. */
  readonly former: Pair | null;
  readonly candidate: Candidate | null;
  /** Why the pair is left, in the state `rollback`. */
  readonly reason: string | null;
  /** How the candidate is installed, in the state `install`. */
  readonly chosen: Carrying | null;
  /** Until it is done, or another model is there than the one that it was about. */
  readonly asked: Asked | null;
  /** When the trial or the probation began to count from 0; ISO 8601. */
  readonly begun: string | null;
  /** Since then. */
  readonly readings: number;
  readonly seconds: number;
  /** The newest last. */
  readonly refused: readonly Refusal[];
  /** Whether nothing new is tried until a person says otherwise. */
  readonly pinned: boolean;
  /** Starts of the process since it last ran for ten minutes. */
  readonly starts: number;
}

export const EMPTY_JOURNAL: JournalEntry = {
  state: 'idle',
  given: null,
  current: null,
  former: null,
  candidate: null,
  reason: null,
  chosen: null,
  asked: null,
  ...NEW_TRIAL,
  begun: null,
  readings: 0,
  seconds: 0,
  refused: [],
  pinned: false,
  starts: 0,
};

/** Journals are no states of a model, and a store wants to know of which its states are. */
const BASE_DIGEST = createHash('sha256').update('spikewire update journal 1').digest('hex');

/** Where a journal lies, beside its folder. */
export interface JournalPlace {
  readonly fileSystem?: FileSystem;
  readonly processes?: ProcessTable;
}

/**
 * What an update has come to, in a folder of two slots: each entry is whole and durable before anything is done because
 * of it. One process holds the folder.
 */
export class Journal {
  readonly #store: Store;
  #entry: JournalEntry;
  /** Writes come one after another: a person may pin a model while a step ends. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(store: Store, entry: JournalEntry) {
    this.#store = store;
    this.#entry = entry;
  }

  /** Rejects with `store` where the folder cannot be used, or another process holds it. */
  static async open(folder: string, { fileSystem = nodeFileSystem, processes }: JournalPlace = {}): Promise<Journal> {
    const store = await Store.open(folder, { baseDigest: BASE_DIGEST, fileSystem, ...(processes && { processes }) });
    try {
      const saved = await store.load();
      return new Journal(store, saved === undefined ? EMPTY_JOURNAL : readEntry(saved.state));
    } catch (failure) {
      await store.close().catch(() => {}); // the first failure is the one to report
      throw failure;
    }
  }

  /** The last entry of a folder that cannot be opened, as on a read-only medium; undefined: none can be read. */
  static async peek(folder: string, fileSystem = nodeFileSystem): Promise<JournalEntry | undefined> {
    const saved = await Store.peek(folder, { baseDigest: BASE_DIGEST, fileSystem });
    return saved && readEntry(saved.state);
  }

  get entry(): JournalEntry {
    return this.#entry;
  }

  /** Resolves when the entry is durable; rejects with `store`, and keeps the former one. */
  write(change: Partial<JournalEntry>): Promise<void> {
    return this.change(() => change);
  }

  /** The same of a change to what the entry is when its turn comes. */
  change(make: (entry: JournalEntry) => Partial<JournalEntry>): Promise<void> {
    const written = this.#last.then(() => this.#write(make(this.#entry)));
    this.#last = written.catch(() => {}); // its caller hears of it
    return written;
  }

  async #write(change: Partial<JournalEntry>): Promise<void> {
    const entry = { ...this.#entry, ...change };
    await this.#store.save(Buffer.from(JSON.stringify(entry)));
    this.#entry = entry;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/** Throws `store` where the bytes are no entry. The store has found them whole: only another version writes others. */
export function readEntry(bytes: Uint8Array): JournalEntry {
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed('JSON');
  }
  if (!isRecord(said)) throw malformed('an object');
  const { state, given, reason, chosen, pinned, readings, seconds, starts, begun = null } = said;
  const isSound =
    UPDATE_STATES.includes(state as UpdateState) &&
    [given, reason, begun].every((each) => each === null || typeof each === 'string') &&
    (chosen === null || isCarrying(chosen)) &&
    typeof pinned === 'boolean' &&
    [readings, seconds, starts].every(isCount);
  if (!isSound) throw malformed('an entry of this version');
  return {
    ...{ state: state as UpdateState, given: given as string | null, reason: reason as string | null },
    begun: begun as string | null,
    ...({ chosen: chosen as Carrying | null, pinned, readings, seconds, starts } as Pick<
      JournalEntry,
      'chosen' | 'pinned' | 'readings' | 'seconds' | 'starts'
    >),
    current: pairIn(said.current),
    former: pairIn(said.former),
    candidate: candidateIn(said.candidate),
    asked: askedIn(said.asked ?? null),
    gates: byWay(said.gates, (gate) => countsIn(gate, NEW_GATE, BETS)),
    calibrations: byWay(said.calibrations ?? {}, (calibration) => countsIn(calibration, NEW_CALIBRATION)),
    seen: byWay(said.seen ?? {}, countIn),
    ends: byWay(said.ends ?? {}, endIn),
    refused: refusalsIn(said.refused),
  };
}

function pairIn(said: unknown): Pair | null {
  if (said === null) return null;
  const isPair =
    isRecord(said) &&
    [said.sha256, said.digest].every(isHash) &&
    [said.name, said.since].every((each) => typeof each === 'string') &&
    (said.carrying === null || isCarrying(said.carrying));
  if (!isPair) throw malformed('a pair');
  const { sha256, digest, name, carrying, since } = said as unknown as Pair;
  return { sha256, digest, name, carrying, since };
}

function candidateIn(said: unknown): Candidate | null {
  if (said === null) return null;
  const isCandidate =
    isRecord(said) &&
    isHash(said.sha256) &&
    isCount(said.length) &&
    typeof said.name === 'string' &&
    Array.isArray(said.carrying) &&
    said.carrying.every(isCarrying);
  if (!isCandidate) throw malformed('a candidate');
  const { sha256, length, name, carrying } = said as unknown as Candidate;
  return { sha256, length, name, carrying };
}

function askedIn(said: unknown): Asked | null {
  if (said === null) return null;
  const { kind, sha256, carrying } = isRecord(said) ? said : {};
  if (kind === 'rollback' && isHash(sha256)) return { kind, sha256: sha256 as string };
  if (kind === 'approve' && isHash(sha256) && (carrying === null || isCarrying(carrying)))
    return { kind, sha256: sha256 as string, carrying: carrying as Carrying | null };
  throw malformed('what a person asked for');
}

function byWay<T>(said: unknown, read: (said: unknown) => T): Readonly<Partial<Record<Carrying, T>>> {
  if (!isRecord(said)) throw malformed('ways');
  const known = CARRYING.filter((carrying) => said[carrying] !== undefined);
  return Object.fromEntries(known.map((carrying) => [carrying, read(said[carrying])]));
}

/** Counts that journals of earlier versions lack. */
const BETS = { worseBefore: 1, notWorseBefore: 1 };

function countsIn<T extends object>(said: unknown, all: T, defaults: Partial<T> = {}): T {
  const counts = isRecord(said) ? { ...defaults, ...said } : {};
  const names = Object.keys(all) as (keyof T)[];
  const values = counts as Record<keyof T, unknown>;
  if (!names.every((name) => isCount(values[name]))) throw malformed('counts of a trial');
  return Object.fromEntries(names.map((name) => [name, values[name]])) as T;
}

function countIn(said: unknown): number {
  if (!isCount(said)) throw malformed('a count');
  return said as number;
}

function endIn(said: unknown): WayEnd {
  const isEnd =
    isRecord(said) && typeof said.reason === 'string' && (said.cause === 'model' || said.cause === 'machine');
  if (!isEnd) throw malformed('the end of a way');
  return { reason: said.reason as string, cause: said.cause as WayEnd['cause'] };
}

function refusalsIn(said: unknown): readonly Refusal[] {
  if (!Array.isArray(said) || said.length > MOST_REFUSALS) throw malformed('refusals');
  return said.map(refusalIn);
}

/** In journals of earlier versions a refusal has no cause, and is for ever. */
function refusalIn(said: unknown): Refusal {
  const all = isRecord(said) ? { cause: 'model', tries: 1, memory: 0, base: null, ways: {}, ...said } : {};
  const { sha256, name, reason, time, cause, tries, memory, base, ways } = all as Record<keyof Refusal, unknown>;
  const isRefusal =
    [sha256, name, reason, time].every((each) => typeof each === 'string') &&
    REFUSAL_CAUSES.includes(cause as RefusalCause) &&
    [tries, memory].every(isCount) &&
    (base === null || typeof base === 'string');
  if (!isRefusal) throw malformed('refusals');
  return { ...(all as unknown as Refusal), ways: byWay(ways, countIn) };
}

function isRecord(said: unknown): said is Readonly<Record<string, unknown>> {
  return typeof said === 'object' && said !== null && !Array.isArray(said);
}

function isHash(said: unknown): boolean {
  return typeof said === 'string' && /^[0-9a-f]{64}$/.test(said);
}

function isCount(said: unknown): boolean {
  return typeof said === 'number' && Number.isFinite(said) && said >= 0;
}

function isCarrying(said: unknown): said is Carrying {
  return CARRYING.includes(said as Carrying);
}

function malformed(expected: string): SpikewireError {
  return new SpikewireError('store', 'update journal', 'is of another version', expected);
}

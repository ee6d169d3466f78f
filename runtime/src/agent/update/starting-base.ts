import { SpikewireError } from '@spikewire/models';
import { NEW_TRIAL } from '../trial/trial.ts';
import { type Bases, sha256Of } from './bases.ts';
import type { Journal, JournalEntry, Pair } from './journal.ts';
import type { NamedBase } from './ports.ts';
import { withRefusal } from './refusals.ts';

/** A start that comes before the last one has run for ten minutes; at the third, a pair on probation is left. */
const MOST_STARTS = 3;

/** An update that another pair has ended. */
const NOTHING_BEGUN: Omit<JournalEntry, 'given' | 'current' | 'former' | 'refused' | 'pinned'> = {
  ...{ state: 'idle', candidate: null, chosen: null, asked: null, reason: null },
  ...{ ...NEW_TRIAL, begun: null, readings: 0, seconds: 0, starts: 0 },
};

export interface StartingBase extends NamedBase {
  /** The pair that it belongs to, as the journal has it. */
  readonly pair: Pair;
}

export interface StartOptions {
  readonly journal: Journal;
  readonly bases: Bases;
  /** The file that the process was given; without one the journal's pair starts. */
  readonly given?: NamedBase | undefined;
  /** Digest of a model file. Throws what is wrong with it. */
  readonly digestOf: (bytes: Uint8Array) => string;
  readonly warn?: (line: string) => void;
  readonly now?: () => number;
}

/**
 * Decides which base a process starts with. A file that a person has given since replaces the pair. A new pair that was
 * started three times without a healthy run, or whose file is damaged, gives way to the former one. Undefined where
 * there is none yet. Rejects where the file that was given is wrong; what cannot be noted is a warning.
 */
export async function startingBase(options: StartOptions): Promise<StartingBase | undefined> {
  const { journal, bases, given, warn = () => {} } = options;
  const note = (change: Partial<JournalEntry>) =>
    journal.write(change).catch((failure: Error) => warn(`update: ${failure.message}; this start is not recorded`));
  if (given !== undefined && sha256Of(given.bytes) !== journal.entry.given) return takeGiven(options, given, note);
  const { state, former, starts, current } = journal.entry;
  if (current === null) return undefined;
  if (state === 'probation' || state === 'rollback') {
    if (former !== null && starts + 1 >= MOST_STARTS) {
      const reason = `was started ${MOST_STARTS} times and never ran for ten minutes`;
      const before = await readOrWarn(bases, former, warn);
      if (before !== undefined) return leave(options, before, reason, note);
    } else await note({ starts: starts + 1 });
  }
  const now = await readOrWarn(bases, current, warn);
  if (now !== undefined) return now;
  const before = former === null ? undefined : await readOrWarn(bases, former, warn);
  if (before !== undefined) return leave(options, before, 'its file is damaged', note);
  if (given !== undefined) return takeGiven(options, given, note);
  throw new SpikewireError('store', bases.folder, `has lost ${current.name}`, 'the model file of this device');
}

async function takeGiven(
  { journal, bases, digestOf, warn = () => {}, now = Date.now }: StartOptions,
  given: NamedBase,
  note: (change: Partial<JournalEntry>) => Promise<void>,
): Promise<StartingBase> {
  const { bytes, name } = given;
  const [sha256, digest] = [sha256Of(bytes), digestOf(bytes)];
  const pair = { sha256, digest, name, carrying: null, since: new Date(now()).toISOString() };
  const { current } = journal.entry;
  const former = current?.digest === digest ? journal.entry.former : current;
  await bases.keep(bytes).catch((failure: Error) => warn(`update: ${failure.message}`));
  await note({ ...NOTHING_BEGUN, given: sha256, current: pair, former });
  return { bytes, name, pair };
}

async function leave(
  { journal, now = Date.now, warn = () => {} }: StartOptions,
  before: StartingBase,
  reason: string,
  note: (change: Partial<JournalEntry>) => Promise<void>,
): Promise<StartingBase> {
  const { current, refused } = journal.entry;
  const { sha256, name } = current!;
  warn(`update: went back from ${name} to ${before.name}: ${reason}`);
  const refusal = {
    ...{ sha256, name, reason, time: new Date(now()).toISOString() },
    ...({ cause: 'model', memory: 0, base: null, ways: {} } as const),
  };
  await note({ ...NOTHING_BEGUN, current: before.pair, former: null, refused: withRefusal(refused, refusal) });
  return before;
}

async function readOrWarn(bases: Bases, pair: Pair, warn: (line: string) => void): Promise<StartingBase | undefined> {
  try {
    return { bytes: await bases.read(pair.sha256), name: pair.name, pair };
  } catch (failure) {
    warn(`update: ${(failure as Error).message}`);
    return undefined;
  }
}

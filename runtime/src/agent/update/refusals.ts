import type { RefusalCause } from '../../desk/updates.ts';
import type { Carrying } from '../repository/offer.ts';

/** A base that was tried, or looked at, and not installed. */
export interface Refusal {
  readonly sha256: string;
  readonly name: string;
  readonly reason: string;
  /** As far as the machine knew it; ISO 8601. */
  readonly time: string;
  readonly cause: RefusalCause;
  /** How often it has been refused for this machine's sake. */
  readonly tries: number;
  /** What the machine offered: bytes that nets may take together, and the digest of the base that answered. */
  readonly memory: number;
  readonly base: string | null;
  /**
   * Ways that may be tried again, with what the bet for each had left, at most 1: so all tries together let a worse
   * model pass no more often than one. None: all of them, with 1.
   */
  readonly ways: Readonly<Partial<Record<Carrying, number>>>;
}

/** Where a refused base is looked at again. */
export interface Circumstances {
  readonly memory: number;
  readonly base: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether a controller orders it. */
  readonly isOrdered: boolean;
}

export const MOST_REFUSALS = 32;
const DAY_MS = 86_400_000;
/** The wait doubles with each try up to this. */
const LONGEST_WAIT_MS = 7 * DAY_MS;

/**
 * When a base that was refused for this machine's sake is tried again, in milliseconds since 1970: after a day, and
 * each time after twice as long, up to a week.
 */
export function againAt({ cause, time, tries }: Refusal): number | undefined {
  if (cause !== 'machine') return undefined;
  return Date.parse(time) + Math.min(DAY_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
}

/** Whether a refused base may be tried again by itself. One that is worse never is: a person has to ask for it. */
export function isDue(refusal: Refusal, { memory, base, now, isOrdered }: Circumstances): boolean {
  if (refusal.cause === 'model') return false;
  if (refusal.cause === 'controller') return isOrdered;
  if (refusal.cause === 'base') return base !== refusal.base;
  // A clock that has gone back says nothing of how long it was.
  const isLater = now >= againAt(refusal)! || now < Date.parse(refusal.time);
  return isLater || memory !== refusal.memory;
}

/** The list with one more, in the place of an earlier one of the same base; the oldest go first. */
export function withRefusal(list: readonly Refusal[], refusal: Omit<Refusal, 'tries'>): readonly Refusal[] {
  const earlier = refusalOf(list, refusal.sha256);
  const tries = earlier?.cause === 'machine' ? earlier.tries + 1 : 1;
  return [...list.filter((each) => each !== earlier), { ...refusal, tries }].slice(-MOST_REFUSALS);
}

export function refusalOf(list: readonly Refusal[], sha256: string | undefined): Refusal | undefined {
  return list.find((each) => each.sha256 === sha256);
}

/** The newest that a person means by a name, or by how a SHA-256 begins; without either, the newest. */
export function meantRefusal(list: readonly Refusal[], model: string | undefined): Refusal | undefined {
  return list.findLast(({ name, sha256 }) => model === undefined || name === model || sha256.startsWith(model));
}

import { RateLimit } from '../../rate-limit.ts';
import type { KeptSession } from '../kept/kept-session.ts';
import { hasLostSensor, isEstablished } from './standing.ts';

/** Established nets that new ones may push out, to the store. */
const DISPLACEMENTS = { burst: 16, interval: 1000 };

/** An open net as others see it who need its room. */
export interface OpenNet {
  /** Whether it was a newcomer when it was asked for. */
  readonly isNewcomer: boolean;
  /** Once it is open. */
  readonly kept: KeptSession | undefined;
}

/**
 * Which open nets give way to another. A flood of new keys does not push out established nets (`standing.ts`) that are
 * in use: new nets push out those whose sensor is gone, then each other, and then, at a low rate, others, but only to
 * the store.
 */
export class GivingWay {
  readonly #hasStores: boolean;
  readonly #displacements: RateLimit;

  /** @param clock monotonic milliseconds */
  constructor(hasStores: boolean, clock: () => number) {
    this.#hasStores = hasStores;
    this.#displacements = new RateLimit(DISPLACEMENTS, clock);
  }

  /**
   * Open nets that may give way, of those in order of use, the least recent first: those whose sensor is gone, those
   * that are not established, and then the others.
   */
  *inOrder<Net extends OpenNet>(open: ReadonlyMap<string, Net>, toNewcomer: boolean): Generator<[string, Net]> {
    for (const other of open) if (isOfStanding(other[1]) && !isAlive(other[1])) yield other;
    for (const other of open) if (!isOfStanding(other[1])) yield other;
    if (toNewcomer && !(this.#hasStores && this.#displacements.allows(''))) return;
    for (const other of open) if (isAlive(other[1])) yield other;
  }

  /** Counts a net that has given way. */
  count(net: OpenNet, toNewcomer: boolean): void {
    if (toNewcomer && isAlive(net)) this.#displacements.take('');
  }
}

function isOfStanding({ kept, isNewcomer }: OpenNet): boolean {
  return kept === undefined ? !isNewcomer : isEstablished(kept.session);
}

/** Whether it is established and its sensor is still there. */
function isAlive(net: OpenNet): boolean {
  return isOfStanding(net) && (net.kept === undefined || !hasLostSensor(net.kept.session));
}

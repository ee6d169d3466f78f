import { readLearned } from '@spikewire/models';
import type { LearnedReport } from '../learn/take-over.ts';
import type { RunningNetwork } from './engine.ts';
import { ForeignStateError } from './state-file.ts';

/** Why a net could take of a state only what was learned, and what its number format made of that. */
export interface LearnedOnly {
  readonly because: string;
  readonly reports: readonly LearnedReport[];
}

/**
 * Lets a net go on from a state of its model, whichever engine saved it: bit for bit where it is the net's own, then undefined; else
 * with what was learned, and with fresh membranes and traces. Throws `store` where neither is possible; nothing has changed then.
 */
export function goOn(network: RunningNetwork, state: Uint8Array): LearnedOnly | undefined {
  try {
    network.restore(state);
    return undefined;
  } catch (error) {
    if (!(error instanceof ForeignStateError)) throw error;
    const reports = network.restoreLearned(readLearned(state));
    network.resetActivity();
    return { because: error.message, reports };
  }
}

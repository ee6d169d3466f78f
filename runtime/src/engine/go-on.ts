import { readLearned } from '@spikewire/models';
import type { LearnedReport } from '../learn/take-over.ts';
import type { RunningNetwork } from './engine.ts';
import { ForeignStateError } from './state-file.ts';

/** Why a net could take of a state only what was learned, and what its number format made of that. */
export interface LearnedOnly {
  readonly because: string;
  readonly reports: readonly LearnedReport[];
}

/** `RunningNetwork.goOn`, by what else a net does. */
export function goOn(
  network: Pick<RunningNetwork, 'restore' | 'restoreLearned' | 'resetActivity'>,
  state: Uint8Array,
): LearnedOnly | undefined {
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

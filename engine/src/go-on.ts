import { readLearned } from '@spikewire/models';
import type { LearnedOnly, RunningNetwork } from './engine.ts';
import { ForeignStateError } from './state-file.ts';

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

// Saved states, for those who run a net by themselves, such as the driver of a board: written and read as those of the
// engines are. What numbers of a state may be is said by `kept` and its like of @spikewire/models.
export { newCounters } from '../counters.ts';
export type { LearnedOnly, NetworkCounters } from '../engine.ts';
export { goOn } from '../go-on.ts';
export type { LearnedReport } from '../learn/take-over.ts';
export {
  engineOfState,
  ForeignStateError,
  type LearningNetwork,
  type NetworkState,
  restoreState,
  writeState,
} from '../state-file.ts';

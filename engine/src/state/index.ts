// Saved states, for those who run a net by themselves, such as the driver of a board: written and read as those of the
// engines are. What numbers of a state may be is said by `kept` and its like of @spikewire/models.
export { type LearnedOnly, type NetworkCounters, newCounters } from '../engine.ts';
export type { LearnedReport } from '../learn/weights/take-over.ts';
export {
  engineOfState,
  ForeignStateError,
  goOn,
  type LearningNetwork,
  type NetworkState,
  restoreState,
  writeState,
} from '../state-file.ts';

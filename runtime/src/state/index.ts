// Saved states for drivers of boards, with what these need of models to say what a state holds.
export {
  engineOfState,
  ForeignStateError,
  goOn,
  type LearnedOnly,
  type LearnedReport,
  type LearningNetwork,
  type NetworkCounters,
  type NetworkState,
  newCounters,
  restoreState,
  writeState,
} from '@spikewire/engine/state';
export {
  anything,
  flag,
  type KeptNumbers,
  type KeptState,
  kept,
  type LearnedState,
  type LearnedWeightsState,
  modelDigest,
  type NumberRange,
  readLearned,
  real,
  whole,
} from '@spikewire/models';

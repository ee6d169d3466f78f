export { findTrialQueue } from './find.ts';
export type {
  QueueOptions,
  SweepProgress,
  SweepTerms,
  TakenTrial,
  TrialOutcome,
  TrialQueue,
  TrialQueueSource,
  TrialResult,
} from './trial-queue.ts';

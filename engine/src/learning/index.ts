// Learning, for those who run a net by themselves whose weights another machine changes, such as the driver of a board.
export { decayFactor } from '../learn/integer-trace.ts';
export type { LearnedConnection } from '../learn/learned-connections.ts';
export { HISTORY, Learner } from '../learn/learner.ts';
export { NetworkLearning } from '../learn/network-learning.ts';
export { rulesOf } from '../learn/rule-at-work.ts';
export { collectActive, type SparseActivity, sparseActivity } from '../learn/sparse-activity.ts';
export { IntegerWeights, roundedGain } from '../learn/weights/integer-weights.ts';
export type { WeightRow } from '../learn/weights/weights.ts';

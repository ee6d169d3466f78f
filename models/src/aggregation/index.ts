export * from './aggregate.ts';
export * from './aggregate-changes.ts';
export * from './aggregate-sums.ts';
export * from './base-sums.ts';
export { problemOfSums, type SumLimits } from './check.ts';
export type { Thresholds } from './judge.ts';
export { squaredErrors } from './squared-errors.ts';
export * from './sums.ts';
export * from './weight-change.ts';

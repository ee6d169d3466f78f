export * from './aggregate.ts';
export * from './base-sums.ts';
export * from './check.ts';
export * from './sums.ts';
export * from './weight-change.ts';

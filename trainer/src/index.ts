export * from './baselines/index.ts';

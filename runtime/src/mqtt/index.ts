export { type BrokerAddress, parseBrokerAddress } from './broker-address.ts';
export * from './link.ts';
export type { Routes } from './routes.ts';
export { type MessageCounters, Stream, type StreamOptions } from './stream.ts';
export { isTopic } from './topic-filter.ts';

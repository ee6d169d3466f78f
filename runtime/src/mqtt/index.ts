export { type BrokerAddress, parseBrokerAddress } from './link/broker-address.ts';
export * from './link/link.ts';
export { isTopic } from './link/topic-filter.ts';
export type { Routes } from './routes.ts';
export { type MessageCounters, Stream, type StreamOptions } from './stream.ts';

export { type BrokerAddress, parseBrokerAddress } from './broker-address.ts';
export * from './link.ts';
export type { Routes } from './routes.ts';
export { Stream, type StreamCounters, type StreamOptions } from './stream.ts';

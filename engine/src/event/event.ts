import type { Engine } from '../engine.ts';
import { EventNetwork } from './network.ts';

/**
 * The event-driven engine: a neuron is computed when something arrives at it and when it is going to spike, and not
 * else. Float64, so that the closed form of many steps and the sum of these steps differ by rounding of the 16th digit,
 * and not of the 7th. An integer model runs with the real weights that its integers stand for: rounding in every step
 * has no closed form.
 */
export const eventEngine: Engine = {
  name: 'event',
  doc: 'event-driven, in float64; fast if few neurons spike',
  realNumbers: true,
  load: (model, options = {}) => new EventNetwork(model, options, 'event', false),
};

/**
 * The same with tables of the flow of neurons that have no closed form (`flow-table.ts`): their spikes come near those
 * of their equations, and not exactly, at the cost of events instead of steps.
 */
export const tabledEventEngine: Engine = {
  name: 'event-tables',
  doc: 'like event, but approximate: uses look-up tables for neurons that event cannot compute exactly',
  realNumbers: true,
  load: (model, options = {}) => new EventNetwork(model, options, 'event-tables', true),
};

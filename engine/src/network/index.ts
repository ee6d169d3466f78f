// What those need to know of a running net who do not run it themselves: its interface, events in and out, states,
// and words for people. Nothing here loads an engine.
export { checkInput } from '../check-input.ts';
export {
  describeChoice,
  type Engine,
  type EngineChoice,
  type LearnedOnly,
  type LoadOptions,
  type NetworkCounters,
  type RunningNetwork,
  type TeachingOutcome,
} from '../engine.ts';
export { EVENT_BYTES, EventBuffer, type EventList } from '../event-buffer.ts';
export { TimedEventBuffer } from '../event-columns.ts';
export { learnedConnections } from '../learn/learned-connections.ts';
export { describeLosses } from '../learn/weights/take-over.ts';
export { describeNonFinite, findNonFinite, type NonFinite } from '../non-finite.ts';
export { asOf, learnedAlone, withLearned } from '../state-file.ts';
export { onlyInput } from './only-input.ts';

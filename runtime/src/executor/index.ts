export type {
  Abilities,
  Executor,
  ExecutorSource,
  Teaching,
  WindowRequest,
  WindowResult,
} from '@spikewire/engine/executor';
export {
  describeAbilities,
  InProcessExecutor,
  type Placement,
  placementOn,
  splitOver,
} from '@spikewire/engine/executor';
export { type AddressOptions, executorSourceOf } from './address.ts';
export { inProcess } from './in-process-source.ts';
export { InferenceWorker, type InferenceWorkerOptions } from './worker-executor.ts';

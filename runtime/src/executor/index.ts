export type { Abilities } from './abilities.ts';
export { type AddressOptions, executorSourceOf } from './address.ts';
export type { Executor, ExecutorSource, Teaching, WindowRequest, WindowResult } from './executor.ts';
export { InProcessExecutor } from './in-process.ts';
export { inProcess } from './in-process-source.ts';
export { type Placement, placementOn } from './placement.ts';
export { InferenceWorker, type InferenceWorkerOptions } from './worker-executor.ts';

export type { Executor, ExecutorSource, Teaching, WindowRequest, WindowResult } from './executor.ts';
export { InProcessExecutor } from './in-process.ts';
export { inProcess } from './in-process-source.ts';
export { InferenceWorker, type InferenceWorkerOptions } from './worker-executor.ts';

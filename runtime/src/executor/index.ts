export type { Executor, ExecutorSource, Teaching, WindowRequest, WindowResult } from './executor.ts';
export { InProcessExecutor, inProcess } from './in-process.ts';
export { InferenceWorker, type InferenceWorkerOptions } from './worker-executor.ts';

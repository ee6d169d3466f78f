import { engines } from './engines.mjs';
import { onnxForms } from './onnx.mjs';

/**
 * Everything that is timed. A contestant has a `name`, the `numbers` it computes with (`integer` or `real`), and
 * `open(workload)`, which gives `{ run(sample), counts(sample), close() }`, or `{ skipped: why }` where the machine
 * lacks something. `run` may return a promise. The first one is what the others are compared with.
 */
export const contestants = [...engines, ...onnxForms];

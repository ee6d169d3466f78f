import { availableParallelism } from 'node:os';
import type { Backend } from './backend.ts';
import { openStages } from './open-stages.ts';
import { openInThread } from './own-thread.ts';
import { stagedModelOf } from './staged-model.ts';

/**
 * Programs as ONNX models on the CPU, by `onnxruntime-node`; but large products with spikes read their active rows
 * only, between one model and the next.
 *
 * @param threads for one program, or for all parts of one; one per core without it
 */
export function onnxRuntime(threads = availableParallelism()): Backend {
  return {
    name: 'onnx',
    compile: async (program) => openStages(stagedModelOf(program), threads),
    async compileParts(program, count) {
      const model = stagedModelOf(program);
      const each = Math.max(1, Math.floor(threads / count));
      const parts = Array.from({ length: count }, (_, part) =>
        part > 0 && threads > 1 ? openInThread(program, model, each) : openStages(model, each),
      );
      return Promise.all(parts);
    },
  };
}

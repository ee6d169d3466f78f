import type { Backend } from './backend.ts';
import { interpreter } from './interpreter.ts';
import { onnxRuntime } from './onnx-runtime.ts';

/** Every backend, with so many threads; undefined: one per core. A new one is a file of its own and a line here. */
export function backendsWith(threads?: number): readonly Backend[] {
  return [onnxRuntime(threads), interpreter];
}

export const backends = backendsWith();

import type { Backend } from './backend.ts';
import { interpreter } from './interpreter.ts';
import { onnxRuntime } from './onnx-runtime.ts';

/** Every backend. A new one is a file of its own and a line here. */
export const backends: readonly Backend[] = [onnxRuntime(), interpreter];

/// <reference path="./webassembly.d.ts" />
import { packedKernels } from './kernels.generated.ts';
import type { Kernels } from './kernels.ts';
import { type MemoryViews, viewMemory } from './memory.ts';
import { withRepetitions } from './repetitions.ts';

const PAGE = 65536;

/** A function of one SIMD instruction: valid where WebAssembly has 128-bit vectors. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

/** Whether this machine runs the WASM kernels. WebAssembly may be absent altogether (`--jitless`). */
export function hasSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_PROBE);
}

/** Compiled when the first net is loaded, once in each thread. */
let compiled: WebAssembly.Module | undefined;

/** The WASM kernels over a memory of their own, of as many pages as `bytes` need. */
export function wasmKernels(bytes: number): { memory: MemoryViews; kernels: Kernels } {
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  compiled ??= new WebAssembly.Module(withRepetitions(packedKernels()));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { memory: viewMemory(memory.buffer), kernels: exports as unknown as Kernels };
}

import { SpikewireError } from '@spikewire/models';
import type { KernelForm, Kernels } from '../kernels/kernels.ts';
import { type MemoryViews, viewMemory } from '../kernels/memory.ts';
import { hasSimd, wasmKernels } from '../kernels/wasm-kernels.ts';
import { typescriptKernels } from '../twin/typescript-kernels.ts';

/**
 * A memory of `bytes` bytes at least and the kernels over it. Without a `form`: WASM where the machine has SIMD there.
 */
export function createKernels(bytes: number, form?: KernelForm): { memory: MemoryViews; kernels: Kernels } {
  if (form === 'wasm' && !hasSimd()) {
    throw new SpikewireError('unsupported', 'kernels "wasm"', 'need SIMD, which WebAssembly here lacks', 'typescript');
  }
  if (form === 'typescript' || !hasSimd()) {
    const memory = viewMemory(new ArrayBuffer(bytes));
    return { memory, kernels: typescriptKernels(memory) };
  }
  return wasmKernels(bytes);
}

import { hasSimd } from '@spikewire/engine';
import type { Check } from './check.ts';

/** Whether the clocked engine runs its fast kernels here. */
export const simd: Check = {
  name: 'simd',
  look: async () =>
    hasSimd()
      ? { state: 'ok', found: 'WebAssembly with 128-bit vectors: the fast kernels run' }
      : {
          state: 'note',
          found: 'no WebAssembly with 128-bit vectors: the TypeScript kernels run, some ten times slower',
          advice: 'a 64-bit system on a Pi 3 or newer has them',
        },
};

import { hasSimd } from '@spikewire/engine';
import type { Check } from './check.ts';

/** Whether the clocked engine runs its fast kernels here. */
export const simd: Check = {
  name: 'simd',
  look: async () =>
    hasSimd()
      ? { state: 'ok', found: 'WebAssembly has 128-bit vectors: the engines run at full speed' }
      : {
          state: 'note',
          found: 'WebAssembly has no 128-bit vectors: the engines run in JavaScript, some ten times slower',
          advice: 'use a 64-bit system on a Pi 3 or newer',
        },
};

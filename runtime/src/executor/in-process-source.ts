import type { Engine } from '../engine/engine.ts';
import type { ExecutorSource } from './executor.ts';

/** Executors in the calling thread on one engine, for nets of at most `memory` bytes each. */
export function inProcess(engine: Engine, { memory }: { readonly memory?: number | undefined } = {}): ExecutorSource {
  return {
    name: engine.name,
    async open(bytes, options) {
      const { openInProcess } = await import('./open-in-process.ts');
      return openInProcess(engine, bytes, { memory, ...options });
    },
    close: async () => {},
  };
}

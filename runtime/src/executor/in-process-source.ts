import type { Engine } from '../engine/engine.ts';
import type { ExecutorSource } from './executor.ts';

/** Executors in the calling thread on one engine. */
export function inProcess(engine: Engine): ExecutorSource {
  return {
    name: engine.name,
    async open(bytes, options) {
      const { openInProcess } = await import('./open-in-process.ts');
      return openInProcess(engine, bytes, options);
    },
    close: async () => {},
  };
}

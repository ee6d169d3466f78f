import type { Engine } from '../engine/engine.ts';
import { abilitiesOf } from './abilities.ts';
import type { ExecutorSource } from './executor.ts';

export interface InProcessSourceOptions {
  /** Bytes that a net may take; half of the machine's memory where absent. */
  readonly memory?: number | undefined;
  /** Ends windows that are not done soon after. */
  readonly signal?: AbortSignal | undefined;
}

/** Executors in the calling thread on one engine. */
export function inProcess(engine: Engine, { memory, signal }: InProcessSourceOptions = {}): ExecutorSource {
  return {
    name: engine.name,
    abilities: abilitiesOf(engine),
    async open(bytes, options) {
      const { openInProcess } = await import('./open-in-process.ts');
      return openInProcess(engine, bytes, { memory, ...options }, signal);
    },
    close: async () => {},
  };
}

import type { Engine } from '../engine.ts';
import { abilitiesOf } from './abilities.ts';
import type { ExecutorSource, OpenOptions } from './executor.ts';
import type { InProcessExecutor } from './in-process.ts';

export interface InProcessSourceOptions {
  /** Bytes that a net may take; 2 GiB where absent. */
  readonly memory?: number | undefined;
  /** Ends windows that are not done soon after. */
  readonly signal?: AbortSignal | undefined;
}

/** Opens executors that give answers without a promise, too. */
export interface InProcessSource extends ExecutorSource {
  open(model: Uint8Array, options?: OpenOptions): Promise<InProcessExecutor>;
}

/** Executors in the calling thread on one engine. */
export function inProcess(engine: Engine, { memory, signal }: InProcessSourceOptions = {}): InProcessSource {
  return {
    name: engine.name,
    abilities: abilitiesOf(engine),
    async open(bytes, options) {
      const { openInProcess } = await import('./open-in-process.ts');
      return openInProcess(engine, bytes, { ...options, memory: options?.memory ?? memory }, signal);
    },
    close: async () => {},
  };
}

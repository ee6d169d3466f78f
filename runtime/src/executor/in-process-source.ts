import {
  type InProcessSource,
  type InProcessSourceOptions,
  inProcess as inThisThread,
} from '@spikewire/engine/executor';
import type { Engine } from '@spikewire/engine/network';
import { memoryOfMachine } from '../memory-limit.ts';

/**
 * Executors in the calling thread on one engine. Without a limit of memory, a net may take half of the memory of the
 * machine.
 */
export function inProcess(engine: Engine, { memory, signal }: InProcessSourceOptions = {}): InProcessSource {
  return inThisThread(engine, { memory: memory ?? memoryOfMachine(), signal });
}

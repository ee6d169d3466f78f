import type { MemoryPlan } from './memory.ts';
import type { Stream } from './program.ts';

/**
 * Lists that somebody outside the kernels reads, as these see them: how many, then of each its descriptor and how many
 * steps back.
 */
export function planWatchedLists(memory: MemoryPlan, streams: readonly Stream[]): number {
  return memory.int32([streams.length, ...streams.flatMap(({ list, delay }) => [list.descriptor, delay])]);
}

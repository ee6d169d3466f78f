import type { MemoryPlan, MemoryViews } from './memory.ts';
import type { Stream } from './program.ts';

/** Lists that somebody outside the kernels reads, as these see them: how many, then of each its descriptor and how many steps back. */
export function planWatchedLists(memory: MemoryPlan, streams: readonly Stream[]): number {
  return memory.int32([streams.length, ...streams.flatMap(({ list, delay }) => [list.descriptor, delay])]);
}

/** Whether there is anything in one of the watched lists; `runtime/kernels/event-list.ts` has the same. */
export function isAnyFilled({ int32 }: MemoryViews, watched: number): boolean {
  const first = watched / 4 + 1;
  for (let at = first; at < first + 2 * int32[watched / 4]!; at += 2) {
    const list = int32[at]! / 4;
    const back = int32[list]! - int32[at + 1]!;
    const slot = back < 0 ? back + int32[list + 1]! : back;
    if (int32[(int32[list + 3]! + slot * int32[list + 2]!) / 4]! > 0) return true;
  }
  return false;
}

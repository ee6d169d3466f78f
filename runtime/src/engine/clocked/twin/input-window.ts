import type { InputOperands } from '../instructions.ts';
import type { MemoryViews } from '../memory.ts';
import { Emissions } from './arrivals.ts';

/** Words of the descriptor of a window. */
const [STEPS, NODES, INDICES, VALUES, TABLE, INPUTS] = [0, 1, 2, 3, 4, 5];
const [EVENTS, PLACE, NEXT_EVENT, NEXT_STEP] = [6, 7, 8, 9];
const [ELSEWHERE, NOWHERE] = [-2, -1];

/** Whether the window is one of spikes for one Input node, all as they should be; remembers that for `takeInput`. */
export function openWindow(memory: MemoryViews, window: number, events: number, steps: number): boolean {
  const words = memory.int32.subarray(window / 4, window / 4 + NEXT_STEP + 1);
  words.set([events, events < 0 ? ELSEWHERE : NOWHERE, 0, 0], EVENTS);
  if (events <= 0) return events === 0;
  const plain = isPlain(memory, words, steps);
  words[PLACE] = plain ? memory.int32[words[NODES]! / 4]! : ELSEWHERE;
  return plain;
}

function isPlain({ int32, float64 }: MemoryViews, words: Int32Array, steps: number): boolean {
  const column = (address: number) => int32.subarray(address / 4, address / 4 + words[EVENTS]!);
  const [step, node, index] = [column(words[STEPS]!), column(words[NODES]!), column(words[INDICES]!)];
  const place = node[0]!;
  const entry = Array.from({ length: words[INPUTS]! }, (_, k) => words[TABLE]! / 4 + 4 * k).find(
    (at) => int32[at] === place,
  );
  if (entry === undefined) return false;
  const size = int32[entry + 1]!;
  const spike = float64[entry / 2 + 1]!;
  const values = words[VALUES]! / 8;
  let [lastStep, lastIndex] = [0, -1];
  for (let k = 0; k < step.length; k++) {
    const [now, element] = [step[k]!, index[k]!];
    if (node[k] !== place || float64[values + k] !== spike) return false;
    if (now < lastStep || now >= steps || element < 0 || element >= size) return false;
    if (now === lastStep && element <= lastIndex) return false;
    [lastStep, lastIndex] = [now, element];
  }
  return true;
}

/** What comes to an Input node in the next step of a window. */
export function takeInput(memory: MemoryViews, { window, place, list }: InputOperands): () => void {
  const words = memory.int32.subarray(window / 4, window / 4 + NEXT_STEP + 1);
  const emissions = new Emissions(memory, memory.int32, list, false);
  return () => {
    if (words[PLACE] === ELSEWHERE) return;
    emissions.open();
    if (words[PLACE] === place) {
      const [step, index] = [words[STEPS]! / 4, words[INDICES]! / 4];
      const now = words[NEXT_STEP]!++;
      for (; words[NEXT_EVENT]! < words[EVENTS]!; words[NEXT_EVENT]!++) {
        const k = words[NEXT_EVENT]!;
        if (memory.int32[step + k] !== now) break;
        emissions.push(memory.int32[index + k]!, 1);
      }
    }
    emissions.close();
  };
}

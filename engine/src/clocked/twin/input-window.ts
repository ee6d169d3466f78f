import type { InputOperands } from '../kernels/instructions.ts';
import { inputEntry, windowField } from '../kernels/kernel-constants.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { Emissions } from './arrivals.ts';

/** Words of the descriptor of a window. */
const word = (field: keyof typeof windowField) => windowField[field] / 4;
const [STEPS, NODES, INDICES, VALUES] = [word('steps'), word('nodes'), word('indices'), word('values')];
const [TABLE, INPUTS, EVENTS] = [word('table'), word('inputs'), word('events')];
const [IS_TAKEN, NEXT_EVENT, STEP] = [word('isTaken'), word('nextEvent'), word('step')];

/**
 * Whether the piece of a window that begins with step `first` is one of spikes, all as they should be; remembers that
 * for `takeInput`.
 */
export function openWindow(memory: MemoryViews, window: number, events: number, first: number, steps: number): boolean {
  const words = memory.int32.subarray(window / 4, window / 4 + STEP + 1);
  words.set([events, 0, 0, first - 1], EVENTS);
  const plain = events >= 0 && isPlain(memory, words, first, steps);
  words[IS_TAKEN] = Number(plain);
  return plain;
}

function isPlain({ int32, float64 }: MemoryViews, words: Int32Array, first: number, steps: number): boolean {
  const column = (address: number) => int32.subarray(address / 4, address / 4 + words[EVENTS]!);
  const [step, node, index] = [column(words[STEPS]!), column(words[NODES]!), column(words[INDICES]!)];
  const values = words[VALUES]! / 8;
  const entries = Array.from({ length: words[INPUTS]! }, (_, k) => words[TABLE]! + inputEntry.end * k);
  let [lastStep, lastInput, lastIndex] = [first, -1, -1];
  for (let k = 0; k < step.length; k++) {
    const [now, input, element] = [step[k]!, node[k]!, index[k]!];
    const entry = entries.find((at) => int32[(at + inputEntry.input) / 4] === input);
    if (entry === undefined || float64[values + k] !== float64[(entry + inputEntry.spike) / 8]) return false;
    if (now < lastStep || now >= steps || element < 0 || element >= int32[(entry + inputEntry.size) / 4]!) return false;
    const isLater = now > lastStep || input > lastInput || (input === lastInput && element > lastIndex);
    if (!isLater) return false;
    [lastStep, lastInput, lastIndex] = [now, input, element];
  }
  return true;
}

/** What comes to an Input node in the next step of a window; the first node of the table is the first of a step. */
export function takeInput(memory: MemoryViews, { window, input, list }: InputOperands): () => void {
  const words = memory.int32.subarray(window / 4, window / 4 + STEP + 1);
  const emissions = new Emissions(memory, memory.int32, list, false);
  return () => {
    if (words[IS_TAKEN] === 0) return;
    if (memory.int32[words[TABLE]! / 4] === input) words[STEP]!++;
    const [step, node, index] = [words[STEPS]! / 4, words[NODES]! / 4, words[INDICES]! / 4];
    emissions.open();
    for (; words[NEXT_EVENT]! < words[EVENTS]!; words[NEXT_EVENT]!++) {
      const k = words[NEXT_EVENT]!;
      if (memory.int32[step + k] !== words[STEP] || memory.int32[node + k] !== input) break;
      emissions.push(memory.int32[index + k]!, 1);
    }
    emissions.close();
  };
}

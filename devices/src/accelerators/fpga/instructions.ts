import { COUNT_BITS, INSTRUCTION_WORDS, learnBits, learnWords, opcodes } from './core-description.ts';
import type { Stretch } from './stretch.ts';

/** Word 0 of an instruction, and its other words by number; those that are absent are 0. */
export type Instruction = readonly [first: number, words: Readonly<Record<number, number>>];

/** Most words that one copy instruction moves; even, so that the next piece begins at an even word. */
const MOST_COPIED = 2 ** COUNT_BITS - 2;

export function instructionWords([first, words]: Instruction): number[] {
  return Array.from({ length: INSTRUCTION_WORDS }, (_, k) => (k === 0 ? first : (words[k] ?? 0)));
}

/** Copies words of the memory to other ones, of which the first is even, in pieces that an instruction can count. */
export function copyInstructions(from: Stretch, to: number): Instruction[] {
  const instructions: Instruction[] = [];
  for (let done = 0; done < from.length; done += MOST_COPIED) {
    instructions.push([
      opcodes.copy | (1 << learnBits.everyone),
      {
        [learnWords.outer]: Math.min(MOST_COPIED, from.length - done),
        [learnWords.weights]: from.at + done,
        [learnWords.traces]: to + done,
      },
    ]);
  }
  return instructions;
}

/** A program that copies, and nothing else. */
export function copyProgram(from: Stretch, to: number): Uint16Array {
  const end: Instruction = [opcodes.end, {}];
  return Uint16Array.from([...copyInstructions(from, to), end].flatMap(instructionWords));
}

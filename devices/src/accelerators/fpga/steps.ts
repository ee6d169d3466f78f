import { requests } from './frame-types.ts';
import { bytesOf, bytesOfWords, joined, type Request, wordsOfBytes } from './requests.ts';

/** Where a step has its input and its output in the core: words from an address on. */
export interface StepPlace {
  readonly input: WordRange;
  readonly output: WordRange;
  /** Whether the output is a bitmap, which may come as events. */
  readonly outputIsBits: boolean;
}

export interface WordRange {
  readonly address: number;
  /** 0 or more. */
  readonly words: number;
}

/** The input of a step: all of its words, and whether it is a bitmap, which may go as events. */
export interface StepInput {
  readonly words: Uint16Array;
  readonly isBits: boolean;
}

const WORDS = 0xff;
const MOST_GAPS = 254;
const FULL_GAP = 255;
export const MOST_STEPS = 255;
export const RUN_HEADER_BYTES = 12;

/** A step's input as it goes in a frame, in the shorter form. */
export function encodeStep({ words, isBits }: StepInput): Uint8Array {
  if (words.length === 0) return new Uint8Array(0);
  const gaps = isBits ? gapsOf(words) : undefined;
  if (gaps === undefined || gaps.length >= 2 * words.length) return joined(Uint8Array.of(WORDS), bytesOfWords(words));
  return Uint8Array.of(gaps.length, ...gaps);
}

/** The zeros before each 1 of a bitmap, 255 for 255 of them; undefined where these are too many for the form. */
function gapsOf(words: Uint16Array): number[] | undefined {
  const gaps: number[] = [];
  let zeros = 0;
  for (const word of words) {
    if (word === 0) {
      zeros += 16;
      continue;
    }
    for (let bit = 0; bit < 16; bit++) {
      if (((word >> bit) & 1) === 0) {
        zeros++;
        continue;
      }
      for (; zeros >= FULL_GAP; zeros -= FULL_GAP) gaps.push(FULL_GAP);
      gaps.push(zeros);
      zeros = 0;
      if (gaps.length > MOST_GAPS) return undefined;
    }
  }
  return gaps;
}

/** A request for steps, 1 to 255, each encoded by `encodeStep`. */
export function run({ input, output, outputIsBits }: StepPlace, steps: readonly Uint8Array[]): Request {
  const places = [input, output].map(({ address, words }) => bytesOf([address, 3], [words, 2]));
  return {
    type: requests.run,
    payload: joined(...places, Uint8Array.of(outputIsBits ? 1 : 0, steps.length), ...steps),
  };
}

/** Most bytes that the output of a step takes in an answer. */
export function longestOutput({ output }: StepPlace): number {
  return output.words === 0 ? 0 : 1 + 2 * output.words;
}

/** The outputs of steps, in words; undefined where the payload is not of that form. */
export function readOutputs({ output }: StepPlace, steps: number, payload: Uint8Array): Uint16Array[] | undefined {
  const outputs: Uint16Array[] = [];
  let at = 0;
  for (let step = 0; step < steps; step++) {
    if (output.words === 0) {
      outputs.push(new Uint16Array(0));
      continue;
    }
    const form = payload[at++];
    const bytes = form === WORDS ? 2 * output.words : form;
    if (bytes === undefined || at + bytes > payload.length) return undefined;
    const part = payload.subarray(at, at + bytes);
    const words = form === WORDS ? wordsOfBytes(part) : wordsOfGaps(part, output.words);
    if (words === undefined) return undefined;
    outputs.push(words);
    at += bytes;
  }
  return at === payload.length ? outputs : undefined;
}

function wordsOfGaps(gaps: Uint8Array, length: number): Uint16Array | undefined {
  const words = new Uint16Array(length);
  let position = -1;
  for (const gap of gaps) {
    position += gap === FULL_GAP ? FULL_GAP : gap + 1;
    if (gap === FULL_GAP) continue;
    if (position >= 16 * length) return undefined;
    words[position >> 4]! |= 1 << (position & 15);
  }
  return words;
}

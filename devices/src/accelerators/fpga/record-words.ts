import type { CorePopulation } from './core-image.ts';
import type { PopulationState } from './integer-shadow.ts';

const WRAP = 2 ** 32;

/** Takes the state of a population out of words of the memory from `start` on, all but what has saturated. */
export function takeState(place: CorePopulation, state: PopulationState, words: Uint16Array, start: number): void {
  for (const [values, word, bits] of fieldsOf(place, state)) {
    for (let n = 0; n < place.neurons; n++) {
      const at = place.at + n * place.length + word - start;
      const low = words[at]!;
      values[n] = bits === 32 ? low | (words[at + 1]! << 16) : bits === 16 ? (low << 16) >> 16 : low;
    }
  }
}

/** The reverse; nothing has saturated since. */
export function putState(place: CorePopulation, state: PopulationState, words: Uint16Array, start: number): void {
  for (const [values, word, bits] of fieldsOf(place, state)) {
    for (let n = 0; n < place.neurons; n++) {
      const at = place.at + n * place.length + word - start;
      words[at] = values[n]!;
      if (bits === 32) words[at + 1] = values[n]! >> 16;
    }
  }
  for (const at of place.saturated) words.fill(0, at - start, at - start + 2);
}

/** How often numbers were held at the [upper, lower] end, as the core has counted. */
export function saturatedIn({ saturated }: CorePopulation, words: Uint16Array, start: number): [number, number] {
  const count = (at: number) => words[at - start]! + 0x1_0000 * words[at - start + 1]!;
  return [count(saturated[0]), count(saturated[1])];
}

/** By how much a counter of 32 bits that wraps has grown. */
export function grown(now: number, before: number): number {
  return (now - before + WRAP) % WRAP;
}

/** Values, their word in a record, and their bits; 0 for a whole word without a sign. */
function* fieldsOf(
  { state: { membrane, current, refractory, bits } }: CorePopulation,
  { v, i, refractory: resting }: PopulationState,
): Generator<[Float64Array, number, 32 | 16 | 0]> {
  yield [v, membrane, bits];
  if (current !== undefined) yield [i!, current, bits];
  if (refractory !== undefined) yield [resting!, refractory, 0];
}

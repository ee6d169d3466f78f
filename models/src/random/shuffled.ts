import type { RandomGenerator } from './generator.ts';

/** Indices 0 … count − 1 in an order by chance (Fisher and Yates). */
export function shuffledIndices(count: number, random: RandomGenerator): Uint32Array {
  const indices = Uint32Array.from({ length: count }, (_, k) => k);
  for (let k = count - 1; k > 0; k--) {
    const other = random.nextInteger(k + 1);
    const kept = indices[k]!;
    indices[k] = indices[other]!;
    indices[other] = kept;
  }
  return indices;
}

/** The same items in an order by chance. */
export function shuffled<Item>(items: readonly Item[], random: RandomGenerator): Item[] {
  return Array.from(shuffledIndices(items.length, random), (index) => items[index]!);
}

/** One letter may be wrong in a word of three letters, two in a word of six, and so on. */
const LETTERS_A_MISTAKE = 3;

/**
 * The word that somebody most likely meant: the one that is fewest mistakes away, where that is at most one for every
 * three letters of the longer of the two. Undefined where there is none.
 */
export function nearestWord(typed: string, words: readonly string[]): string | undefined {
  const distances = words.map((word) => mistakesBetween(typed, word));
  const nearest = distances.indexOf(Math.min(...distances));
  const word = words[nearest];
  if (word === undefined) return undefined;
  const letters = Math.max(typed.length, word.length);
  return distances[nearest]! <= letters / LETTERS_A_MISTAKE ? word : undefined;
}

/**
 * Letters to insert, remove, replace or swap with the next one to come from one word to the other (optimal string
 * alignment).
 */
function mistakesBetween(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, replaced, swapped));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

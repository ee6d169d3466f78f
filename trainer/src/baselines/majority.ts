/**
 * Share of right answers of whoever always names the most frequent class.
 *
 * @param labels 0, 1, …, at least one; below 0 of none of the classes
 */
export function majorityOf(labels: Iterable<number>): number {
  const counts = new Map<number, number>();
  let total = 0;
  for (const label of labels) {
    total++;
    if (label >= 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values()) / total;
}

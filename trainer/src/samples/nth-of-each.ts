/** How many of the same label stand in front of each. */
export function nthOfEach<Label>(labels: Iterable<Label>): number[] {
  const seen = new Map<Label, number>();
  return Array.from(labels, (label) => {
    const nth = seen.get(label) ?? 0;
    seen.set(label, nth + 1);
    return nth;
  });
}

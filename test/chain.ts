/** The edges of nodes in a row: from each to the next. */
export function chain(...names: readonly string[]): [from: string, to: string][] {
  return names.slice(1).map((name, k) => [names[k]!, name]);
}

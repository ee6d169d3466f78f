/** For sorting names: numbers in them by their value, the rest by its letters, so that "2" comes before "10". */
export function inNaturalOrder(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

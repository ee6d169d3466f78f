/** A value as an error shows it: short. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  // No more of a text is looked at than is shown.
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : String(value);
  return text.length > 64 ? `${text.slice(0, 63)}…` : text;
}

/** What the head of a C header says of an Output: the type of its numbers, and what one is worth, both in C. */
export function outputIn(header: string, index: number): { readonly type: string; readonly unit: string } {
  const type = new RegExp(`(\\w+) \\*out${index}\\b`).exec(header)![1]!;
  const [, unit = '1'] = new RegExp(`out${index}: .* whole numbers of (\\S+) each`).exec(header) ?? [];
  return { type, unit: /[.e]/.test(unit) ? unit : `${unit}.0` };
}

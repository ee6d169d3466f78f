const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const LONGEST = 40;

/** Words of switches and contacts. */
const SWITCHED: Readonly<Record<string, number>> = { on: 1, off: 0, true: 1, false: 0 };

/** What devices send in place of a number that they do not know. */
const UNKNOWN: ReadonlySet<unknown> = new Set(['', 'nan', 'null', 'none', 'unknown', 'unavailable']);

/** The finite number that a JSON value stands for: itself, as decimal text, true or ON for 1, false or OFF for 0. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  const number = typeof value === 'string' ? fromText(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function fromText(text: string): number | undefined {
  if (text.length > LONGEST) return undefined;
  const word = text.trim().toLowerCase();
  if (Object.hasOwn(SWITCHED, word)) return SWITCHED[word];
  return DECIMAL.test(word) ? Number(word) : undefined;
}

/** Whether a value says that nobody knows the number: nothing, null, or a word such as `nan` or `unavailable`. */
export function isAbsent(value: unknown): boolean {
  if (typeof value !== 'string') return value === undefined || value === null;
  return value.length <= LONGEST && UNKNOWN.has(value.trim().toLowerCase());
}

/** What a number may be; any that is finite where nothing is said. */
export interface NumberBounds {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly whole?: boolean | undefined;
}

/** The number that a person has written; throws what `wrong` makes of the words for what was expected. */
export function numberInText(text: string, bounds: NumberBounds, wrong: (expected: string) => Error): number {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY, whole = false } = bounds;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  const isWithin = Number.isFinite(number) && number >= minimum && number <= maximum;
  if (isWithin && (!whole || Number.isInteger(number))) return number;
  const from = Number.isFinite(minimum) ? ` from ${minimum}` : '';
  const to = Number.isFinite(maximum) ? ` to ${maximum}` : '';
  throw wrong(`${whole ? 'a whole number' : 'a number'}${from}${to}`);
}

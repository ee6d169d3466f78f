/** What a number may be; any that is finite where nothing is said. */
export interface NumberBounds {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly whole?: boolean | undefined;
}

/** Whether it is a finite number within the bounds. */
export function isWithin(number: unknown, bounds: NumberBounds): number is number {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY, whole = false } = bounds;
  if (typeof number !== 'number' || !Number.isFinite(number)) return false;
  return number >= minimum && number <= maximum && (!whole || Number.isInteger(number));
}

/** What is expected of a number, for errors. */
export function describeBounds({ minimum, maximum, whole = false }: NumberBounds): string {
  const end = (word: string, bound = Number.NaN) => (Number.isFinite(bound) ? ` ${word} ${bound}` : '');
  if (whole && minimum !== undefined && maximum === minimum + 1) return `${minimum} or ${maximum}`;
  return `${whole ? 'a whole number' : 'a number'}${end('from', minimum)}${end('to', maximum)}`;
}

/** The number that a person has written; throws what `wrong` makes of the words for what was expected. */
export function numberInText(text: string, bounds: NumberBounds, wrong: (expected: string) => Error): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (isWithin(number, bounds)) return number;
  throw wrong(describeBounds(bounds));
}

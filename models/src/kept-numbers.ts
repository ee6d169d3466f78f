import { SpikewireError } from './error.ts';
import type { TensorData } from './tensor.ts';

/** What one number of a saved state may be. */
export interface NumberRange {
  /** For messages: `a whole number from 0 to 7`. */
  readonly expected: string;
  has(value: number): boolean;
}

/** Reads what a state has saved of a view; the view itself where it has nothing. */
export type SavedNumbers = <View extends TensorData>(view: View) => View;

/** What numbers must be together, which none of them shows alone. */
interface Agreement {
  readonly expected: string;
  holds(saved: SavedNumbers): boolean;
}

/**
 * Numbers that change and are saved, with what each of them may be: a state may come from outside, and nothing behind
 * its reader asks again.
 */
export interface KeptNumbers<View extends TensorData = TensorData> {
  /** A view, not a copy. */
  readonly view: View;
  /** Of number k. */
  rangeOf(k: number): NumberRange;
  readonly agreement?: Agreement;
  /** What each number is in a state of an earlier build, which lacks them; absent: no state may lack them. */
  readonly lacking?: number;
  /** Whether a model keeps them in 16 bits (coding/decoders/rounded-numbers.ts), which is enough for them. */
  readonly rounded?: boolean;
  /** Numbers that a model leaves these out for where they are the same; undefined where it must not. */
  readonly sameAs?: () => View | undefined;
}

/** Everything that changes in something, by name. */
export type KeptState<View extends TensorData = TensorData> = Readonly<Record<string, KeptNumbers<View>>>;

/** Where counts stop, one more being the same number: so what a net saves of them is always taken. */
const MOST_COUNTED = 2 ** 53;

/** Whatever the array can hold. */
export const anything: NumberRange = { expected: 'any number', has: () => true };

/** A whole number within its ends. */
export function whole(from = 0, to = MOST_COUNTED): NumberRange {
  return {
    expected: to === MOST_COUNTED ? `a whole number from ${from}` : `a whole number from ${from} to ${to}`,
    has: (value) => Number.isInteger(value) && value >= from && value <= to,
  };
}

/** A finite number within its ends; Infinity too where that is one of them. */
export function real(from = -Number.MAX_VALUE, to = Number.MAX_VALUE): NumberRange {
  const [isOpenBelow, isOpenAbove] = [from === -Number.MAX_VALUE, to === Number.MAX_VALUE];
  const least = isOpenBelow ? '' : ` from ${from}`;
  const most = isOpenAbove ? '' : ` to ${to}`;
  return {
    expected: `a ${isOpenAbove ? 'finite ' : ''}number${least}${most}`,
    has: (value) => value >= from && value <= to,
  };
}

/** The largest number of float32, in which most model files have weights. */
export const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** NaN, for what is not known yet, or a number of the range. */
export function unknownOr({ expected, has }: NumberRange): NumberRange {
  return { expected: `NaN or ${expected}`, has: (value) => Number.isNaN(value) || has(value) };
}

export const flag: NumberRange = { expected: '0 or 1', has: (value) => value === 0 || value === 1 };

/** Numbers of these ranges, in their order; the last is that of all that follow. */
export function kept<View extends TensorData>(view: View, ...ranges: readonly NumberRange[]): KeptNumbers<View> {
  return { view, rangeOf: (k) => ranges[Math.min(k, ranges.length - 1)]! };
}

/** The same numbers, which must also agree with each other, or with other views. */
export function agreeing<View extends TensorData>(
  numbers: KeptNumbers<View>,
  expected: string,
  holds: Agreement['holds'],
): KeptNumbers<View> {
  return { ...numbers, agreement: { expected, holds } };
}

/** Under names that begin with the prefix and a dot. */
export function prefixed<Numbers>(
  prefix: string,
  state: Readonly<Record<string, Numbers>>,
): Readonly<Record<string, Numbers>> {
  return Object.fromEntries(Object.entries(state).map(([name, numbers]) => [`${prefix}.${name}`, numbers]));
}

/** Bytes of the numbers. */
export function bytesOf(state: KeptState): number {
  return Object.values(state).reduce((sum, { view }) => sum + view.byteLength, 0);
}

/** The views alone. */
export function viewsOf<State extends KeptState>(
  state: State,
): { readonly [Name in keyof State]: State[Name]['view'] } {
  const views = Object.entries(state).map(([name, { view }]) => [name, view]);
  return Object.fromEntries(views);
}

/** Returns what `run` returns, and leaves all numbers of the states as they were before. */
export function leaving<Result>(states: readonly KeptState[], run: () => Result): Result {
  const views = states.flatMap((state) => Object.values(state).map(({ view }) => view));
  const before = views.map((view) => view.slice());
  try {
    return run();
  } finally {
    for (const [k, view] of views.entries()) view.set(before[k]!);
  }
}

/** Numbers that a state has saved, for a view of the same type and length. */
export interface SavedPart {
  /** For messages: `state "features.in.0.filled"`. */
  readonly where: string;
  readonly numbers: KeptNumbers;
  readonly saved: TensorData;
}

/** The first of the saved numbers that may not be what it is, as an error; undefined where all may. */
export function misfitOf(
  parts: readonly SavedPart[],
  error = (where: string, problem: string, expected: string) => new SpikewireError('store', where, problem, expected),
): SpikewireError | undefined {
  const savedOf = new Map(parts.map(({ numbers: { view }, saved }) => [view, saved]));
  const read = <View extends TensorData>(view: View) => (savedOf.get(view) ?? view) as View;
  for (const { where, numbers, saved } of parts) {
    const bad = saved.findIndex((value: number, k: number) => !numbers.rangeOf(k).has(value));
    if (bad >= 0) return error(where, `has ${saved[bad]} at ${bad}`, numbers.rangeOf(bad).expected);
  }
  for (const { where, numbers } of parts) {
    if (numbers.agreement?.holds(read) === false) {
      return error(where, 'does not agree with the numbers beside it', numbers.agreement.expected);
    }
  }
  return undefined;
}

/** Throws `store` where one of the numbers is not within the range. */
export function expectWithin(where: string, saved: TensorData, range: NumberRange): void {
  const misfit = misfitOf([{ where, numbers: kept(saved, range), saved }]);
  if (misfit !== undefined) throw misfit;
}

import type { Value } from '../../wire.ts';
import { numberText } from '../text/number-text.ts';

/** So many of the lowest and of the highest values of a line, as a share of all, may lie beyond the axis. */
const OUTERMOST = 1 / 32;
/** Of fewer values all belong on the axis. */
const FEW = 8;
/** Farther from the others than so many times their range, a value would leave them no more than a flat line. */
const FAR = 20;
/** How far beyond the axis what lies beyond is drawn: a line to it leaves the picture. */
const OUT = 0.1;
/** Room below and above the values. */
const ROOM = 0.08;
/** No axis reaches farther, so that its length is a number too. */
const MOST = 5e307;
/** Shorter axes, also in relation to their values, are those of a constant. */
const LEAST = 1e-300;
const LEAST_SHARE = 1e-12;
/** Longer numbers are written with an exponent, where this is shorter. */
const LONG = 7;

type Range = readonly [low: number, high: number];

/** A mark of an axis: where it is, from 0 at the lower end to 1 at the upper, and what stands there. */
export interface Mark {
  readonly place: number;
  readonly text: string;
}

/**
 * The vertical axis for the values of some lines. A few that are far from all others, such as those of a sensor that
 * failed, lie beyond it, lest all others become a flat line. The newest value of each line never does.
 */
export class ValueAxis {
  readonly from: number;
  readonly to: number;
  /** What lies beyond, for people; empty where nothing does. */
  readonly beyond: string;

  /** @param fromZero whether it begins at 0, for what cannot be negative */
  constructor(lines: readonly (readonly Value[])[], fromZero: boolean) {
    const numbers = lines.map((line) => line.filter((value): value is number => Number.isFinite(value)));
    const all = numbers.flat();
    const shown = within(all, fence(numbers, fromZero));
    const [low, high] = rangeOf(shown.length > 0 ? shown : [0, 1]).map(bounded) as [number, number];
    const bottom = fromZero ? 0 : low;
    const room = isConstant(bottom, high) ? constantRoom(high) : ROOM * (high - bottom);
    [this.from, this.to] = [fromZero ? 0 : bottom - room, high + room];
    const [lowest, highest] = rangeOf(all);
    const below = lowest < this.from ? `down to ${numberText(lowest)}` : '';
    const above = highest > this.to ? `up to ${numberText(highest)}` : '';
    this.beyond = [below, above].filter((text) => text !== '').join(', ');
  }

  /** Where a value is drawn, from 0 at the lower end to 1 at the upper; null for none. */
  place(value: Value): Value {
    if (value === null || !Number.isFinite(value)) return null;
    const place = (bounded(value) - this.from) / (this.to - this.from);
    return Math.max(-OUT, Math.min(1 + OUT, place));
  }

  /** Marks at round numbers, as many as there can be; at most so many, of which there must be two. */
  marks(most: number): Mark[] {
    for (let exponent = exponentOf((this.to - this.from) / most) - 1; ; exponent++) {
      for (const factor of [1, 2, 5]) {
        const distance = factor * 10 ** exponent;
        const ticks = ticksEvery(distance, this.from, this.to);
        if (ticks.length > most) continue;
        const texts = textsOf(ticks, exponent);
        return ticks.map((tick, k) => ({ place: this.place(tick)!, text: texts[k]! }));
      }
    }
  }
}

/** The multiples of a distance within a range, in order. */
export function ticksEvery(distance: number, from: number, to: number): number[] {
  const first = Math.ceil(from / distance);
  const count = Math.max(0, Math.floor(to / distance) - first + 1);
  return Array.from({ length: count }, (_, k) => (first + k) * distance + 0); // no -0
}

/** What a value must lie within to be on the axis. */
function fence(lines: readonly (readonly number[])[], fromZero: boolean): Range {
  const ends = lines.filter(({ length }) => length > 0).flatMap((line) => [...usualRange(line), line.at(-1)!]);
  const [low, high] = rangeOf(fromZero ? [0, ...ends] : ends);
  const far = high > low ? FAR * (high - low) : Number.POSITIVE_INFINITY;
  return [low - far, high + far];
}

/** The range of a line without its outermost values. */
function usualRange(line: readonly number[]): Range {
  const sorted = Float64Array.from(line).sort();
  const left = sorted.length < FEW ? 0 : Math.max(1, Math.floor(OUTERMOST * sorted.length));
  return [sorted[left]!, sorted[sorted.length - 1 - left]!];
}

function within(values: readonly number[], [low, high]: Range): number[] {
  return values.filter((value) => value >= low && value <= high);
}

function rangeOf(values: readonly number[]): Range {
  return [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
}

function bounded(value: number): number {
  return Math.max(-MOST, Math.min(MOST, value));
}

function isConstant(low: number, high: number): boolean {
  return high - low <= Math.max(LEAST, LEAST_SHARE * Math.max(Math.abs(low), Math.abs(high)));
}

/** A constant lies in the middle. */
function constantRoom(value: number): number {
  const room = 0.05 * Math.abs(value);
  return room > LEAST ? room : 1;
}

/** Of the power of ten that is not above a number. */
function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

/** @param exponent of the last digit that differs */
function textsOf(ticks: readonly number[], exponent: number): string[] {
  const decimals = Math.max(0, -exponent);
  const scientific = ticks.map((tick) => scientificText(tick, exponent));
  if (decimals > LONG) return scientific;
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const plain = ticks.map((tick) => tick.toLocaleString('en', digits));
  return longest(plain) <= Math.max(LONG, longest(scientific)) ? plain : scientific;
}

function scientificText(tick: number, exponent: number): string {
  if (tick === 0) return '0';
  return tick.toExponential(Math.max(0, exponentOf(tick) - exponent)).replace('e+', 'e');
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length));
}

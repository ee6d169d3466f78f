import type { Value } from '../../wire.ts';

const NONE = '–';

/** A number in about four digits, as far as they are worth showing; a dash for none. */
export function numberText(value: Value | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return NONE;
  }
  const size = Math.abs(value);
  if (size >= 1e12) {
    return value.toExponential(1);
  }
  if (size >= 1000 || Number.isInteger(value)) {
    return Math.round(value).toLocaleString('en');
  }
  if (size < 0.001) {
    return value.toExponential(1);
  }
  return value.toFixed(size >= 100 ? 1 : size >= 1 ? 2 : 3);
}

export function readingsText(count: number): string {
  return count === 1 ? '1 reading' : `${numberText(count)} readings`;
}

/** A share in percent, or what is said where there is none. */
export function percentText(share: number | null, none = NONE): string {
  return share === null ? none : `${(100 * share).toFixed(share === 1 ? 0 : 1)} %`;
}

/** A number with its unit if it has one, or that there is none yet. */
export function withUnit(value: Value | undefined, unit?: string): string {
  const text = numberText(value);
  if (text === NONE) return 'none yet';
  return unit === undefined ? text : `${text} ${unit}`;
}

/** The newest score beside the limit above which it is unusual. */
export function scoreText(score: Value | undefined, limit: Value | undefined): string {
  const [of, at] = [numberText(score), numberText(limit)];
  return of === NONE ? `none yet, limit ${at}` : `${of}, limit ${at}`;
}

/** A time in µs up to 10,000 of them, then in ms up to 10,000, then in s; a dash for none. */
export function durationText(microseconds: Value | undefined): string {
  if (microseconds === null || microseconds === undefined || microseconds < 10_000) {
    return `${numberText(microseconds)} µs`;
  }
  return microseconds < 1e7 ? `${numberText(microseconds / 1e3)} ms` : `${numberText(microseconds / 1e6)} s`;
}

/** How long something takes yet, in two digits. */
export function restText(seconds: number): string {
  const [size, unit] = seconds < 120 ? [1, 's'] : seconds < 7200 ? [60, 'min'] : [3600, 'h'];
  return `${Number((seconds / size).toPrecision(2))} ${unit}`;
}

/** Bytes in the largest decimal unit below them. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) {
    return `${Math.round(bytes)} B`;
  }
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** How long ago something was, in the largest unit that fits. */
export function agoText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 2) {
    return 'just now';
  }
  if (seconds < 120) {
    return `${seconds} s ago`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) {
    return `${minutes} min ago`;
  }
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}

/** Milliseconds in words of two digits: `40 s`, `5 min`, `3.5 h`. */
export function durationOf(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const [size, unit] = seconds < 120 ? [1, 's'] : seconds < 7200 ? [60, 'min'] : [3600, 'h'];
  return `${Number((seconds / size).toPrecision(2))} ${unit}`;
}

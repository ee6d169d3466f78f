/** Seconds in words, rounded up: `40 s`, `5 min`, `3 h`. */
export function shortDuration(seconds: number): string {
  const [size, unit] = seconds <= 90 ? [1, 's'] : seconds <= 5400 ? [60, 'min'] : [3600, 'h'];
  return `${Math.ceil(seconds / size)} ${unit}`;
}

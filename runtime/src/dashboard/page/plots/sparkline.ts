/** Points of a polyline in a square of 100, from values of 0 (lowest) to 99. */
export function sparkline(course: readonly number[]): string {
  const step = 100 / Math.max(1, course.length - 1);
  return course.map((value, k) => `${Math.round(k * step)},${99 - value}`).join(' ');
}

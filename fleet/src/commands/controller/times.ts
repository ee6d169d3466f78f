/** A time of the controller, for people. */
export function timeText(time: number | null): string {
  return time === null ? 'never' : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The window that starts at `offset`, or −1 where none does. */
export function windowAt(offset: number, stride: number, count: number): number {
  if (offset < 0 || offset % stride !== 0) return -1;
  const window = offset / stride;
  return window < count ? window : -1;
}

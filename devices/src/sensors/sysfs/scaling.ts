/** What makes a value of a number of the kernel: (raw + offset) · scale, of which `divisor` are one of the channel's unit. */
export interface Scaling {
  readonly offset: number;
  readonly scale: number;
  readonly divisor: number;
}

/** In the channel's unit. */
export function scaled(raw: number, { offset, scale, divisor }: Scaling): number {
  return ((raw + offset) * scale) / divisor;
}

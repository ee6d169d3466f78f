/** What makes a value of the kernel's number: (raw + offset) · scale / divisor, in the channel's unit. */
export interface Scaling {
  readonly offset: number;
  readonly scale: number;
  readonly divisor: number;
}

/** In the channel's unit. */
export function scaled(raw: number, { offset, scale, divisor }: Scaling): number {
  return ((raw + offset) * scale) / divisor;
}

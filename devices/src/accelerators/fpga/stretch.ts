/** Words of a memory of the core that lie together. */
export interface Stretch {
  readonly at: number;
  /** Words. */
  readonly length: number;
}

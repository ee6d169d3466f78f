/**
 * A score of how unusual a reading is, that spikewire is compared with: one reading in, one score out, bounded memory.
 */
export interface AnomalyScore {
  /** Of the reading after those before; 0 or less where it has no say yet. */
  scoreOf(values: ArrayLike<number>): number;
}

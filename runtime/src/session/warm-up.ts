/** A warm-up is as long as it is declared where it is over within this time, in milliseconds. */
const PATIENCE_MS = 3_600_000;
/**
 * Where it is not, so many readings are enough: after fewer more spikes are missed (test/bench/RESULTS.md, "warm-up").
 */
const LEAST_READINGS = 200;

/**
 * Share of a warm-up of `of` readings that is enough: 1, that for as many readings as were asked for, or, where one
 * comes in so many milliseconds (NaN: not known) that it would take hours, what comes within the first.
 */
export function enoughOf(of: number, interval: number, asked = Math.max(LEAST_READINGS, PATIENCE_MS / interval)) {
  return asked < of ? asked / of : 1;
}

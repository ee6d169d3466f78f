/** Beyond this a spike is never: steps are exact to 2^53. */
const NEVER = 2 ** 52;

/**
 * The first whole k ≥ 1 at which a membrane is above its threshold, when it is there from some k on: a guess from the closed form is
 * corrected by what the engine will compute, so that rounding cannot make a spike come early or late.
 */
export function firstStep(guess: number, isAbove: (k: number) => boolean): number {
  let k = Math.max(1, Math.min(Math.floor(guess), NEVER));
  if (isAbove(k)) {
    while (k > 1 && isAbove(k - 1)) k--;
    return k;
  }
  let below = k;
  for (let stride = 1; !isAbove(k); stride *= 2) {
    if (k >= NEVER) return Number.POSITIVE_INFINITY;
    below = k;
    k += stride;
  }
  return bisect(below, k, isAbove);
}

/** The first whole k above `below` at which `isAbove`, which holds at `above` and does not at `below`. */
export function bisect(below: number, above: number, isAbove: (k: number) => boolean): number {
  let [low, high] = [below, above];
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (isAbove(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** A root of `f`, continuous, f(below) ≤ 0 < f(above): false position (Illinois), with bisection where that is slow. */
export function root(below: number, above: number, f: (t: number) => number): number {
  let [low, high] = [below, above];
  let [atLow, atHigh] = [f(low), f(high)];
  for (let round = 0; round < 200 && high - low > 1e-15 * Math.max(1, high); round++) {
    const line = high - (atHigh * (high - low)) / (atHigh - atLow);
    const middle = round % 3 === 2 || !(line > low && line < high) ? (low + high) / 2 : line;
    const value = f(middle);
    if (value > 0) {
      [high, atHigh] = [middle, value];
      atLow /= 2;
    } else {
      [low, atLow] = [middle, value];
      atHigh /= 2;
    }
  }
  return high;
}

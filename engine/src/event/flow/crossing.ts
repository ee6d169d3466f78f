/** Beyond this a spike is never: steps are exact to 2^53. */
const NEVER = 2 ** 52;

/**
 * The first whole k ≥ 1 at which a membrane is above its threshold, when it is there from some k on: a guess from the
 * closed form is corrected by what the engine will compute, so that rounding cannot make a spike come early or late.
 */
export function firstStep(guess: number, isAbove: (k: number) => boolean): number {
  const start = Number.isNaN(guess) ? 1 : Math.max(1, Math.min(Math.floor(guess), NEVER));
  return isAbove(start) ? firstUpTo(start, isAbove) : firstBeyond(start, isAbove);
}

/**
 * The same for a membrane that turns at `extremum` (not a number, or not above 0, where it does not), and at 1 is below
 * its threshold: what it is up to there is looked at first, and what comes after only where it ends above.
 */
export function firstStepOver(extremum: number, endsAbove: boolean, isAbove: (k: number) => boolean): number {
  let from = 1;
  if (extremum > 1 && extremum < Number.POSITIVE_INFINITY) {
    const before = Math.floor(extremum);
    if (isAbove(before)) return bisect(1, before, isAbove);
    from = before + 1;
  }
  if (isAbove(from)) return from;
  return endsAbove ? firstStep(from, isAbove) : Number.POSITIVE_INFINITY;
}

/** Seeks down from `above`, at which `isAbove`, in strides that double. */
function firstUpTo(above: number, isAbove: (k: number) => boolean): number {
  let high = above;
  for (let stride = 1; high > 1; stride *= 2) {
    const low = Math.max(1, high - stride);
    if (!isAbove(low)) return bisect(low, high, isAbove);
    high = low;
  }
  return high;
}

/** Seeks up from `below`, at which not `isAbove`, in strides that double. */
function firstBeyond(below: number, isAbove: (k: number) => boolean): number {
  let low = below;
  for (let stride = 1; low < NEVER; stride *= 2) {
    const high = low + stride;
    if (isAbove(high)) return bisect(low, high, isAbove);
    low = high;
  }
  return Number.POSITIVE_INFINITY;
}

/** The first whole k above `below` at which `isAbove`, which holds at `above` and does not at `below`. */
function bisect(below: number, above: number, isAbove: (k: number) => boolean): number {
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

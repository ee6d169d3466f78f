/** 97.5 % quantile of the normal distribution. */
const Z = 1.96;
const MOST = 100_000;

/** The 95 % interval of a share that was found in `n` independent trials (Wilson 1927). */
export function wilson(share: number, n: number): { readonly low: number; readonly high: number } {
  const scale = 1 + Z ** 2 / n;
  const middle = (share + Z ** 2 / (2 * n)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Trials after which that interval of such a share is no wider than `width`. */
export function trialsFor(share: number, width: number): number {
  let [too, enough] = [0, MOST];
  while (enough - too > 1) {
    const n = (too + enough) >> 1;
    const { low, high } = wilson(share, n);
    if (high - low > width) too = n;
    else enough = n;
  }
  return enough;
}

/**
 * Means of vectors of which some may be malicious. All vectors have the same length, and there is at least one; the
 * result does not depend on their order, but for rounding.
 */
type Vectors = readonly Float64Array[];

/** Σ w_k·v_k / Σ w_k: FedAvg (McMahan et al. 2017, algorithm 1), where w_k are the samples of device k. */
export function weightedMean(vectors: Vectors, weights: ArrayLike<number>): Float64Array {
  const mean = new Float64Array(vectors[0]!.length);
  let total = 0;
  for (const [k, vector] of vectors.entries()) {
    total += weights[k]!;
    for (let i = 0; i < mean.length; i++) mean[i]! += weights[k]! * vector[i]!;
  }
  for (let i = 0; i < mean.length; i++) mean[i]! /= total;
  return mean;
}

const meanOf = (vectors: Vectors): Float64Array => weightedMean(vectors, new Float64Array(vectors.length).fill(1));

/**
 * The mean of v_k·min(1, c/‖v_k‖) with c the median of the norms (norms bounded as by Sun et al. 2019, Can You Really
 * Backdoor Federated Learning?, section 4): f of K vectors move it by at most f/K·c, as long as f < K/2.
 */
export function clippedMean(vectors: Vectors): Float64Array {
  const norms = vectors.map((vector) => Math.hypot(...chunkNorms(vector)));
  const most = medianOf(norms);
  return meanOf(vectors.map((vector, k) => (norms[k]! > most ? vector.map((v) => (v * most) / norms[k]!) : vector)));
}

/** Norms of pieces, whose norm is that of the whole: no square overflows, and no call has thousands of arguments. */
function chunkNorms(vector: Float64Array): number[] {
  return Array.from({ length: Math.ceil(vector.length / 64) }, (_, k) =>
    Math.hypot(...vector.subarray(64 * k, 64 * k + 64)),
  );
}

/** The median of each coordinate (Yin et al. 2018, definition 1). */
export function coordinateMedian(vectors: Vectors): Float64Array {
  return byCoordinate(vectors, (sorted) => middleOf(sorted));
}

/** The mean of each coordinate without its ⌊β·K⌋ largest and smallest of K (Yin et al. 2018, definition 2); β < ½. */
export function trimmedMean(vectors: Vectors, beta: number): Float64Array {
  const cut = Math.floor(beta * vectors.length);
  return byCoordinate(vectors, (sorted) => {
    let sum = 0;
    for (let k = cut; k < sorted.length - cut; k++) sum += sorted[k]!;
    return sum / (sorted.length - 2 * cut);
  });
}

function byCoordinate(vectors: Vectors, ofSorted: (sorted: Float64Array) => number): Float64Array {
  const column = new Float64Array(vectors.length);
  return vectors[0]!.map((_, i) => {
    for (let k = 0; k < column.length; k++) column[k] = vectors[k]![i]!;
    return ofSorted(column.sort());
  });
}

/**
 * Indices of the K − f vectors of K with the lowest sum of squared distances to their K − f − 2 nearest (multi-Krum:
 * Blanchard et al. 2017, section 4, with m = K − f), ascending; of fewer than 2f + 3 vectors nothing is promised.
 */
export function krumChoice(vectors: Vectors, malicious: number): number[] {
  const count = vectors.length;
  const nearest = Math.max(1, count - malicious - 2);
  const scores = vectors.map((vector, k) => {
    const others = vectors.filter((_, j) => j !== k).map((other) => squaredDistance(vector, other));
    return others
      .sort((a, b) => a - b)
      .slice(0, nearest)
      .reduce((sum, distance) => sum + distance, 0);
  });
  const order = scores.map((_, k) => k).sort((a, b) => scores[a]! - scores[b]!);
  return order.slice(0, Math.max(1, count - malicious)).sort((a, b) => a - b);
}

/** The mean of those that multi-Krum chooses. */
export function multiKrum(vectors: Vectors, malicious: number): Float64Array {
  return meanOf(krumChoice(vectors, malicious).map((k) => vectors[k]!));
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

/** The median; of an even number of values the mean of the middle two. */
export function medianOf(values: ArrayLike<number>): number {
  return middleOf(Float64Array.from(values).sort());
}

function middleOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : sorted[middle - 1]! / 2 + sorted[middle]! / 2;
}

/**
 * Overlapping Gaussian receptive fields over a value x on [0, 1] (Bohte, Kok and La Poutré 2002, SpikeProp, section 4):
 * field i = 1 … m, m ≥ 3, has its centre at (2i − 3)/2 / (m − 2) and the width σ = 1/(γ·(m − 2)); the first and the
 * last centre lie half a spacing outside.
 */
export interface ReceptiveFields {
  readonly centres: Float64Array;
  readonly width: number;
}

export function receptiveFields(count: number, gamma: number): ReceptiveFields {
  return {
    centres: Float64Array.from({ length: count }, (_, i) => (2 * (i + 1) - 3) / 2 / (count - 2)),
    width: 1 / (gamma * (count - 2)),
  };
}

/** e^(−(x − c)²/2σ²), the answer of field `i`, 0 … 1. */
export function fieldResponse({ centres, width }: ReceptiveFields, i: number, x: number): number {
  const distance = (x - centres[i]!) / width;
  return Math.exp((-distance * distance) / 2);
}

/**
 * The centres' mean weighted with the responses from `first` on, the value they stand for; NaN where all fields are
 * silent.
 */
export function fieldCentre(
  { centres }: Pick<ReceptiveFields, 'centres'>,
  responses: ArrayLike<number>,
  first = 0,
): number {
  let weighted = 0;
  let total = 0;
  for (let i = 0; i < centres.length; i++) {
    weighted += responses[first + i]! * centres[i]!;
    total += responses[first + i]!;
  }
  return weighted / total;
}

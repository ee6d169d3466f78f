import type { Factors } from './recursive-least-squares.ts';

type Triangles = Pick<Factors, 'upper' | 'diagonal'>;

/**
 * A = P⁻¹ of P = U·D·Uᵀ, the information of the samples so far: A = L·D⁻¹·Lᵀ with L = U⁻ᵀ (Bierman 1977, Factorization
 * Methods for Discrete Sequential Estimation). Row-major [n, n], in float64; n³/2 multiplications.
 */
export function informationOf({ upper, diagonal }: Triangles): Float64Array {
  const n = diagonal.length;
  const lower = transposedInverse(upper, n);
  const information = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k <= j; k++) sum += (lower[i * n + k]! * lower[j * n + k]!) / diagonal[k]!;
      information[i * n + j] = sum;
      information[j * n + i] = sum;
    }
  }
  return information;
}

/** L = U⁻ᵀ, unit lower triangular, row-major: row i follows from Uᵀ·L = 1. */
function transposedInverse(upper: Float32Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    lower[i * n + i] = 1;
    const column = (i * (i - 1)) / 2;
    for (let k = 0; k < i; k++) {
      const u = upper[column + k]!;
      for (let j = 0; j <= k; j++) lower[i * n + j]! -= u * lower[k * n + j]!;
    }
  }
  return lower;
}

/**
 * A = L·Δ·Lᵀ of a symmetric matrix, in its place: L below the diagonal, Δ on it. False where A is not positive definite
 * within rounding.
 */
export function factorInformation(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const largest = a[i * n + i]!;
    for (let j = 0; j < i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = sum; // times Δ_j, until the row is complete
    }
    let rest = largest;
    for (let j = 0; j < i; j++) {
      const scaled = a[i * n + j]!;
      a[i * n + j] = scaled / a[j * n + j]!;
      rest -= scaled * a[i * n + j]!;
    }
    if (!(rest > n * Number.EPSILON * largest)) return false;
    a[i * n + i] = rest;
  }
  return true;
}

/** Solves L·Δ·Lᵀ·x = b in the place of b. */
export function solveFactored(a: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let i = 0; i < n; i++) for (let k = 0; k < i; k++) b[i]! -= a[i * n + k]! * b[k]!;
  for (let i = 0; i < n; i++) b[i]! /= a[i * n + i]!;
  for (let i = n - 1; i >= 0; i--) for (let k = i + 1; k < n; k++) b[i]! -= a[k * n + i]! * b[k]!;
}

/** Writes U and D of P = (L·Δ·Lᵀ)⁻¹: U = L⁻ᵀ, D = Δ⁻¹. */
export function writeFactors(a: Float64Array, { upper, diagonal }: Triangles): void {
  const n = diagonal.length;
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    inverse[i * n + i] = 1;
    diagonal[i] = 1 / a[i * n + i]!;
    for (let k = 0; k < i; k++) {
      const own = a[i * n + k]!;
      for (let j = 0; j <= k; j++) inverse[i * n + j]! -= own * inverse[k * n + j]!;
    }
    for (let j = 0; j < i; j++) upper[(i * (i - 1)) / 2 + j] = inverse[i * n + j]!;
  }
}

/**
 * Solves S·X = B for a symmetric, positive definite S [size, size] and B [size, columns], both row-major and
 * overwritten: S with its Cholesky factor L (S = L·Lᵀ, lower triangle), B with X. Returns false, B undefined, if S is
 * not positive definite within rounding.
 */
export function solvePositiveDefinite(s: Float64Array, b: Float64Array, size: number, columns: number): boolean {
  if (!factorise(s, size)) return false;
  for (let column = 0; column < columns; column++) {
    for (let i = 0; i < size; i++) {
      let sum = b[i * columns + column]!;
      for (let k = 0; k < i; k++) sum -= s[i * size + k]! * b[k * columns + column]!;
      b[i * columns + column] = sum / s[i * size + i]!;
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = b[i * columns + column]!;
      for (let k = i + 1; k < size; k++) sum -= s[k * size + i]! * b[k * columns + column]!;
      b[i * columns + column] = sum / s[i * size + i]!;
    }
  }
  return true;
}

function factorise(s: Float64Array, size: number): boolean {
  for (let row = 0; row < size; row++) {
    const diagonal = s[row * size + row]!;
    for (let column = 0; column <= row; column++) {
      let sum = s[row * size + column]!;
      for (let k = 0; k < column; k++) sum -= s[row * size + k]! * s[column * size + k]!;
      if (column < row) s[row * size + column] = sum / s[column * size + column]!;
      else if (sum > size * Number.EPSILON * diagonal) s[row * size + row] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

/** Numbers of the upper triangle of a symmetric matrix. */
export const triangleSize = (inputs: number): number => (inputs * (inputs + 1)) / 2;

/** Where row i of the upper triangle has column j ≥ i: at this plus j. */
export const rowOf = (i: number, inputs: number): number => i * inputs - (i * (i + 1)) / 2;

/** A symmetric matrix, row-major, of its upper triangle by rows. */
export function wholeOf(
  triangle: Float64Array,
  inputs: number,
  whole: Float64Array = new Float64Array(inputs ** 2),
): Float64Array {
  for (let i = 0, k = 0; i < inputs; i++) {
    for (let j = i; j < inputs; j++, k++) {
      whole[i * inputs + j] = triangle[k]!;
      whole[j * inputs + i] = triangle[k]!;
    }
  }
  return whole;
}

/** The upper triangle by rows of a symmetric matrix. */
export function triangleOf(whole: Float64Array, inputs: number): Float64Array {
  const triangle = new Float64Array(triangleSize(inputs));
  for (let i = 0, k = 0; i < inputs; i++) for (let j = i; j < inputs; j++, k++) triangle[k] = whole[i * inputs + j]!;
  return triangle;
}

/** A·X of a symmetric A as its upper triangle and X [inputs, columns] by rows. */
export function timesTriangle(
  triangle: Float64Array,
  x: Float64Array,
  inputs: number,
  columns: number,
  product: Float64Array = new Float64Array(inputs * columns),
): Float64Array {
  product.fill(0);
  for (let i = 0, k = 0; i < inputs; i++) {
    const own = i * columns;
    for (let c = 0; c < columns; c++) product[own + c]! += triangle[k]! * x[own + c]!;
    k++;
    for (let j = i + 1, other = own + columns; j < inputs; j++, k++, other += columns) {
      const a = triangle[k]!;
      for (let c = 0; c < columns; c++) {
        product[own + c]! += a * x[other + c]!;
        product[other + c]! += a * x[own + c]!;
      }
    }
  }
  return product;
}

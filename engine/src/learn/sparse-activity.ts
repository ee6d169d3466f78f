/**
 * What was not silent in one step: elements and their values, indices ascending, each at most once. A spike is the
 * value 1. The arrays are as long as the population and reused in every step; the first `length` entries count.
 */
export interface SparseActivity {
  length: number;
  readonly index: Int32Array;
  readonly value: Float64Array | Float32Array | Int32Array;
}

export function sparseActivity(size: number): SparseActivity {
  return { length: 0, index: new Int32Array(size), value: new Float64Array(size) };
}

/** Takes the non-zero elements of a dense vector. */
export function collectActive(dense: ArrayLike<number>, active: SparseActivity): void {
  let length = 0;
  for (let i = 0; i < dense.length; i++) {
    if (dense[i] === 0) continue;
    active.index[length] = i;
    active.value[length] = dense[i]!;
    length++;
  }
  active.length = length;
}

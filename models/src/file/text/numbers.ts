import { candidates, describe } from '../../printable.ts';
import { elementCount, type Shape, scalar, type Tensor } from '../../tensor.ts';
import type { Place } from './place.ts';

/** A bound on the rank, for lists that contain themselves. */
const MAXIMUM_RANK = 16;

/** The tensors that a document may refer to as `{"tensor": "name"}`; each must be used, and once. */
export class TensorSource {
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #unused: Set<string>;

  constructor(tensors: ReadonlyMap<string, Tensor>) {
    this.#tensors = tensors;
    this.#unused = new Set(tensors.keys());
  }

  /** Names of the tensors that nothing referred to so far. */
  get unused(): ReadonlySet<string> {
    return this.#unused;
  }

  take(place: Place): Tensor {
    const reference = place.object(['tensor']).get('tensor');
    if (reference === undefined) return place.fail('is an empty object', 'numbers or {"tensor": "name"}');
    const name = reference.text();
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) return reference.fail(`is ${describe(name)}`, candidates(this.#unused));
    if (!this.#unused.delete(name))
      reference.fail(`is ${describe(name)}, which was used before`, 'one use of each tensor');
    return tensor;
  }
}

/** Reads numbers: one (shape `[]`), nested lists of equal lengths (float64), or a reference to a tensor. */
export function parseTensor(place: Place, tensors: TensorSource): Tensor {
  const { value } = place;
  if (typeof value === 'number') return scalar(place.number());
  if (!Array.isArray(value)) {
    if (typeof value === 'object' && value !== null) return tensors.take(place);
    return place.fail(`is ${describe(value)}`, 'a number, nested lists of numbers, or {"tensor": "name"}');
  }
  const shape = shapeOf(value, place);
  checkRectangular(value, shape, 0, place, '');
  const data = new Float64Array(elementCount(shape));
  let end = 0;
  (function fill(row: readonly unknown[], axis: number): void {
    for (const item of row) {
      if (axis === shape.length - 1) data[end++] = item as number;
      else fill(item as readonly unknown[], axis + 1);
    }
  })(value, 0);
  return { shape, data };
}

/** The shape that the first of each row claims. */
function shapeOf(value: readonly unknown[], place: Place): Shape {
  const shape: number[] = [];
  for (let row: unknown = value; Array.isArray(row); row = row[0]) {
    if (shape.push(row.length) > MAXIMUM_RANK) place.fail('is nested too deeply', `at most ${MAXIMUM_RANK} dimensions`);
  }
  return shape;
}

function checkRectangular(row: readonly unknown[], shape: Shape, axis: number, place: Place, indices: string): void {
  if (row.length !== shape[axis]) {
    place.at(indices).fail(`has ${row.length} values`, `${shape[axis]}, as in the first row`);
  }
  for (let index = 0; index < row.length; index++) {
    const item = row[index];
    if (axis < shape.length - 1) {
      const inner = `${indices}[${index}]`;
      if (!Array.isArray(item)) place.at(inner).fail(`is ${describe(item)}`, `a list of ${shape[axis + 1]} values`);
      checkRectangular(item as readonly unknown[], shape, axis + 1, place, inner);
    } else if (typeof item !== 'number' || !Number.isFinite(item)) {
      place.at(`${indices}[${index}]`).fail(`is ${describe(item)}`, 'a finite number');
    }
  }
}

import { SpikewireError } from '../error.ts';
import { triangleSize } from './triangle.ts';

/**
 * What a device sends of its lessons: sums over samples x, x₀ = 1, with one-hot labels y. They are all that least
 * squares needs: sums of devices add up, and W = (A + ridge·I)⁻¹·b is what one device with all samples would have
 * learned.
 */
export interface Sums {
  readonly inputs: number;
  readonly classes: number;
  /** n, whole. */
  readonly samples: number;
  /** Upper triangle of A = Σ x·xᵀ, by rows; inputs·(inputs + 1)/2. */
  readonly products: Float64Array;
  /** b = Σ x·yᵀ, by rows; inputs × classes. */
  readonly targets: Float64Array;
}

/** Sums that grow lesson by lesson; inputs²/2 multiplications each. */
export class SumsOf {
  readonly #products: Float64Array;
  readonly #targets: Float64Array;
  readonly #inputs: number;
  readonly #classes: number;
  #samples = 0;

  constructor(inputs: number, classes: number) {
    this.#inputs = inputs;
    this.#classes = classes;
    this.#products = new Float64Array(triangleSize(inputs));
    this.#targets = new Float64Array(inputs * classes);
  }

  /** Adds a sample, x₀ = 1, of the class with index `label`. Throws `input` where it does not fit. */
  add(x: Float64Array, label: number): void {
    if (x.length !== this.#inputs || x[0] !== 1 || !x.every(Number.isFinite)) {
      throw new SpikewireError('input', 'sums', 'a sample does not fit', `${this.#inputs} finite numbers, first 1`);
    }
    if (!Number.isInteger(label) || label < 0 || label >= this.#classes) {
      throw new SpikewireError('input', 'sums', `class ${label} does not exist`, `0 to ${this.#classes - 1}`);
    }
    for (let i = 0, k = 0; i < x.length; i++) {
      for (let j = i; j < x.length; j++, k++) this.#products[k]! += x[i]! * x[j]!;
      this.#targets[i * this.#classes + label]! += x[i]!;
    }
    this.#samples++;
  }

  /** The sums so far; views of the numbers that go on growing. */
  get sums(): Sums {
    return {
      inputs: this.#inputs,
      classes: this.#classes,
      samples: this.#samples,
      products: this.#products,
      targets: this.#targets,
    };
  }
}

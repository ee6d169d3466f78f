import type { Tensor } from '../../tensor.ts';

/** Numbers that have one unit. */
const BLOCK = 64;
const LARGEST = 2 ** 15 - 1;

/** Numbers in 16 bits: each is the whole number at its place times the unit of its block of 64. */
export interface RoundedNumbers {
  readonly numbers: Tensor;
  readonly units: Tensor;
}

/** Block floating point (Wilkinson 1963): the largest of each block is 32,767 units of float32. */
export function roundedNumbers(values: Float32Array): RoundedNumbers {
  const numbers = new Int16Array(values.length);
  const units = new Float32Array(unitsOf(values.length));
  for (let b = 0; b < units.length; b++) {
    const block = values.subarray(b * BLOCK, (b + 1) * BLOCK);
    const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    units[b] = largest / LARGEST;
    // Of a unit that float32 has rounded down, the largest would be one more than there is room for.
    if (units[b]! > 0)
      numbers.set(
        block.map((value) => held(Math.round(value / units[b]!))),
        b * BLOCK,
      );
  }
  return { numbers: { shape: [numbers.length], data: numbers }, units: { shape: [units.length], data: units } };
}

/** Units of so many numbers. */
export function unitsOf(numbers: number): number {
  return Math.ceil(numbers / BLOCK);
}

/** Writes what was rounded into the first of `values`. */
export function writeRounded({ numbers, units }: RoundedNumbers, values: Float32Array): void {
  for (let k = 0; k < numbers.data.length; k++) values[k] = numbers.data[k]! * units.data[Math.floor(k / BLOCK)]!;
}

function held(whole: number): number {
  return Math.max(-LARGEST, Math.min(LARGEST, whole));
}

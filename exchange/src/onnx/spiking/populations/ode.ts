import type { Semantics } from '@spikewire/models';
import type { Formulas } from '../step/formulas.ts';

/** The slopes of state variables at their values. */
export type Slopes = (at: readonly string[]) => readonly string[];

/** States of nonlinear models stay within ±10⁶ (docs/semantics.md §1). */
const LARGEST = 1e6;

/**
 * State variables after a step of `dt`, in the unit of the slopes, with a constant input: forward Euler, or
 * Runge–Kutta of order 4.
 */
export function advanced(
  formulas: Formulas,
  slopes: Slopes,
  start: readonly string[],
  dt: number,
  integrate: Semantics['integrate'],
): string[] {
  const { onnx } = formulas;
  const moved = (slope: readonly string[], time: number) => {
    const factor = onnx.scalar(time);
    return start.map((value, k) => formulas.add(value, formulas.multiply(factor, slope[k]!)));
  };
  const held = (value: string) => formulas.smaller(formulas.larger(value, onnx.scalar(-LARGEST)), onnx.scalar(LARGEST));
  const first = slopes(start);
  if (integrate === 'euler') return moved(first, dt).map(held);
  const second = slopes(moved(first, dt / 2));
  const third = slopes(moved(second, dt / 2));
  const fourth = slopes(moved(third, dt));
  const two = onnx.scalar(2);
  const mean = first.map((slope, k) => {
    const middle = formulas.multiply(two, formulas.add(second[k]!, third[k]!));
    return formulas.sum([slope, middle, fourth[k]!]);
  });
  return moved(mean, dt / 6).map(held);
}

import { exp } from '../exponential.ts';
import type { Semantics } from '../graph/semantics.ts';

/**
 * The slopes of the state variables of neuron `i`: `at` has the variables and, last, what arrives; `slope` takes one
 * number per variable. Numbers are handed over in arrays, because numbers that functions return are allocated.
 */
export type Slopes = (i: number, at: Float64Array, slope: Float64Array) => void;

/**
 * A state that stays a number within ±10⁶, whatever arrives and however long a step is: far beyond what any of these
 * models reaches in its units. Literals, because a number that comes from a name is allocated.
 */
function clamp(x: number): number {
  if (x < -1e6) return -1e6;
  // Not Math.min, which would hand on what is not a number.
  if (!(x < 1e6)) return 1e6;
  return x;
}

/** Brings the variables of neuron `i` in `at` from the beginning of a step to its end. */
export type Advance = (i: number, at: Float64Array) => void;

/** A way to go forward, and the arrays that it works with. */
export interface Advancing {
  readonly advance: Advance;
  readonly constants: readonly Float64Array[];
}

/**
 * One step of `dt`, in the unit of the slopes, with a constant input, for so many `variables`: forward Euler, or
 * Runge–Kutta of order
 * 4. Allocates nothing in a step.
 */
export function advanceBy(slopes: Slopes, variables: number, dt: number, integrate: Semantics['integrate']): Advancing {
  const slope = new Float64Array(variables);
  if (integrate === 'euler') {
    const advance: Advance = (i, at) => {
      slopes(i, at, slope);
      for (let k = 0; k < variables; k++) at[k] = clamp(at[k]! + dt * slope[k]!);
    };
    return { advance, constants: [slope] };
  }
  /** Where the second stage and those after it lie in the step, and the weight of each stage in the mean slope. */
  const increments = Float64Array.of(dt / 2, dt / 2, dt);
  const weights = Float64Array.of(dt / 6, dt / 3, dt / 3, dt / 6);
  const [start, end] = [new Float64Array(variables), new Float64Array(variables)];
  const advance: Advance = (i, at) => {
    for (let k = 0; k < variables; k++) {
      start[k] = at[k]!;
      end[k] = at[k]!;
    }
    for (let stage = 0; stage < 4; stage++) {
      slopes(i, at, slope);
      for (let k = 0; k < variables; k++) {
        end[k]! += weights[stage]! * slope[k]!;
        if (stage < 3) at[k] = start[k]! + increments[stage]! * slope[k]!;
      }
    }
    for (let k = 0; k < variables; k++) at[k] = clamp(end[k]!);
  };
  return { advance, constants: [slope, increments, weights, start, end] };
}

/** What a step leaves of x under τ dx/dt = −x: 1 − dt/τ by forward Euler, else e^(−dt/τ). */
export function decayOf(tau: Float64Array, { dt, integrate }: Semantics): Float64Array {
  return tau.map((seconds) => (integrate === 'euler' ? 1 - dt / seconds : exp(-dt / seconds)));
}

import type { Shape } from '@spikewire/models';
import { filled } from '../graph/operations/elementwise.ts';
import { hold, joinOverTime, splitOverTime } from '../graph/operations/time.ts';
import type { Value } from '../graph/operations/value.ts';

/**
 * What a node emits over the steps of a sample: one value [batch, …] that stays, or one per step. The steps stand apart
 * or as the rows of one value [steps·batch, …], whichever the next node asks for; both are made once.
 */
export class Signal {
  readonly steps: number;
  readonly #held: Value | undefined;
  #rows: Value | undefined;
  #parts: readonly Value[] | undefined;

  private constructor(steps: number, held?: Value, rows?: Value, parts?: readonly Value[]) {
    this.steps = steps;
    this.#held = held;
    this.#rows = rows;
    this.#parts = parts;
  }

  /** The same value [batch, …] in every step. */
  static held(value: Value, steps: number): Signal {
    return new Signal(steps, value);
  }

  /** The rows [steps·batch, …] of all steps, one step after the other. */
  static ofRows(rows: Value, steps: number): Signal {
    return new Signal(steps, undefined, rows);
  }

  /** A value [batch, …] for each step. */
  static ofParts(parts: readonly Value[]): Signal {
    return new Signal(parts.length, undefined, undefined, parts);
  }

  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Of one step, without the batch. */
  get shape(): Shape {
    return (this.#held ?? this.#rows ?? this.#parts![0]!).shape.slice(1);
  }

  /** All rows: [batch, …] where it is held, otherwise [steps·batch, …]. */
  get rows(): Value {
    if (this.#held !== undefined) return this.#held;
    this.#rows ??= joinOverTime(this.#parts!);
    return this.#rows;
  }

  /** The value [batch, …] of each step. */
  get parts(): readonly Value[] {
    this.#parts ??= this.#held === undefined ? splitOverTime(this.#rows!, this.steps) : hold(this.#held, this.steps);
    return this.#parts;
  }

  /** Applies a function of single rows to all of them at once. */
  map(apply: (rows: Value) => Value): Signal {
    const rows = apply(this.rows);
    if (rows === this.rows) return this;
    return this.isHeld ? Signal.held(rows, this.steps) : Signal.ofRows(rows, this.steps);
  }

  /**
   * The same, step by step where the steps stand apart: what lies between is then one step large and stays in the
   * cache.
   */
  mapParts(apply: (part: Value) => Value): Signal {
    return this.isHeld || this.#parts === undefined ? this.map(apply) : Signal.ofParts(this.#parts.map(apply));
  }

  /** Applies a function of what a step brings, [batch, …], to every step. */
  mapSteps(apply: (step: Value) => Value): Signal {
    return this.isHeld ? Signal.held(apply(this.rows), this.steps) : Signal.ofParts(this.parts.map(apply));
  }
}

/** Nothing arrives: zeros [batch, …]. */
export function silence(batch: number, shape: Shape): Value {
  return filled([batch, ...shape], 0);
}

import { CELLS, type Course, GRID_BYTES, LONGEST, type Precision, StretchGrid } from './stretch-grid.ts';

/** What moves further than this over the longest stretch that holds is not next to a state of rest. */
const NEAR = 4;
/** Bytes of a table. */
export const TABLE_BYTES = GRID_BYTES + 2 * 16;

/** What is enough where differences fade, and what keeps the first spikes where each spike makes them grow tenfold. */
export const [COARSE, FINE]: readonly [Precision, Precision] = [
  { points: 6, tolerance: 3e-6 },
  { points: 10, tolerance: 1e-12 },
];

/** One neuron under a constant input, as the table asks for it. */
export interface PlanarNeuron {
  /** A step from (v, u): writes both and returns whether it spiked. */
  advance(state: Float64Array): boolean;
  /** What the table reaches over: lowest and highest v, lowest and highest u. */
  readonly box: readonly [number, number, number, number];
}

/**
 * The flow of a neuron with two state variables and no closed form, as numbers on a grid of states (the idea of EDLUT,
 * Ros, Carrillo, Ortigosa, Barbour and Agís 2006, Neural Computation 18:2959): where the kind's own equations take it
 * in 2, 4, 8, … steps without arrivals and without a spike. Where even the shortest stretch does not hold, as on the
 * way up to a spike, the caller makes steps. So a table makes no spikes and loses none.
 */
export class FlowTable {
  readonly #neuron: PlanarNeuron;
  readonly #tolerance: number;
  readonly #low: readonly [number, number];
  readonly #spacing: readonly [number, number];
  /** By how many rows and columns the state has moved. */
  readonly #grid: StretchGrid;
  readonly #trial = new Float64Array(2);

  constructor(neuron: PlanarNeuron, precision: Precision) {
    const [lowV, highV, lowU, highU] = neuron.box;
    this.#neuron = neuron;
    this.#tolerance = precision.tolerance;
    this.#low = [lowV, lowU];
    this.#spacing = [(highV - lowV) / CELLS, (highU - lowU) / CELLS];
    this.#grid = new StretchGrid(new PlanarCourse(neuron, this.#low, this.#spacing), precision);
  }

  /**
   * Steps from a state for which the table holds, in which no spike comes: 0 where it holds for none, Infinity where
   * the state rests.
   */
  quietSteps(state: Float64Array): number {
    const held = this.#grid.heldAt(this.#row(state), this.#column(state));
    if (held === 0) return 0;
    return this.#rests(state, held) ? Number.POSITIVE_INFINITY : 2 ** held;
  }

  /**
   * Brings a state forward by the longest stretch of at most `steps` that holds, and returns its steps; 0 where none
   * does.
   */
  forward(state: Float64Array, steps: number): number {
    if (steps < 2) return 0;
    const [grid, row, column] = [this.#grid, this.#row(state), this.#column(state)];
    const held = grid.heldAt(row, column);
    if (held === 0) return 0;
    const stretches = Math.min(held, 31 - Math.clz32(Math.min(steps, LONGEST)));
    grid.look(row, column, stretches);
    if (stretches === held && this.#isStill(grid.first, grid.second)) return steps;
    state[0]! += grid.first * this.#spacing[0];
    state[1]! += grid.second * this.#spacing[1];
    return 2 ** stretches;
  }

  #row(state: Float64Array): number {
    return (state[0]! - this.#low[0]) / this.#spacing[0];
  }

  #column(state: Float64Array): number {
    return (state[1]! - this.#low[1]) / this.#spacing[1];
  }

  /** Whether the longest stretch that holds leaves a state where it is. */
  #rests(state: Float64Array, held: number): boolean {
    const [grid, row, column] = [this.#grid, this.#row(state), this.#column(state)];
    // Next to a state that stays nothing goes far: one number tells nearly all others, a step most of the rest.
    if (Math.abs(grid.firstBelow(row, column, held)) > NEAR) return false;
    const trial = this.#trial;
    trial.set(state);
    this.#neuron.advance(trial);
    if (!this.#isStill(this.#row(trial) - row, this.#column(trial) - column)) return false;
    grid.look(row, column, held);
    return this.#isStill(grid.first, grid.second);
  }

  #isStill(rows: number, columns: number): boolean {
    return Math.abs(rows) < this.#tolerance && Math.abs(columns) < this.#tolerance;
  }
}

/** A neuron on its way from a point of the grid, and by how many rows and columns it has moved. */
class PlanarCourse implements Course {
  readonly #neuron: PlanarNeuron;
  readonly #low: readonly [number, number];
  readonly #spacing: readonly [number, number];
  readonly #way = new Float64Array(2);
  #row = 0;
  #column = 0;

  constructor(neuron: PlanarNeuron, low: readonly [number, number], spacing: readonly [number, number]) {
    this.#neuron = neuron;
    this.#low = low;
    this.#spacing = spacing;
  }

  get first(): number {
    return (this.#way[0]! - this.#low[0]) / this.#spacing[0] - this.#row;
  }

  get second(): number {
    return (this.#way[1]! - this.#low[1]) / this.#spacing[1] - this.#column;
  }

  begin(row: number, column: number): void {
    this.resume(row, column, 0, 0, 0);
  }

  resume(row: number, column: number, _steps: number, rows: number, columns: number): void {
    this.#row = row;
    this.#column = column;
    this.#way[0] = this.#low[0] + (row + rows) * this.#spacing[0];
    this.#way[1] = this.#low[1] + (column + columns) * this.#spacing[1];
  }

  advance(): boolean {
    return !this.#neuron.advance(this.#way);
  }
}

/** Places of the grid along the two state variables. */
const [ROWS, COLUMNS] = [128, 192];
const SIZE = ROWS * COLUMNS;
/**
 * For stretches of 2, 4, 8, … steps the grid has the state at their end; a step alone costs no more than a look at the
 * grid.
 */
const STRETCHES = 8;
/** Steps of the longest stretch. */
const LONGEST = 2 ** STRETCHES;
/** How far from the equations the grid may be in the middle between its places, in distances of places. */
const TOLERANCE = 3e-6;
/** What moves less than this over the longest stretch that holds, in distances of places, rests. */
const REST = 1e-6;
/** What moves further than this is not next to such a state. */
const NEAR = 4;
/** Of a cell that no neuron has come to. */
const UNKNOWN = 255;
/** Of a place from which a spike comes before the next stretch ends; added to how many end before it. */
const SPIKES = 128;
/** Bytes of a table. */
export const TABLE_BYTES = SIZE * (4 * 2 * STRETCHES + 2) + 4 * 16;

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
 * in 2, 4, 8, … steps without arrivals and without a spike. Between the places of the grid it is a cubic in both
 * variables. Each cell of the grid knows the longest stretch for which that holds, as it was tried in its middle; where
 * even the shortest does not, as on the way up to a spike, the caller makes steps. So a table makes no spikes and loses
 * none. Places are computed when a neuron first comes near them.
 */
export class FlowTable {
  readonly #neuron: PlanarNeuron;
  readonly #low: readonly [number, number];
  readonly #spacing: readonly [number, number];
  /** By place and stretch: by how many rows and columns the state has moved at its end. */
  readonly #moved = new Float32Array(2 * STRETCHES * SIZE);
  /** By place: for how many stretches it was followed. */
  readonly #followed = new Uint8Array(SIZE);
  /** By cell, named by its lower place: how many of the stretches hold. */
  readonly #held = new Uint8Array(SIZE).fill(UNKNOWN);
  /** By how many rows and columns the last `#look` found a state moved. */
  readonly #found = new Float64Array(2);
  readonly #middle = new Float64Array(2);
  /** A cell's middle on its way by the equations, and a place. */
  readonly #trial = new Float64Array(2);
  readonly #way = new Float64Array(2);

  constructor(neuron: PlanarNeuron) {
    const [lowV, highV, lowU, highU] = neuron.box;
    this.#neuron = neuron;
    this.#low = [lowV, lowU];
    this.#spacing = [(highV - lowV) / (ROWS - 1), (highU - lowU) / (COLUMNS - 1)];
  }

  /**
   * Steps from a state for which the table holds, in which no spike comes: 0 where it holds for none, Infinity where
   * the state rests.
   */
  quietSteps(state: Float64Array): number {
    const held = this.#heldAt(state);
    if (held === 0) return 0;
    return this.#rests(state, held) ? Number.POSITIVE_INFINITY : 2 ** held;
  }

  /**
   * Brings a state forward by the longest stretch of at most `steps` that holds, and returns its steps; 0 where none
   * does.
   */
  forward(state: Float64Array, steps: number): number {
    if (steps < 2) return 0;
    const held = this.#heldAt(state);
    if (held === 0) return 0;
    if (this.#rests(state, held)) return steps;
    const stretch = Math.min(held, 31 - Math.clz32(Math.min(steps, LONGEST)));
    this.#look(stretch - 1, state);
    state[0]! += this.#found[0]! * this.#spacing[0];
    state[1]! += this.#found[1]! * this.#spacing[1];
    return 2 ** stretch;
  }

  /** Whether the longest stretch that holds leaves a state where it is. */
  #rests(state: Float64Array, held: number): boolean {
    const row = Math.floor((state[0]! - this.#low[0]) / this.#spacing[0]);
    const column = Math.floor((state[1]! - this.#low[1]) / this.#spacing[1]);
    // Next to a state that stays nothing goes far: one number tells nearly all others.
    if (Math.abs(this.#moved[2 * ((row * COLUMNS + column) * STRETCHES + held - 1)]!) > NEAR) return false;
    this.#look(held - 1, state);
    return Math.abs(this.#found[0]!) < REST && Math.abs(this.#found[1]!) < REST;
  }

  /** How many stretches hold in the cell of a state; none outside the grid. */
  #heldAt(state: Float64Array): number {
    const row = Math.floor((state[0]! - this.#low[0]) / this.#spacing[0]);
    const column = Math.floor((state[1]! - this.#low[1]) / this.#spacing[1]);
    if (!(row > 0 && row < ROWS - 2 && column > 0 && column < COLUMNS - 2)) return 0;
    const cell = row * COLUMNS + column;
    if (this.#held[cell] === UNKNOWN) this.#held[cell] = this.#tried(row, column);
    return this.#held[cell]!;
  }

  /**
   * How many stretches hold in a cell: those that end before a spike from all places around it and come out right from
   * its middle.
   */
  #tried(row: number, column: number): number {
    this.#put(this.#middle, row + 0.5, column + 0.5);
    const trial = this.#trial;
    trial.set(this.#middle);
    for (let stretch = 0, step = 0; stretch < STRETCHES; stretch++) {
      for (let r = row - 1; r <= row + 2; r++) {
        for (let c = column - 1; c <= column + 2; c++) if (!this.#follow(r, c, stretch)) return stretch;
      }
      for (; step < 2 << stretch; step++) if (this.#neuron.advance(trial)) return stretch;
      this.#look(stretch, this.#middle);
      const offV = this.#found[0]! - (trial[0]! - this.#middle[0]!) / this.#spacing[0];
      const offU = this.#found[1]! - (trial[1]! - this.#middle[1]!) / this.#spacing[1];
      if (!(Math.abs(offV) < TOLERANCE && Math.abs(offU) < TOLERANCE)) return stretch;
    }
    return STRETCHES;
  }

  /**
   * Follows the way from a place to the end of a stretch, those before it being known; false where a spike comes
   * before.
   */
  #follow(row: number, column: number, stretch: number): boolean {
    const place = row * COLUMNS + column;
    if ((this.#followed[place]! & ~SPIKES) > stretch) return true;
    if (this.#followed[place]! >= SPIKES) return false;
    const at = 2 * (place * STRETCHES + stretch);
    const [v, u] = stretch === 0 ? [0, 0] : [this.#moved[at - 2]!, this.#moved[at - 1]!];
    this.#put(this.#way, row + v, column + u);
    for (let step = stretch === 0 ? 0 : 1 << stretch; step < 2 << stretch; step++) {
      if (!this.#neuron.advance(this.#way)) continue;
      this.#followed[place]! += SPIKES;
      return false;
    }
    this.#moved[at] = (this.#way[0]! - this.#low[0]) / this.#spacing[0] - row;
    this.#moved[at + 1] = (this.#way[1]! - this.#low[1]) / this.#spacing[1] - column;
    this.#followed[place]!++;
    return true;
  }

  #put(state: Float64Array, row: number, column: number): void {
    state[0] = this.#low[0] + row * this.#spacing[0];
    state[1] = this.#low[1] + column * this.#spacing[1];
  }

  /**
   * Writes to `#found` how far a state moves over a stretch: Lagrange's cubic through four places, along both
   * variables.
   */
  #look(stretch: number, state: Float64Array): void {
    const v = (state[0]! - this.#low[0]) / this.#spacing[0];
    const u = (state[1]! - this.#low[1]) / this.#spacing[1];
    const [row, column] = [Math.floor(v), Math.floor(u)];
    const x = v - row;
    const [x0, x3] = [(x * (x - 1) * (2 - x)) / 6, ((x + 1) * x * (x - 1)) / 6];
    const [x1, x2] = [((x + 1) * (x - 1) * (x - 2)) / 2, ((x + 1) * x * (2 - x)) / 2];
    const y = u - column;
    const [y0, y3] = [(y * (y - 1) * (2 - y)) / 6, ((y + 1) * y * (y - 1)) / 6];
    const [y1, y2] = [((y + 1) * (y - 1) * (y - 2)) / 2, ((y + 1) * y * (2 - y)) / 2];
    const moved = this.#moved;
    let [foundV, foundU] = [0, 0];
    for (let k = 0; k < 4; k++) {
      const at = 2 * (STRETCHES * ((row + k - 1) * COLUMNS + column - 1) + stretch);
      const weight = k === 0 ? x0 : k === 1 ? x1 : k === 2 ? x2 : x3;
      const [b, c, d] = [at + 2 * STRETCHES, at + 4 * STRETCHES, at + 6 * STRETCHES];
      foundV += weight * (y0 * moved[at]! + y1 * moved[b]! + y2 * moved[c]! + y3 * moved[d]!);
      foundU += weight * (y0 * moved[at + 1]! + y1 * moved[b + 1]! + y2 * moved[c + 1]! + y3 * moved[d + 1]!);
    }
    this.#found[0] = foundV;
    this.#found[1] = foundU;
  }
}

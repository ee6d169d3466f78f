/** Places of the grid along each of the two state variables. */
const SIDE = 112;
const SIZE = SIDE * SIDE;
/**
 * For stretches of 2, 4, 8, … steps the grid has the state at their end; a step alone costs no more than a look at the
 * grid.
 */
const STRETCHES = 8;
/** Steps of the longest stretch. */
const LONGEST = 2 ** STRETCHES;
/** What moves further than this over the longest stretch that holds is not next to a state of rest. */
const NEAR = 4;
/** Of a cell that no neuron has come to. */
const UNKNOWN = 255;
/** Of a place from which a spike comes before the next stretch ends; added to how many end before it. */
const SPIKES = 128;
/** Bytes of a table. */
export const TABLE_BYTES = SIZE * (8 * 2 * STRETCHES + 2) + 3 * 16;

/** How near to the equations a table is. */
export interface Precision {
  /** Places along each variable that a look goes through, even. */
  readonly points: number;
  /** How far from the equations the grid may be in the middle between its places, in distances of places. */
  readonly tolerance: number;
}

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
 * in 2, 4, 8, … steps without arrivals and without a spike. Between the places of the grid it is Lagrange's polynomial
 * in both variables. Each cell of the grid knows the longest stretch for which that holds, as it was tried in its middle; where
 * even the shortest does not, as on the way up to a spike, the caller makes steps. So a table makes no spikes and loses
 * none. Places are computed when a neuron first comes near them.
 */
export class FlowTable {
  readonly #neuron: PlanarNeuron;
  readonly #precision: Precision;
  /** Places of a look below the state; there is one more above. */
  readonly #below: number;
  readonly #low: readonly [number, number];
  readonly #spacing: readonly [number, number];
  /** By stretch and place: by how many rows and columns the state has moved at its end. */
  readonly #moved = new Float64Array(2 * STRETCHES * SIZE);
  /** By place: for how many stretches it was followed. */
  readonly #followed = new Uint8Array(SIZE);
  /** By cell, named by its lower place: how many of the stretches hold. */
  readonly #held = new Uint8Array(SIZE).fill(UNKNOWN);
  /** By how many rows and columns a state was last found to move. */
  readonly #found = [0, 0];
  readonly #weights: readonly [number[], number[]];
  readonly #scale: readonly number[];
  readonly #middle = new Float64Array(2);
  /** A cell's middle on its way by the equations, and a place. */
  readonly #trial = new Float64Array(2);
  readonly #way = new Float64Array(2);

  constructor(neuron: PlanarNeuron, precision: Precision) {
    const [lowV, highV, lowU, highU] = neuron.box;
    this.#neuron = neuron;
    this.#precision = precision;
    this.#below = precision.points / 2 - 1;
    this.#low = [lowV, lowU];
    this.#spacing = [(highV - lowV) / (SIDE - 1), (highU - lowU) / (SIDE - 1)];
    const places = Array.from({ length: precision.points }, (_, k) => k);
    this.#scale = places.map((k) => 1 / places.reduce((product, j) => (j === k ? product : product * (k - j)), 1));
    this.#weights = [places.slice(), places.slice()];
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
    const stretch = Math.min(held, 31 - Math.clz32(Math.min(steps, LONGEST)));
    this.#look(stretch - 1, state);
    if (stretch === held && this.#isStill()) return steps;
    state[0]! += this.#found[0]! * this.#spacing[0];
    state[1]! += this.#found[1]! * this.#spacing[1];
    return 2 ** stretch;
  }

  /** Whether the longest stretch that holds leaves a state where it is. */
  #rests(state: Float64Array, held: number): boolean {
    const row = Math.floor((state[0]! - this.#low[0]) / this.#spacing[0]);
    const column = Math.floor((state[1]! - this.#low[1]) / this.#spacing[1]);
    // Next to a state that stays nothing goes far: one number tells nearly all others, a step most of the rest.
    if (Math.abs(this.#moved[2 * ((held - 1) * SIZE + row * SIDE + column)]!) > NEAR) return false;
    this.#trial.set(state);
    this.#neuron.advance(this.#trial);
    this.#found[0] = (this.#trial[0]! - state[0]!) / this.#spacing[0];
    this.#found[1] = (this.#trial[1]! - state[1]!) / this.#spacing[1];
    if (!this.#isStill()) return false;
    this.#look(held - 1, state);
    return this.#isStill();
  }

  #isStill(): boolean {
    const { tolerance } = this.#precision;
    return Math.abs(this.#found[0]!) < tolerance && Math.abs(this.#found[1]!) < tolerance;
  }

  /** How many stretches hold in the cell of a state; none outside the grid. */
  #heldAt(state: Float64Array): number {
    const row = Math.floor((state[0]! - this.#low[0]) / this.#spacing[0]);
    const column = Math.floor((state[1]! - this.#low[1]) / this.#spacing[1]);
    const [first, last] = [this.#below, SIDE - 2 - this.#below];
    if (!(row >= first && row <= last && column >= first && column <= last)) return 0;
    const cell = row * SIDE + column;
    if (this.#held[cell] === UNKNOWN) this.#held[cell] = this.#tried(row, column);
    return this.#held[cell]!;
  }

  /**
   * How many stretches hold in a cell: those that end before a spike from all places around it and come out right from
   * its middle.
   */
  #tried(row: number, column: number): number {
    this.#put(this.#middle, row + 0.5, column + 0.5);
    const { tolerance } = this.#precision;
    const trial = this.#trial;
    trial.set(this.#middle);
    for (let stretch = 0, step = 0; stretch < STRETCHES; stretch++) {
      if (!this.#followAround(row, column, stretch)) return stretch;
      for (; step < 2 << stretch; step++) if (this.#neuron.advance(trial)) return stretch;
      this.#look(stretch, this.#middle);
      const offV = this.#found[0]! - (trial[0]! - this.#middle[0]!) / this.#spacing[0];
      const offU = this.#found[1]! - (trial[1]! - this.#middle[1]!) / this.#spacing[1];
      if (!(Math.abs(offV) < tolerance && Math.abs(offU) < tolerance)) return stretch;
    }
    return STRETCHES;
  }

  /** Follows all places through which a look in a cell goes. */
  #followAround(row: number, column: number, stretch: number): boolean {
    const [below, above] = [this.#below, this.#below + 1];
    for (let r = row - below; r <= row + above; r++) {
      for (let c = column - below; c <= column + above; c++) if (!this.#follow(r, c, stretch)) return false;
    }
    return true;
  }

  /**
   * Follows the way from a place to the end of a stretch, those before it being known; false where a spike comes
   * before.
   */
  #follow(row: number, column: number, stretch: number): boolean {
    const place = row * SIDE + column;
    if ((this.#followed[place]! & ~SPIKES) > stretch) return true;
    if (this.#followed[place]! >= SPIKES) return false;
    const at = 2 * (stretch * SIZE + place);
    const before = at - 2 * SIZE;
    const [v, u] = stretch === 0 ? [0, 0] : [this.#moved[before]!, this.#moved[before + 1]!];
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

  /** Writes to `#found` how far a state moves over a stretch: Lagrange's polynomial, along both variables. */
  #look(stretch: number, state: Float64Array): void {
    const v = (state[0]! - this.#low[0]) / this.#spacing[0];
    const u = (state[1]! - this.#low[1]) / this.#spacing[1];
    const [row, column] = [Math.floor(v), Math.floor(u)];
    const { points } = this.#precision;
    const [alongV, alongU] = this.#weights;
    this.#weigh(v - row + this.#below, alongV);
    this.#weigh(u - column + this.#below, alongU);
    const moved = this.#moved;
    let at = 2 * (stretch * SIZE + (row - this.#below) * SIDE + column - this.#below);
    let [foundV, foundU] = [0, 0];
    for (let k = 0; k < points; k++, at += 2 * (SIDE - points)) {
      let [rowV, rowU] = [0, 0];
      for (let j = 0; j < points; j += 2, at += 4) {
        const [first, second] = [alongU[j]!, alongU[j + 1]!];
        rowV += first * moved[at]! + second * moved[at + 2]!;
        rowU += first * moved[at + 1]! + second * moved[at + 3]!;
      }
      foundV += alongV[k]! * rowV;
      foundU += alongV[k]! * rowU;
    }
    this.#found[0] = foundV;
    this.#found[1] = foundU;
  }

  /** The weights of places 0, 1, 2, … in what is at x: Π (x − j)/(k − j) over all j but k. */
  #weigh(x: number, weights: number[]): void {
    const scale = this.#scale;
    let product = 1;
    for (let k = 0; k < scale.length; k++) {
      weights[k] = scale[k]! * product;
      product *= x - k;
    }
    product = 1;
    for (let k = scale.length - 1; k >= 0; k--) {
      weights[k]! *= product;
      product *= x - k;
    }
  }
}

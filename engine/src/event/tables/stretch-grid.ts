/** Points of the grid along each of the two variables. */
const SIDE = 112;
const SIZE = SIDE * SIDE;
/**
 * For stretches of 2, 4, 8, … steps the grid knows what they bring; a step alone costs no more than a look at the grid.
 */
const STRETCHES = 8;
/** Of a cell that nothing has come to. */
const UNKNOWN = 255;
/** Of a point from which a spike comes before the next stretch ends; added to how many end before it. */
const SPIKES = 128;
/** Bytes of a grid. */
export const GRID_BYTES = SIZE * (8 * 2 * STRETCHES + 2);
/** Cells of the grid along each variable. */
export const CELLS = SIDE - 1;
/** Steps of the longest stretch. */
export const LONGEST = 2 ** STRETCHES;

/** How near to the equations a grid is. */
export interface Precision {
  /** Points along each variable that a look goes through, even. */
  readonly points: number;
  /** How far from the equations each of the two numbers may be in the middle between the points. */
  readonly tolerance: number;
}

/** What the equations make of a point of the grid, as two numbers. */
export interface Course {
  /** Sets out from (row, column), or between. */
  begin(row: number, column: number): void;
  /** Sets out from where the two numbers say that it is after so many steps. */
  resume(row: number, column: number, steps: number, first: number, second: number): void;
  /** Makes a step without arrivals; false where a spike comes. */
  advance(): boolean;
  readonly first: number;
  readonly second: number;
}

/**
 * What becomes of a neuron in 2, 4, 8, … steps without arrivals and without a spike, as two numbers over a grid of two
 * of its variables. Between the points they are Lagrange's polynomial in both variables. Each cell of the grid knows
 * the longest stretch for which that holds, as it was tried in its middle. Points are computed when a neuron first
 * comes near them.
 */
export class StretchGrid {
  readonly #course: Course;
  readonly #precision: Precision;
  /** Points of a look below the state; there is one more above. */
  readonly #below: number;
  /** By stretch and point. */
  readonly #numbers = new Float64Array(2 * STRETCHES * SIZE);
  /** By point: for how many stretches it was followed. */
  readonly #followed = new Uint8Array(SIZE);
  /** By cell, named by its lower point: how many of the stretches hold. */
  readonly #held = new Uint8Array(SIZE).fill(UNKNOWN);
  readonly #weights: readonly [number[], number[]];
  readonly #scale: readonly number[];
  /** What the last `look` found. */
  first = 0;
  second = 0;

  constructor(course: Course, precision: Precision) {
    this.#course = course;
    this.#precision = precision;
    this.#below = precision.points / 2 - 1;
    const points = Array.from({ length: precision.points }, (_, k) => k);
    this.#scale = points.map((k) => 1 / points.reduce((product, j) => (j === k ? product : product * (k - j)), 1));
    this.#weights = [points.slice(), points.slice()];
  }

  /** How many stretches hold at (row, column) or between; none outside the grid. */
  heldAt(x: number, y: number): number {
    const [row, column] = [Math.floor(x), Math.floor(y)];
    const [first, last] = [this.#below, SIDE - 2 - this.#below];
    if (!(row >= first && row <= last && column >= first && column <= last)) return 0;
    const cell = row * SIDE + column;
    if (this.#held[cell] === UNKNOWN) this.#held[cell] = this.#tried(row, column);
    return this.#held[cell]!;
  }

  /** The first number of the point below (x, y), after the last of so many stretches. */
  firstBelow(x: number, y: number, stretches: number): number {
    return this.#numbers[2 * ((stretches - 1) * SIZE + Math.floor(x) * SIDE + Math.floor(y))]!;
  }

  /** Finds what becomes of (x, y) in the last of so many stretches: Lagrange's polynomial, along both variables. */
  look(x: number, y: number, stretches: number): void {
    const [row, column] = [Math.floor(x), Math.floor(y)];
    const { points } = this.#precision;
    const [alongX, alongY] = this.#weights;
    this.#weigh(x - row + this.#below, alongX);
    this.#weigh(y - column + this.#below, alongY);
    const numbers = this.#numbers;
    let at = 2 * ((stretches - 1) * SIZE + (row - this.#below) * SIDE + column - this.#below);
    let [first, second] = [0, 0];
    for (let k = 0; k < points; k++, at += 2 * (SIDE - points)) {
      let [rowFirst, rowSecond] = [0, 0];
      for (let j = 0; j < points; j += 2, at += 4) {
        const [one, next] = [alongY[j]!, alongY[j + 1]!];
        rowFirst += one * numbers[at]! + next * numbers[at + 2]!;
        rowSecond += one * numbers[at + 1]! + next * numbers[at + 3]!;
      }
      first += alongX[k]! * rowFirst;
      second += alongX[k]! * rowSecond;
    }
    this.first = first;
    this.second = second;
  }

  /**
   * How many stretches hold in a cell: those that end before a spike from all points around it and come out right from
   * its middle.
   */
  #tried(row: number, column: number): number {
    const [x, y] = [row + 0.5, column + 0.5];
    const { tolerance } = this.#precision;
    const course = this.#course;
    let [first, second] = [0, 0];
    for (let stretches = 1; stretches <= STRETCHES; stretches++) {
      if (!this.#followAround(row, column, stretches)) return stretches - 1;
      if (!this.#advance(x, y, stretches, first, second)) return stretches - 1;
      [first, second] = [course.first, course.second];
      this.look(x, y, stretches);
      if (!(Math.abs(this.first - first) < tolerance && Math.abs(this.second - second) < tolerance))
        return stretches - 1;
    }
    return STRETCHES;
  }

  /** Follows all points through which a look in a cell goes. */
  #followAround(row: number, column: number, stretches: number): boolean {
    const [below, above] = [this.#below, this.#below + 1];
    for (let r = row - below; r <= row + above; r++) {
      for (let c = column - below; c <= column + above; c++) if (!this.#follow(r, c, stretches)) return false;
    }
    return true;
  }

  /**
   * Follows the way from a point to the end of a stretch, those before it being known; false where a spike comes
   * before.
   */
  #follow(row: number, column: number, stretches: number): boolean {
    const point = row * SIDE + column;
    if ((this.#followed[point]! & ~SPIKES) >= stretches) return true;
    if (this.#followed[point]! >= SPIKES) return false;
    const at = 2 * ((stretches - 1) * SIZE + point);
    const before = at - 2 * SIZE;
    if (!this.#advance(row, column, stretches, this.#numbers[before]!, this.#numbers[before + 1]!)) {
      this.#followed[point]! += SPIKES;
      return false;
    }
    this.#numbers[at] = this.#course.first;
    this.#numbers[at + 1] = this.#course.second;
    this.#followed[point]!++;
    return true;
  }

  /** Goes to the end of a stretch from that of the one before; false where a spike comes. */
  #advance(x: number, y: number, stretches: number, first: number, second: number): boolean {
    const from = stretches === 1 ? 0 : 2 ** (stretches - 1);
    if (from === 0) this.#course.begin(x, y);
    else this.#course.resume(x, y, from, first, second);
    for (let step = from; step < 2 ** stretches; step++) if (!this.#course.advance()) return false;
    return true;
  }

  /** The weights of points 0, 1, 2, … in what is at x: Π (x − j)/(k − j) over all j but k. */
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

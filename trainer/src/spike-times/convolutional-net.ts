import { FeatureMaps, type MapFiring, type MapsShape, trainsOf } from './feature-maps.ts';

/** Side of the filter of contrasts, and the widths of its two Gaussians in pixels. */
export const FILTER = 7;
const REACH = (FILTER - 1) / 2;
const [CENTRE, SURROUND] = [1, 2];

/** Two layers of maps over the contrasts of an image, and parts of the second, of each of which one number is read. */
export interface NetShape {
  /** Over [on and off, height, width]. */
  readonly first: MapsShape;
  /** Over the first, of which each 2 × 2 is one. */
  readonly second: MapsShape;
  /** Side of a part, and how many of them there are down and across. */
  readonly window: number;
  readonly parts: readonly [number, number];
}

export interface NetDynamics {
  readonly steps: number;
  /** By how much a full contrast moves its neuron in a step, in thresholds. */
  readonly contrast: number;
  readonly firstThreshold: number;
  /** Of the second layer where it answers; it spikes again with each further unit. */
  readonly answerThreshold: number;
}

/** The net on images whose pixels lie on [0, 1], step by step as engines have it. */
export class ConvolutionalNet {
  readonly shape: NetShape;
  readonly dynamics: NetDynamics;
  readonly first: FeatureMaps;
  readonly second: FeatureMaps;
  readonly #spikes: Float64Array;

  constructor(shape: NetShape, dynamics: NetDynamics) {
    this.shape = shape;
    this.dynamics = dynamics;
    this.first = new FeatureMaps(shape.first);
    this.second = new FeatureMaps(shape.second);
    this.#spikes = new Float64Array(this.second.potentials.length);
  }

  /**
   * Steps in which contrasts spike, [on and off, height, width], the stronger the earlier; those that do not at all
   * come behind the last.
   */
  contrastTimes(image: ArrayLike<number>): Int32Array {
    const { height, width } = this.shape.first;
    const { steps, contrast } = this.dynamics;
    const times = new Int32Array(2 * height * width).fill(steps);
    for (let pixel = 0; pixel < height * width; pixel++) {
      const found = this.#contrastAt(image, Math.floor(pixel / width), pixel % width);
      const step = Math.floor(1 / (contrast * Math.abs(found)));
      if (step < steps) times[(found > 0 ? 0 : height * width) + pixel] = step;
    }
    return times;
  }

  /** Neurons of the first layer that pass its threshold, for times of contrasts. */
  fire(times: ArrayLike<number>): MapFiring[] {
    return this.first.fire(trainsOf(times, this.dynamics.steps), this.dynamics.firstThreshold);
  }

  /**
   * Steps in which the second layer gets spikes, [maps, height, width]: of neurons at one place that pass the threshold
   * in one step that of the lowest map, and of each 2 × 2 of a map the first.
   */
  secondTimes(image: ArrayLike<number>): Int32Array {
    const { channels, height, width } = this.shape.second;
    const times = new Int32Array(channels * height * width).fill(this.dynamics.steps);
    let last = -1;
    for (const { map, place, step } of this.fire(this.contrastTimes(image))) {
      if (place === last) continue;
      last = place;
      const row = Math.floor(Math.floor(place / this.first.width) / 2);
      const column = Math.floor((place % this.first.width) / 2);
      if (row >= height || column >= width) continue;
      const element = (map * height + row) * width + column;
      times[element] = Math.min(times[element]!, step);
    }
    return times;
  }

  /** Spikes that reach the read-out, [maps, parts down, parts across]: of each part those of its leader. */
  countsOf(image: ArrayLike<number>): Float64Array {
    const { maps } = this.shape.second;
    const [down, across] = this.shape.parts;
    const counts = new Float64Array(maps * down * across);
    this.#spikes.fill(0);
    this.second.clear();
    for (const elements of trainsOf(this.secondTimes(image), this.dynamics.steps)) {
      this.second.take(elements);
      for (const neuron of this.#answers()) {
        const part = this.#partOf(Math.floor(neuron / maps));
        if (part === undefined || this.#leader(part, neuron % maps) !== neuron) continue;
        counts[((neuron % maps) * down + part[0]) * across + part[1]]!++;
      }
    }
    return counts;
  }

  #contrastAt(image: ArrayLike<number>, y: number, x: number): number {
    const { height, width } = this.shape.first;
    let sum = 0;
    for (let row = Math.max(0, y - REACH); row <= Math.min(height - 1, y + REACH); row++) {
      const at = (row - y + REACH) * FILTER - x + REACH;
      for (let column = Math.max(0, x - REACH); column <= Math.min(width - 1, x + REACH); column++) {
        sum += contrastFilter[at + column]! * image[row * width + column]!;
      }
    }
    return sum;
  }

  /** Neurons of the second layer that spike in this step. */
  #answers(): number[] {
    const { potentials } = this.second;
    const { answerThreshold } = this.dynamics;
    const fired: number[] = [];
    for (let k = 0; k < potentials.length; k++) {
      if (potentials[k]! <= answerThreshold + this.#spikes[k]!) continue;
      this.#spikes[k]!++;
      fired.push(k);
    }
    return fired;
  }

  /** Row and column of the part that a place lies in; undefined behind the last. */
  #partOf(place: number): readonly [number, number] | undefined {
    const { window, parts } = this.shape;
    const row = Math.floor(Math.floor(place / this.second.width) / window);
    const column = Math.floor((place % this.second.width) / window);
    return row < parts[0] && column < parts[1] ? [row, column] : undefined;
  }

  /** The neuron of a part of a map with the most spikes so far, of equal ones the first. */
  #leader([row, column]: readonly [number, number], map: number): number {
    const { window, second } = this.shape;
    const neuronAt = (y: number, x: number) => (y * this.second.width + x) * second.maps + map;
    let leader = neuronAt(row * window, column * window);
    for (let y = row * window; y < (row + 1) * window; y++) {
      for (let x = column * window; x < (column + 1) * window; x++) {
        if (this.#spikes[neuronAt(y, x)]! > this.#spikes[leader]!) leader = neuronAt(y, x);
      }
    }
    return leader;
  }
}

/** Difference of two Gaussians that both add up to 1, [7, 7], in float32. */
export const contrastFilter: Float64Array = differenceOf(gaussian(CENTRE), gaussian(SURROUND));

function differenceOf(centre: Float64Array, surround: Float64Array): Float64Array {
  return centre.map((value, k) => Math.fround(value - surround[k]!));
}

function gaussian(width: number): Float64Array {
  const values = Float64Array.from({ length: FILTER * FILTER }, (_, k) => {
    const [y, x] = [Math.floor(k / FILTER) - REACH, (k % FILTER) - REACH];
    return Math.exp(-(y * y + x * x) / (2 * width * width));
  });
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

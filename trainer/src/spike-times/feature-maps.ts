/**
 * Neurons of each of `maps` look at a field of kernel × kernel over [channels, height, width], at every place alike.
 */
export interface MapsShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  /** Rows and columns of nothing around. */
  readonly padding: number;
  readonly maps: number;
}

/** A neuron that fired: its map, its place on it in row-major order, and how far it was when it did. */
export interface MapFiring {
  readonly map: number;
  readonly place: number;
  readonly step: number;
  readonly potential: number;
}

/** a⁻ as a part of a⁺: .003 to .004. */
const DEPRESSION = 0.75;

/**
 * A convolution of neurons without leak. Weights are [kernel, kernel, channels, maps] and potentials [places, maps], so
 * that what a spike adds at a place lies side by side.
 */
export class FeatureMaps {
  readonly shape: MapsShape;
  readonly weights: Float64Array;
  readonly potentials: Float64Array;
  /** Of the maps. */
  readonly height: number;
  readonly width: number;
  readonly #closed: Uint8Array;
  readonly #reached: Uint8Array;

  constructor(shape: MapsShape) {
    const { channels, height, width, kernel, padding, maps } = shape;
    this.shape = shape;
    this.weights = new Float64Array(kernel * kernel * channels * maps);
    this.height = height + 2 * padding - kernel + 1;
    this.width = width + 2 * padding - kernel + 1;
    this.potentials = new Float64Array(this.height * this.width * maps);
    this.#closed = new Uint8Array(this.height * this.width);
    this.#reached = new Uint8Array(this.height * this.width);
  }

  /** Back to rest. */
  clear(): void {
    this.potentials.fill(0);
    this.#closed.fill(0);
  }

  /** Takes the spikes of a step, by their elements of [channels, height, width]. */
  take(elements: ArrayLike<number>): void {
    const { height, width } = this.shape;
    for (let k = 0; k < elements.length; k++) {
      const [pixel, channel] = [elements[k]! % (height * width), Math.floor(elements[k]! / (height * width))];
      this.#spread(channel, Math.floor(pixel / width), pixel % width);
    }
  }

  /**
   * Takes trains and gives the neurons that fire, in order of steps: at a place those that pass the threshold first,
   * in one step; they inhibit all others there (Kheradpisheh et al. 2018, section 2.2).
   */
  fire(trains: Trains, threshold: number): MapFiring[] {
    const { maps } = this.shape;
    const fired: MapFiring[] = [];
    this.clear();
    for (const [step, elements] of trains.entries()) {
      if (elements.length === 0) continue;
      this.#reached.fill(0);
      this.take(elements);
      for (let place = 0; place < this.#reached.length; place++) {
        if (this.#reached[place] === 0) continue;
        for (let map = 0; map < maps; map++) {
          const potential = this.potentials[place * maps + map]!;
          if (potential <= threshold) continue;
          this.#closed[place] = 1;
          fired.push({ map, place, step, potential });
        }
      }
    }
    return fired;
  }

  /**
   * Of neurons that fired those that learn: the earliest, of equal ones the one with the highest potential, then of
   * those left that are of another map and farther than `radius` from it, and so on (section 2.3).
   */
  winners(fired: readonly MapFiring[], most: number, radius: number): MapFiring[] {
    const inOrder = [...fired].sort((a, b) => a.step - b.step || b.potential - a.potential);
    const winners: MapFiring[] = [];
    for (const one of inOrder) {
      if (winners.length === most) break;
      if (winners.every((other) => other.map !== one.map && this.#distance(one, other) > radius)) winners.push(one);
    }
    return winners;
  }

  /**
   * Simplified STDP (eq. 3) of the neuron's map: w grows by rate·w(1 − w) where the input spiked not after the neuron,
   * and falls by ¾ of it where it spiked later, or never. `times` are steps of inputs.
   */
  learn({ map, place, step }: MapFiring, times: ArrayLike<number>, rate: number): void {
    const { channels, height, width, kernel, padding, maps } = this.shape;
    const top = Math.floor(place / this.width) - padding;
    const left = (place % this.width) - padding;
    for (let field = 0; field < kernel * kernel; field++) {
      const [y, x] = [top + Math.floor(field / kernel), left + (field % kernel)];
      const isInside = y >= 0 && y < height && x >= 0 && x < width;
      for (let channel = 0; channel < channels; channel++) {
        const caused = isInside && times[(channel * height + y) * width + x]! <= step;
        const at = (field * channels + channel) * maps + map;
        const weight = this.weights[at]!;
        this.weights[at] = weight + (caused ? rate : -DEPRESSION * rate) * weight * (1 - weight);
      }
    }
  }

  #spread(channel: number, y: number, x: number): void {
    const { channels, kernel, padding, maps } = this.shape;
    for (let field = 0; field < kernel * kernel; field++) {
      const row = y + padding - Math.floor(field / kernel);
      const column = x + padding - (field % kernel);
      if (row < 0 || row >= this.height || column < 0 || column >= this.width) continue;
      const place = row * this.width + column;
      if (this.#closed[place] === 1) continue;
      this.#reached[place] = 1;
      const own = (field * channels + channel) * maps;
      for (let map = 0; map < maps; map++) this.potentials[place * maps + map]! += this.weights[own + map]!;
    }
  }

  #distance(a: MapFiring, b: MapFiring): number {
    const rows = Math.floor(a.place / this.width) - Math.floor(b.place / this.width);
    return Math.max(Math.abs(rows), Math.abs((a.place % this.width) - (b.place % this.width)));
  }
}

/** The elements that spike in each step. */
export type Trains = readonly (readonly number[])[];

/** Of elements that spike once; a time that is no step is none. */
export function trainsOf(times: ArrayLike<number>, steps: number): Trains {
  const trains = Array.from({ length: steps }, (): number[] => []);
  for (let element = 0; element < times.length; element++) trains[times[element]!]?.push(element);
  return trains;
}

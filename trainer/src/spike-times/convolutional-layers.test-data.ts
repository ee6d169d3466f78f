import { contrastFilter, FILTER } from './contrast-filter.ts';
import type { LayerWeights, MapsShape, NetDynamics, NetShape } from './convolutional-model.ts';

// The layers of Kheradpisheh et al. (2018) in float64, from the equations of the paper alone: what no engine knows of.

/** Steps in which elements of [channels, height, width] spike, at most once; Infinity for never. */
type Times = Float64Array;

export interface Firing {
  readonly map: number;
  readonly row: number;
  readonly column: number;
  readonly step: number;
  readonly potential: number;
}

/** A contrast spikes in the step in which it has added up to 1, on and off apart. */
export function contrastTimes({ first }: NetShape, { steps, contrast }: NetDynamics, image: ArrayLike<number>): Times {
  const { height, width } = first;
  const times = new Float64Array(2 * height * width).fill(Number.POSITIVE_INFINITY);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const found = filtered(image, y, x, height, width);
      const step = Math.floor(1 / (contrast * Math.abs(found)));
      if (step < steps) times[((found > 0 ? 0 : height) + y) * width + x] = step;
    }
  }
  return times;
}

function filtered(image: ArrayLike<number>, y: number, x: number, height: number, width: number): number {
  let sum = 0;
  contrastFilter.forEach((weight, k) => {
    const row = y + Math.floor(k / FILTER) - (FILTER - 1) / 2;
    const column = x + (k % FILTER) - (FILTER - 1) / 2;
    if (row >= 0 && row < height && column >= 0 && column < width) sum += weight * image[row * width + column]!;
  });
  return sum;
}

export function sizeOf({ height, width, kernel, padding }: MapsShape): readonly [number, number] {
  return [height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1];
}

/** What a neuron sees: the element of the layer before and the weight of its map, for each tap inside of the image. */
function* fieldOf(
  { channels, height, width, kernel, padding }: MapsShape,
  { map, row, column }: Pick<Firing, 'map' | 'row' | 'column'>,
): Iterable<readonly [element: number, weight: number]> {
  for (let channel = 0; channel < channels; channel++) {
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const [y, x] = [row - padding + Math.floor(tap / kernel), column - padding + (tap % kernel)];
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      yield [(channel * height + y) * width + x, (map * channels + channel) * kernel * kernel + tap];
    }
  }
}

/** The potential of a neuron after each step, from rest. */
export function potentialsOf(
  shape: MapsShape,
  weights: Float64Array,
  neuron: Pick<Firing, 'map' | 'row' | 'column'>,
  times: Times,
  steps: number,
): number[] {
  const arriving = new Array<number>(steps).fill(0);
  for (const [element, k] of fieldOf(shape, neuron)) {
    if (times[element]! < steps) arriving[times[element]!]! += weights[k]!;
  }
  let sum = 0;
  return arriving.map((each) => {
    sum += each;
    return sum;
  });
}

/** Neurons that fire: at each place those that pass the threshold in the first step in which any does (section 2.2). */
export function fire(
  shape: MapsShape,
  weights: Float64Array,
  times: Times,
  { steps, threshold }: { readonly steps: number; readonly threshold: number },
): Firing[] {
  const [rows, columns] = sizeOf(shape);
  const fired: Firing[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const all = Array.from({ length: shape.maps }, (_, map) => {
        const potentials = potentialsOf(shape, weights, { map, row, column }, times, steps);
        const step = potentials.findIndex((potential) => potential > threshold);
        return { map, row, column, step, potential: potentials[step]! };
      }).filter(({ step }) => step >= 0);
      const earliest = Math.min(...all.map(({ step }) => step));
      fired.push(...all.filter(({ step }) => step === earliest));
    }
  }
  return fired;
}

/**
 * Shows a sample to a layer that learns. In each step the neurons that pass the threshold silence their places and win
 * in the order of their potentials, one of a map in a sample, none near another (section 2.3); what a winner sees then
 * changes by eq. 3, up by a⁺·w(1 − w) where the input spiked not after it, else down by a⁻·w(1 − w). Returns the number
 * of winners.
 */
export function learn(
  shape: MapsShape,
  weights: Float64Array,
  times: Times,
  rule: {
    readonly steps: number;
    readonly threshold: number;
    readonly most: number;
    readonly apart: number;
    readonly aPlus: number;
    readonly aMinus: number;
  },
): number {
  const [rows, columns] = sizeOf(shape);
  const neurons = Array.from({ length: shape.maps * rows * columns }, (_, n) => {
    const at = { map: Math.floor(n / (rows * columns)), row: Math.floor(n / columns) % rows, column: n % columns };
    const field = [...fieldOf(shape, at)].filter(([element]) => times[element]! < rule.steps);
    return { ...at, field, potential: 0 };
  });
  const closed = new Set<number>();
  const winners: typeof neurons = [];
  for (let step = 0; step < rule.steps; step++) {
    const open = neurons.filter(({ row, column }) => !closed.has(row * columns + column));
    for (const neuron of open) {
      for (const [element, k] of neuron.field) if (times[element] === step) neuron.potential += weights[k]!;
    }
    const fired = open.filter(({ potential }) => potential > rule.threshold);
    for (const { row, column } of fired) closed.add(row * columns + column);
    const over = ({ potential }: (typeof neurons)[number]) => coarse(potential - rule.threshold);
    for (const one of fired.sort((a, b) => over(b) - over(a))) {
      const isFree = winners.every(({ map, row, column }) => {
        return map !== one.map && Math.max(Math.abs(row - one.row), Math.abs(column - one.column)) >= rule.apart;
      });
      if (!isFree || winners.length === rule.most) continue;
      winners.push(one);
      for (const [element, k] of fieldOf(shape, one)) {
        const w = weights[k]!;
        weights[k] = w + (times[element]! <= step ? rule.aPlus : -rule.aMinus) * w * (1 - w);
      }
    }
  }
  return winners.length;
}

/** Twelve significant bits, so that the order in which sums were made decides nothing. */
function coarse(value: number): number {
  const unit = 2 ** (Math.floor(Math.log2(value)) - 11);
  return Math.round(value / unit) * unit;
}

/** What reaches the second layer: at a place the lowest map, of each 2 × 2 of a map the first spike. */
export function secondTimes(
  net: NetShape,
  dynamics: NetDynamics,
  weights: LayerWeights,
  image: ArrayLike<number>,
): Times {
  const { first, second } = net;
  const { steps, firstThreshold: threshold } = dynamics;
  const times = new Float64Array(second.channels * second.height * second.width).fill(Number.POSITIVE_INFINITY);
  const fired = fire(first, weights.first, contrastTimes(net, dynamics, image), { steps, threshold });
  for (const { map, row, column, step } of fired) {
    if (fired.some((other) => other.row === row && other.column === column && other.map < map)) continue;
    const [y, x] = [Math.floor(row / 2), Math.floor(column / 2)];
    if (y >= second.height || x >= second.width) continue;
    const element = (map * second.height + y) * second.width + x;
    times[element] = Math.min(times[element]!, step);
  }
  return times;
}

/**
 * Spikes that are read, [maps, parts down, parts across]: in each step, of each part of a map, that of the neuron which
 * has the most by then, of equal ones the first.
 */
export function countsOf(net: NetShape, dynamics: NetDynamics, weights: LayerWeights, image: ArrayLike<number>) {
  const { second, window, parts } = net;
  const { steps, answerThreshold } = dynamics;
  const times = secondTimes(net, dynamics, weights, image);
  const counts = new Float64Array(second.maps * parts[0] * parts[1]);
  for (let part = 0; part < counts.length; part++) {
    const map = Math.floor(part / (parts[0] * parts[1]));
    const [top, left] = [Math.floor(part / parts[1]) % parts[0], part % parts[1]].map((at) => at * window);
    const spikes = Array.from({ length: window * window }, (_, k) => {
      const neuron = { map, row: top! + Math.floor(k / window), column: left! + (k % window) };
      return spikesOf(potentialsOf(second, weights.second, neuron, times, steps), answerThreshold);
    });
    for (let step = 0; step < steps; step++) {
      const totals = spikes.map((each) => each.slice(0, step + 1).reduce((sum, spike) => sum + spike, 0));
      counts[part]! += spikes[totals.indexOf(Math.max(...totals))]![step]!;
    }
  }
  return counts;
}

/** One spike in a step at most: the first above the threshold, each further one above a unit more. */
function spikesOf(potentials: readonly number[], threshold: number): number[] {
  let spikes = 0;
  return potentials.map((potential) => {
    if (potential <= threshold + spikes) return 0;
    spikes++;
    return 1;
  });
}

import type { Connectivity, ResolvedEdge, TensorData } from '@spikewire/models';
import { clampedFloat32 } from '../kernels/float-numbers.ts';
import type { ExactSums, PlacedNumbers, WeightForm } from '../number-form.ts';
import type { Structure } from '../structure.ts';

// Real weights that are whole multiples q of one power of two have sums that float32 gives exactly, in any order, as
// long as no sum can pass 2^24 of those units. So the weights may lie as 8-bit numbers and the sums be added up as
// whole ones, and every bit of the net is the same: that is what is proved here, population by population.

/** Up to here every whole number is a float32 number. */
const LARGEST_EXACT = 2 ** 24;
const LARGEST_WEIGHT = 127;
const LARGEST_INT16 = 32767;
/**
 * Between them, products and sums of values that are not whole are rounded as they are without a unit: none leaves the
 * normal numbers.
 */
const [SMALLEST_UNIT, LARGEST_UNIT] = [2 ** -40, 1];

/** What arrives at a connection in a step: whole numbers up to `largest`, of which one counts `unit`. */
interface WholeArrival {
  readonly unit: number;
  readonly largest: number;
  /** Index of the pooling of spikes that counts them. */
  readonly pooling?: number;
  /** The edge from an Input, in whose place numbers may arrive that are not whole. */
  readonly input?: ResolvedEdge;
}

/** A connection that adds to a population, whose weights are whole multiples of `unit`. */
interface Afferent {
  readonly index: number;
  readonly connectivity: Connectivity & { readonly weights: TensorData };
  readonly arrival: WholeArrival;
  readonly grid: WeightGrid;
}

/**
 * Powers of two and their whole multiples: the largest `unit` that all weights are multiples of, and the largest of
 * them.
 */
interface WeightGrid {
  readonly unit: number;
  readonly largest: number;
}

interface Found {
  readonly sums: ExactSums;
  readonly weights: ReadonlyMap<number, WeightForm>;
  /** Indices of poolings whose counts arrive. */
  readonly poolings: readonly number[];
}

const inFloat32: WeightForm = { isInteger: false, shift: 0, unit: 1 };

/** Float32 everywhere. */
export const floatNumbers: PlacedNumbers = {
  sumsOf: () => 'float32',
  exactSumsOf: () => undefined,
  weightsOf: () => inFloat32,
  valuesOf: () => 'float32',
};

/** Whole weights and sums where they change nothing, float32 everywhere else. */
export function exactNumbers(structure: Structure, learned: ReadonlySet<number>): PlacedNumbers {
  const sums = new Map<number, ExactSums>();
  const weights = new Map<number, WeightForm>();
  const counting = new Set<number>();
  for (const index of structure.wiring.graph.nodes.keys()) {
    const found = findExactSums(structure, learned, index);
    if (found === undefined) continue;
    sums.set(index, found.sums);
    for (const [connection, form] of found.weights) weights.set(connection, form);
    for (const pooling of found.poolings) counting.add(pooling);
  }
  return {
    sumsOf: (index) => sums.get(index)?.format ?? 'float32',
    exactSumsOf: (index) => sums.get(index),
    weightsOf: (index) => weights.get(index) ?? inFloat32,
    valuesOf: (index) => (counting.has(index) ? 'int32' : 'float32'),
  };
}

function findExactSums(structure: Structure, learned: ReadonlySet<number>, index: number): Found | undefined {
  const incoming = structure.wiring.incoming[index]!;
  if (incoming.length === 0 || !structure.isLinear(index)) return undefined;
  const afferents: Afferent[] = [];
  for (const { source } of incoming) {
    const mayBeWhole = structure.targetOf(source) === index && !structure.isLate(source) && !learned.has(source);
    const afferent = mayBeWhole ? afferentAt(structure, source) : undefined;
    if (afferent === undefined) return undefined;
    afferents.push(afferent);
  }
  // A sum of whole and other numbers would be rounded in another order.
  if (afferents.length > 1 && afferents.some(({ arrival }) => arrival.input !== undefined)) return undefined;
  return onOneGrid(afferents);
}

function afferentAt(structure: Structure, index: number): Afferent | undefined {
  const connectivity = structure.connectivity(index)!;
  const [edge, ...others] = structure.wiring.incoming[index]!;
  if (connectivity.weights === undefined || edge === undefined || others.length > 0) return undefined;
  const arrival = arrivalOf(structure, edge);
  if (arrival === undefined || (arrival.input !== undefined && !takesGraded(connectivity))) return undefined;
  const grid = gridOf(connectivity.weights);
  return grid && { index, connectivity: connectivity as Afferent['connectivity'], arrival, grid };
}

/** Whether there are kernels for the steps in which an Input has other numbers than spikes. */
function takesGraded({ structure }: Connectivity): boolean {
  return structure === 'dense' || structure === 'convolution';
}

function arrivalOf(structure: Structure, edge: ResolvedEdge): WholeArrival | undefined {
  const index = structure.originOf(edge.source);
  if (structure.node(index).kind.role === 'input') return { unit: 1, largest: 1, input: edge };
  if (structure.sendsOnlySpikes(index)) return { unit: 1, largest: 1 };
  const connectivity = structure.connectivity(index);
  if (connectivity?.structure !== 'pooling' || !structure.poolsSpikes(index) || !structure.hasOneReader(index)) {
    return undefined;
  }
  // What is on its way is saved, and saved states have one format.
  if (edge.delay > 0) return undefined;
  const { gain, geometry } = connectivity;
  const isPowerOfTwo = Number.isInteger(Math.log2(gain)) && gain >= SMALLEST_UNIT;
  return isPowerOfTwo ? { unit: gain, largest: geometry.kernel[0] * geometry.kernel[1], pooling: index } : undefined;
}

/** The grid of the weights in float32; undefined where they need more than 8 bits. */
function gridOf(weights: TensorData): WeightGrid | undefined {
  let [unit, largest] = [LARGEST_UNIT, 0];
  for (const each of weights) {
    const weight = Math.abs(clampedFloat32(each));
    if (weight === 0) continue;
    while (!Number.isInteger(weight / unit)) unit /= 2;
    largest = Math.max(largest, weight);
    if (largest > LARGEST_WEIGHT * unit || unit < SMALLEST_UNIT) return undefined;
  }
  return { unit, largest };
}

function onOneGrid(afferents: readonly Afferent[]): Found | undefined {
  const unit = Math.min(...afferents.map(({ arrival, grid }) => arrival.unit * grid.unit));
  if (unit < SMALLEST_UNIT) return undefined;
  const weights = new Map<number, WeightForm>();
  let largest = 0;
  for (const { index, connectivity, arrival, grid } of afferents) {
    let shift = 0;
    while (grid.largest * arrival.unit > LARGEST_WEIGHT * unit * 2 ** shift) shift++;
    weights.set(index, { isInteger: true, shift, unit: (unit * 2 ** shift) / arrival.unit });
    largest += (largestSum(connectivity) * arrival.unit * arrival.largest) / unit;
  }
  if (largest > LARGEST_EXACT) return undefined;
  const format = largest <= LARGEST_INT16 ? 'int16' : 'int32';
  const poolings = afferents.flatMap(({ arrival: { pooling } }) => (pooling === undefined ? [] : [pooling]));
  return { sums: { format, unit, largest, input: afferents[0]!.arrival.input }, weights, poolings };
}

/** Largest Σ|w| over the synapses of an output. */
function largestSum({ weights, inputs, outputs, forEachSynapse }: Afferent['connectivity']): number {
  const sums = new Float64Array(outputs);
  for (let input = 0; input < inputs; input++) {
    forEachSynapse(input, (output, weight) => {
      sums[output]! += Math.abs(clampedFloat32(weights[weight]!));
    });
  }
  return sums.reduce((most, sum) => Math.max(most, sum), 0);
}

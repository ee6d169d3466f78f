import type { LearningDeclaration } from '../model/model.ts';
import { type Afferent, unsupported } from './afferent.ts';
import { Joiner } from './classes.ts';
import { roundHalfEven } from './rounding.ts';

/** Largest h: a branch 2^12 times weaker than another is lost beside it anyway. */
export const LARGEST_SHIFT = 12;
/**
 * How many times weaker than the median neuron's its weights may be before a neuron's unit is held at a lower bound.
 */
const WEAKEST = 8;
/** A neuron without any weight has its threshold at about this many units. */
const UNITS_TO_THRESHOLD = 1024;

/** What the scales of a population depend on. */
export interface ScaleSite {
  readonly size: number;
  readonly afferents: readonly WeightRange[];
  /** Gain of the input, per neuron, > 0. */
  readonly gain: Float64Array;
  /** Size of the numbers that the membrane has to hold (threshold, reset, range), per neuron, ≥ 0. */
  readonly reference: Float64Array;
  /** One u for the whole node. */
  readonly readOut: boolean;
  /** Units from 0 to `reference` that are free, because the fraction F is limited by its rule and not by them. */
  readonly freeUnits: number;
  readonly largestShift: number;
}

/** An afferent with the range its integers have. */
export interface WeightRange {
  readonly afferent: Afferent;
  /** For each weight a neuron that it reaches, or −1. */
  readonly neuronOfWeight: Int32Array;
  /** Largest |q|. */
  readonly maximum: number;
  readonly learning: { readonly declarations: readonly LearningDeclaration[]; readonly headroom: number } | undefined;
}

export interface Scales {
  /** What one unit that arrives is worth in real input, per neuron: u/gain. */
  readonly unit: Float64Array;
  /** h, per afferent. */
  readonly shifts: readonly number[];
}

/**
 * Chooses u and h. Outputs that share weights (a channel) share their unit; h brings each connection's weights near the
 * full range of q, so that a weak branch keeps its precision beside a strong one.
 */
export function chooseScales(site: ScaleSite): Scales {
  const { afferents, gain, reference, readOut } = site;
  const classes = sharedUnits(site);
  const relative = readOut ? gain.map((factor) => 1 / factor) : new Float64Array(site.size).fill(1);
  const largest = afferents.map((range) => largestWeights(range, classes.of, classes.count, relative, site));
  const shifts = chooseShifts(largest, site);
  const base = new Float64Array(classes.count);
  largest.forEach((weights, a) => {
    const steps = afferents[a]!.maximum * 2 ** shifts[a]!;
    for (let c = 0; c < base.length; c++) base[c] = Math.max(base[c]!, weights[c]! / steps);
  });
  const needed = reference.map((value, i) => value / (gain[i]! * relative[i]!));
  holdAtLowerBound(base, classes.of, needed, site.freeUnits);
  return { unit: relative.map((factor, i) => base[classes.of[i]!]! * factor), shifts };
}

/** The neurons that must have one unit, because they share weights or stand in a read-out. */
function sharedUnits({ size, afferents, gain, readOut }: ScaleSite): { of: Int32Array; count: number } {
  const joiner = new Joiner(size);
  for (const { afferent } of afferents) {
    const first = new Map<number, number>();
    for (let output = 0; output < afferent.connectivity.outputs; output++) {
      const group = afferent.connectivity.groupOf(output);
      for (const neuron of afferent.reach(output)) {
        if (!first.has(group)) first.set(group, neuron);
        const other = first.get(group)!;
        joiner.join(neuron, other);
        if (readOut && gain[neuron] !== gain[other]) {
          const problem = 'shares weights among neurons of a read-out with different input gains';
          throw unsupported(afferent.node, problem, 'equal tau and r');
        }
      }
    }
  }
  if (readOut) for (let i = 1; i < size; i++) joiner.join(i, 0);
  return joiner.classes();
}

/** Per class, the largest weight that has to be held, as real input (times the gain in a read-out). */
function largestWeights(
  { afferent, neuronOfWeight, learning }: WeightRange,
  classOf: Int32Array,
  count: number,
  relative: Float64Array,
  { gain, reference, readOut }: ScaleSite,
): Float64Array {
  const { factor, connectivity } = afferent;
  const { weights } = connectivity;
  const largest = new Float64Array(count);
  const neurons = new Set<number>();
  for (let w = 0; w < weights.length; w++) {
    const neuron = neuronOfWeight[w]!;
    if (neuron === -1) continue;
    neurons.add(neuron);
    const size = (Math.abs(weights[w]!) * factor) / relative[neuron]!;
    largest[classOf[neuron]!] = Math.max(largest[classOf[neuron]!]!, size);
  }
  if (learning === undefined) return largest;

  // Any weight of a learned connection may become as large as the largest, times the headroom, or as its bounds say.
  // Where all weights start at 0, one arrival may come to move the input by the threshold or the range.
  let grown = learning.headroom * largest.reduce((a, b) => Math.max(a, b), 0);
  for (const neuron of neurons) {
    const bounds = largestBound(learning.declarations) * (factor / relative[neuron]!);
    const strong = reference[neuron]! / (readOut ? relative[neuron]! : gain[neuron]!);
    grown = Math.max(grown, grown === 0 && bounds === 0 ? strong : bounds);
  }
  for (const neuron of neurons) largest[classOf[neuron]!] = grown;
  return largest;
}

function largestBound(declarations: readonly LearningDeclaration[]): number {
  const sizes = declarations.flatMap(({ bounds }) => bounds ?? []).map(Math.abs);
  return Math.max(0, ...sizes.filter(Number.isFinite));
}

function chooseShifts(largest: readonly Float64Array[], { afferents, largestShift }: ScaleSite): number[] {
  const typical = largest.map((weights, a) => {
    const logs = Array.from(weights)
      .filter((weight) => weight > 0)
      .map((weight) => Math.log2(weight / afferents[a]!.maximum));
    return logs.length === 0 ? undefined : logs.reduce((sum, log) => sum + log, 0) / logs.length;
  });
  const weakest = Math.min(...typical.filter((log) => log !== undefined));
  return typical.map((log) => (log === undefined ? 0 : Math.min(largestShift, roundHalfEven(log - weakest))));
}

/**
 * Holds units up: F is common to the node, so one neuron with tiny weights (and so very many units to its threshold)
 * would cost all others their precision.
 */
function holdAtLowerBound(base: Float64Array, classOf: Int32Array, needed: Float64Array, freeUnits: number): void {
  const units = Array.from(needed, (value, i) => value / base[classOf[i]!]!).filter(
    (value) => value > 0 && Number.isFinite(value),
  );
  units.sort((a, b) => a - b);
  const limit =
    units.length === 0 ? UNITS_TO_THRESHOLD : Math.max(freeUnits, WEAKEST * units[(units.length - 1) >> 1]!);
  for (let i = 0; i < needed.length; i++) {
    const c = classOf[i]!;
    base[c] = Math.max(base[c]!, needed[i]! / (base[c] === 0 ? Math.min(limit, UNITS_TO_THRESHOLD) : limit));
  }
  for (let c = 0; c < base.length; c++) if (base[c] === 0) base[c] = 1;
}

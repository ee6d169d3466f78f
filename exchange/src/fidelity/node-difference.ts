/** How far apart in time the same spikes are looked for, in steps to both sides. */
const FARTHEST = 4;

/** Where two nets are at their most different. */
export interface LargestDifference {
  /** |a − b|; null where one of the two is not a finite number. */
  readonly size: number | null;
  readonly sample: number;
  readonly step: number;
  readonly neuron: number;
}

/** How the spikes and membranes of a node differ between two nets, the chosen one first. */
export interface NodeDifference {
  readonly node: string;
  readonly neurons: number;
  readonly spikes: readonly [chosen: number, other: number];
  /** Spikes that only one of both nets has in that neuron and step, as a share of the spikes of both; 0 … 1. */
  readonly differing: number;
  /** The delay of the other net's spikes, in steps, with which fewest differ; absent where that is none. */
  readonly delay?: { readonly steps: number; readonly differing: number };
  /** Absent where one of both has no membrane. */
  readonly membrane?: LargestDifference;
}

/** Counts the spikes of one node in two nets, step by step. */
export class SpikeComparison {
  readonly totals: [chosen: number, other: number] = [0, 0];
  /** Spikes that both have, by the delay of the other's, from −FARTHEST. */
  readonly #common = new Float64Array(2 * FARTHEST + 1);
  /** Spikes of the last steps, the latest first. */
  #past: { readonly chosen: Float64Array; readonly other: Float64Array }[] = [];

  /** Another sample: its first step follows no other. */
  begin(): void {
    this.#past = [];
  }

  /** @returns the first neuron in which the step's spikes differ, or −1 */
  add(chosen: Float64Array, other: Float64Array): number {
    this.totals[0] += sum(chosen);
    this.totals[1] += sum(other);
    this.#past.unshift({ chosen: chosen.slice(), other: other.slice() });
    this.#past.length = Math.min(this.#past.length, FARTHEST + 1);
    for (const [steps, past] of this.#past.entries()) {
      this.#common[FARTHEST + steps]! += common(past.chosen, other);
      if (steps > 0) this.#common[FARTHEST - steps]! += common(chosen, past.other);
    }
    return chosen.findIndex((count, i) => count !== other[i]);
  }

  /** The share of spikes that differ, and the delay with which fewest do. */
  shares(): Pick<NodeDifference, 'differing' | 'delay'> {
    const all = this.totals[0] + this.totals[1];
    const shareOf = (steps: number) => (all === 0 ? 0 : (all - 2 * this.#common[FARTHEST + steps]!) / all);
    const differing = shareOf(0);
    let best = { steps: 0, differing };
    for (let steps = 1; steps <= FARTHEST; steps++) {
      for (const delay of [steps, -steps])
        if (shareOf(delay) < best.differing) best = { steps: delay, differing: shareOf(delay) };
    }
    return best.steps === 0 ? { differing } : { differing, delay: best };
  }
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

function common(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, count, i) => total + Math.min(count, b[i]!), 0);
}

/** The larger of a difference and those of a node's membranes at the end of a step. */
export function largerDifference(
  largest: LargestDifference | undefined,
  at: { readonly sample: number; readonly step: number },
  chosen: Float64Array,
  other: Float64Array,
): LargestDifference {
  let found = largest ?? { size: 0, ...at, neuron: 0 };
  for (let neuron = 0; neuron < chosen.length && found.size !== null; neuron++) {
    const size = Math.abs(chosen[neuron]! - other[neuron]!);
    if (!Number.isFinite(size)) found = { size: null, ...at, neuron };
    else if (size > found.size) found = { size, ...at, neuron };
  }
  return found;
}

import { type LargestDifference, largerDifference, type NodeDifference, SpikeComparison } from './node-difference.ts';
import type { WatchedNet } from './watched-net.ts';

/** The first spike that only one of two nets has. */
export interface FirstDifference {
  readonly sample: number;
  readonly step: number;
  readonly node: string;
  readonly neuron: number;
  /** Of that neuron in that step. */
  readonly spikes: readonly [chosen: number, other: number];
}

/** How answers differ at an Output. */
export interface AnswerDifference {
  readonly output: string;
  readonly elements: number;
  /** The share of samples whose answer is another one: 0 … 1; null where one element makes no choice. */
  readonly differing: number | null;
}

/** How a net under another rule differs from the one under the chosen rule. */
export interface RuleDifference {
  readonly rule: string;
  /** Null where all spikes are the same. */
  readonly first: FirstDifference | null;
  /** In which spikes differ. */
  readonly samples: number;
  readonly nodes: readonly NodeDifference[];
  readonly answers: readonly AnswerDifference[];
  /** Of the membranes, as long as no spike of the sample has differed; null where there is none to compare. */
  readonly membraneBefore: number | null;
  /** Nodes that only one of both nets has, or in another size. */
  readonly apart: readonly string[];
}

/** Compares a net with the chosen one, step by step and sample by sample. */
export class RuleComparison {
  readonly #chosen: WatchedNet;
  readonly #other: WatchedNet;
  readonly #spikes: ReadonlyMap<string, SpikeComparison>;
  readonly #membranes = new Map<string, LargestDifference | undefined>();
  readonly #answers: Map<string, number>;
  #before: LargestDifference | undefined;
  #first: FirstDifference | null = null;
  #samples = 0;
  #differing = 0;
  #isApart = false;

  constructor(chosen: WatchedNet, other: WatchedNet) {
    this.#chosen = chosen;
    this.#other = other;
    this.#spikes = new Map(shared(chosen.spikes, other.spikes).map((name) => [name, new SpikeComparison()]));
    for (const name of shared(chosen.membranes, other.membranes)) this.#membranes.set(name, undefined);
    this.#answers = new Map(shared(chosen.answers, other.answers).map((name) => [name, 0]));
  }

  begin(): void {
    for (const spikes of this.#spikes.values()) spikes.begin();
    this.#isApart = false;
  }

  /** After a step of both nets. */
  takeUp(step: number): void {
    const at = { sample: this.#samples, step };
    for (const [node, spikes] of this.#spikes) {
      const [mine, theirs] = [this.#chosen.spikes.get(node)!, this.#other.spikes.get(node)!];
      const neuron = spikes.add(mine, theirs);
      if (neuron < 0) continue;
      this.#isApart = true;
      this.#first ??= { ...at, node, neuron, spikes: [mine[neuron]!, theirs[neuron]!] };
    }
    for (const [node, largest] of this.#membranes) {
      const membranes = [this.#chosen.membranes.get(node)!, this.#other.membranes.get(node)!] as const;
      this.#membranes.set(node, largerDifference(largest, at, ...membranes));
      if (!this.#isApart) this.#before = largerDifference(this.#before, at, ...membranes);
    }
  }

  /** After the last step of a sample. */
  end(): void {
    this.#samples++;
    if (this.#isApart) this.#differing++;
    for (const [output, count] of this.#answers) {
      const [mine, theirs] = [this.#chosen.answers.get(output)!, this.#other.answers.get(output)!];
      if (answerOf(mine) !== answerOf(theirs)) this.#answers.set(output, count + 1);
    }
  }

  difference(): RuleDifference {
    const names = new Set([...this.#chosen.spikes.keys(), ...this.#chosen.membranes.keys()]);
    const all = new Set([...names, ...this.#other.spikes.keys(), ...this.#other.membranes.keys()]);
    return {
      rule: this.#other.name,
      first: this.#first,
      samples: this.#differing,
      nodes: [...names].flatMap((node) => this.#nodeDifference(node) ?? []),
      answers: [...this.#answers].map(([output, count]) => {
        const elements = this.#chosen.answers.get(output)!.length;
        return { output, elements, differing: elements === 1 ? null : count / Math.max(1, this.#samples) };
      }),
      membraneBefore: this.#before?.size ?? null,
      apart: [...all].filter((node) => !this.#spikes.has(node) && !this.#membranes.has(node)),
    };
  }

  #nodeDifference(node: string): NodeDifference | undefined {
    const [spikes, membrane] = [this.#spikes.get(node), this.#membranes.get(node)];
    if (spikes === undefined && membrane === undefined) return undefined;
    const neurons = (this.#chosen.spikes.get(node) ?? this.#chosen.membranes.get(node))!.length;
    return {
      node,
      neurons,
      spikes: spikes?.totals ?? [0, 0],
      ...(spikes?.shares() ?? { differing: 0 }),
      ...(membrane === undefined ? {} : { membrane }),
    };
  }
}

/** Names that both have, with the same number of elements. */
function shared(mine: WatchedNet['spikes'], theirs: WatchedNet['spikes']): string[] {
  return [...mine].flatMap(([name, { length }]) => (theirs.get(name)?.length === length ? [name] : []));
}

/** The element with the largest sum, the first of several; −1 where none is above the others. */
function answerOf(sums: Float64Array): number {
  const largest = Math.max(...sums);
  return largest > Math.min(...sums) ? sums.indexOf(largest) : -1;
}

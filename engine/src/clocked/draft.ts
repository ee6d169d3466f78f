import { elementCount, type ResolvedEdge, type Wiring } from '@spikewire/models';
import { EmissionRingPlan } from './emission-ring.ts';
import type { InputWindowPlan } from './input-window.ts';
import { encode, type InstructionName, type OperandsOf, type SumFormat } from './kernels/instructions.ts';
import { fixed } from './kernels/kernel-constants.ts';
import { MemoryPlan } from './kernels/memory.ts';
import type { Layout } from './layout.ts';
import type { NumberForm, PlacedNumbers } from './number-form.ts';
import type { OutputPlan, PopulationPlan, Program, ProgramPart, Stream, WeightsPlan } from './program.ts';
import { Structure } from './structure.ts';
import { bytesOf, type Sums } from './sums.ts';

/** A part of a step before it has addresses. */
type DraftPart = number[] | Exclude<ProgramPart, { role: 'kernels' }>;

const LARGEST_INT16 = 32767;

/** A program as it grows: what the parts of the compiler read and add to. */
export class Draft {
  readonly wiring: Wiring;
  readonly form: NumberForm;
  readonly structure: Structure;
  readonly placed: PlacedNumbers;
  /** Indices of connections that learn. */
  readonly learned: ReadonlySet<number>;
  readonly memory = new MemoryPlan();
  /** By index: what the node emits. */
  readonly emissions = new Map<number, EmissionRingPlan>();
  /** By index of a population: its accumulators by port. */
  readonly accumulators = new Map<number, readonly Sums[]>();
  /** By index: constant input from connections that add straight to the node. */
  readonly biases = new Map<number, Float64Array>();
  /** By index of a population: its spikes as a byte per neuron. */
  readonly maps = new Map<number, number>();
  readonly inputLists = new Set<EmissionRingPlan>();
  readonly populations: PopulationPlan[] = [];
  readonly weights = new Map<number, WeightsPlan>();
  /** By index of a connection that learns. */
  readonly arrivals = new Map<number, Stream>();
  readonly #lists: EmissionRingPlan[] = [];
  readonly #begin: number[] = [];
  /** Accumulators that start from a bias instead of 0. */
  readonly #starts: number[] = [];
  readonly #step: DraftPart[] = [];

  constructor(wiring: Wiring, form: NumberForm, learned: ReadonlySet<number>) {
    this.wiring = wiring;
    this.form = form;
    this.learned = learned;
    this.structure = new Structure(wiring, form);
    this.placed = form.placed(this.structure, learned);
  }

  list(layout: Layout): EmissionRingPlan {
    const list = new EmissionRingPlan(this.memory, layout);
    this.#lists.push(list);
    return list;
  }

  sums(format: SumFormat, layout: Layout): Sums {
    return { address: this.memory.reserve(bytesOf[format] * layout.length), format, layout };
  }

  /**
   * The narrowest format for sums of magnitude `largest` that belong to no population; real ones may have ways without
   * end.
   */
  formatFor(largest: () => number): SumFormat {
    if (this.form.values === 'float32') return 'float32';
    return largest() <= LARGEST_INT16 ? 'int16' : 'int32';
  }

  follow({ source, delay }: ResolvedEdge): Stream {
    const list = this.emissions.get(source)!;
    list.lookBack(delay);
    return { list, delay };
  }

  /** Has sums begin with `bias` in every step. */
  startFrom({ address, layout }: Sums, bias: Float64Array): void {
    const from = this.memory.float32(layout.arrange(bias).map(this.form.weight));
    this.#starts.push(...encode('copy', { to: address, from, bytes: 4 * layout.length }));
  }

  emit<Name extends InstructionName>(name: Name, operands: OperandsOf<Name>): void {
    this.append(encode(name, operands));
  }

  append(words: readonly number[]): void {
    const last = this.#step.at(-1);
    if (Array.isArray(last)) last.push(...words);
    else this.#step.push([...words]);
  }

  /** What is computed outside the kernels. */
  appendPart(part: Exclude<DraftPart, number[]>): void {
    this.#step.push(part);
  }

  finish(window: InputWindowPlan): Program {
    const { nodes } = this.wiring.graph;
    const outputs = nodes.flatMap(({ kind }, index) => (kind.role === 'output' ? [this.#output(index)] : []));
    this.#placeLists();
    const step = [...(this.#starts.length === 0 ? [] : [this.#starts]), ...this.#step];
    const [only] = step;
    return {
      graph: this.wiring.graph,
      memory: this.memory,
      begin: this.#begin.length === 0 ? [] : [this.#placeInstructions(this.#begin)],
      step: step.map((part) => (Array.isArray(part) ? this.#placeInstructions(part) : part)),
      whole: step.length === 1 && Array.isArray(only) ? this.#placeInstructions([...this.#begin, ...only]) : undefined,
      watched: planWatchedLists(this.memory, this.#watchedBy(outputs)),
      window,
      inputs: nodes.flatMap(({ kind }, index) =>
        kind.role === 'input' ? [{ index, list: this.emissions.get(index)! }] : [],
      ),
      outputs,
      populations: this.populations,
      weights: this.weights,
      arrivals: this.arrivals,
      rings: new Map([...this.emissions].filter(([index, { slots }]) => slots > 1 && !this.structure.isAlias(index))),
    };
  }

  #output(index: number): OutputPlan {
    const { shape } = this.structure.node(index);
    const sources = this.wiring.incoming[index]!.map((edge) => ({
      ...this.follow(edge),
      unit: this.form.unitOf(edge.source),
    }));
    return { index, size: elementCount(shape), sources };
  }

  /** What somebody outside the kernels may read in every step, rasters aside. */
  #watchedBy(outputs: readonly OutputPlan[]): Stream[] {
    const rules = [...this.arrivals.values()];
    const targets = rules.length === 0 ? [] : this.populations.map(({ list }) => ({ list, delay: 0 }));
    return [...outputs.flatMap(({ sources }) => sources), ...rules, ...targets];
  }

  /** Rings and scratch, now that all who look back are known. */
  #placeLists(): void {
    for (const list of this.#lists) {
      list.place();
      if (list.slots > 1) this.#begin.push(...encode('advance', { list: list.descriptor }));
    }
    const longest = this.#lists.reduce((most, { capacity }) => Math.max(most, capacity), 0);
    const scratch = [this.memory.reserve(4 * longest), this.memory.reserve(8 * longest)];
    this.memory.later(fixed.offsets, () => scratch[0]!);
    this.memory.later(fixed.factors, () => scratch[1]!);
  }

  #placeInstructions(words: number[]): Extract<ProgramPart, { role: 'kernels' }> {
    const from = this.memory.int32(words);
    return { role: 'kernels', from, to: from + 4 * words.length };
  }
}

/**
 * Lists that somebody outside the kernels reads, as these see them: how many, then of each its descriptor and how many
 * steps back.
 */
function planWatchedLists(memory: MemoryPlan, streams: readonly Stream[]): number {
  return memory.int32([streams.length, ...streams.flatMap(({ list, delay }) => [list.descriptor, delay])]);
}

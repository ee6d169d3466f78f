import {
  collectActive,
  HISTORY,
  IntegerWeights,
  type LearnedConnection,
  Learner,
  NetworkLearning,
  type SparseActivity,
  sparseActivity,
  type WeightRow,
} from '@spikewire/engine/learning';
import { learnedConnections } from '@spikewire/engine/network';
import { type IntegerForm, type Model, RandomGenerator, weightUnits } from '@spikewire/models';
import type { NetworkCounters } from 'spikewire/state';
import type { IntegerShadow } from './integer-shadow.ts';
import { type CoreLearning, tableRow } from './learned-block.ts';

/** What an error asks of the board. */
export interface ChipLesson {
  readonly connection: string;
  /** Words of the table. */
  readonly table: Uint16Array;
  /** Words of the traces that it is about, where these are not the present ones. */
  readonly traces: Uint16Array | undefined;
}

/** Weights that are changed on a board: what an error would change here is noted instead. */
class WeightsOnBoard extends IntegerWeights {
  readonly asked: { readonly output: number; readonly factor: number; readonly trace: WeightRow['trace'] }[] = [];
  readonly #inputs: number;

  constructor(connection: LearnedConnection, unit: Float64Array, seed: number) {
    const { name, connectivity } = connection;
    super({
      ...{ base: connectivity.weights!, rowLength: connectivity.inputs, unit, arithmetic: 'integer' },
      random: new RandomGenerator(seed, `weights of ${name}`),
      changed: () => {},
    });
    this.#inputs = connectivity.inputs;
  }

  override addRow({ start, factor, trace }: WeightRow): void {
    this.asked.push({ output: start / this.#inputs, factor, trace });
  }

  /** The board keeps to the bounds. */
  override clipRow(): void {}
}

interface Site {
  readonly learner: Learner;
  readonly weights: WeightsOnBoard;
  /** Indices of the nodes on both sides. */
  readonly source: number;
  readonly target: number;
  readonly pre: SparseActivity;
  readonly post: SparseActivity;
}

/**
 * What the learners of the `integer` engine keep of connections that learn on a board. Weights change there alone; here
 * the traces go on too, since the memory for errors that come late is here. What is read from the board, and written to
 * it, is a state of `integer`.
 */
export class ChipLearning {
  readonly learners: NetworkLearning;
  readonly #sites: ReadonlyMap<string, Site>;

  constructor(model: Model, { wiring, quantization }: IntegerForm, seed: number) {
    const { graph, incoming } = wiring;
    const sourceOf = (index: number): number =>
      wiring.connectivity[index] === undefined ? index : sourceOf(incoming[index]![0]!.source);
    const targetOf = (index: number): number =>
      wiring.connectivity[index] === undefined ? index : targetOf(wiring.outgoing[index]![0]!.target);
    const sites = learnedConnections(model, graph).map((connection): Site => {
      const { index, connectivity } = connection;
      const weights = new WeightsOnBoard(connection, weightUnits(wiring, index, quantization), seed);
      return {
        learner: new Learner({ connection, weights, dt: model.semantics.dt, history: HISTORY }),
        weights,
        ...{ source: sourceOf(index), target: targetOf(index) },
        ...{ pre: sparseActivity(connectivity.inputs), post: sparseActivity(connectivity.outputs) },
      };
    });
    this.#sites = new Map(sites.map((site) => [site.learner.name, site]));
    this.learners = new NetworkLearning(sites.map(({ learner }) => learner));
  }

  /** Inputs before a connection that learns; they take a bit for an element. */
  get sources(): ReadonlySet<number> {
    return new Set(Array.from(this.#sites.values(), ({ source }) => source));
  }

  /** The traces of a step whose spikes the shadow has. */
  step(shadow: IntegerShadow): void {
    for (const { learner, source, target, pre, post } of this.#sites.values()) {
      collectActive(shadow.emittedBy(source), pre);
      if (learner.needsPost) collectActive(shadow.emittedBy(target), post);
      learner.step(shadow.step, pre, post, false);
    }
  }

  /**
   * Takes an error about the end of step `step`. @returns what the board must then do, undefined if nothing. Throws as
   * `NetworkLearning.teach` does.
   */
  teach(
    { connection, signal, step }: { readonly connection: string; readonly signal: ArrayLike<number>; step: number },
    counters: NetworkCounters,
    place: CoreLearning | undefined,
  ): { outcome: 'applied' | 'forgotten'; lesson: ChipLesson | undefined } {
    const outcome = this.learners.teach(connection, signal, step, counters);
    const { weights, learner } = this.#sites.get(connection)!;
    const asked = weights.asked.splice(0);
    if (outcome === 'forgotten') return { outcome, lesson: undefined };
    const factors = new Float64Array(place!.outputs);
    for (const { output, factor } of asked) factors[output] = factor;
    const [trace] = asked.map((each) => each.trace);
    const present = tracesOf(learner, 'pre')!;
    const isPresent = trace === undefined || present.every((x, n) => x === trace[n]);
    const table = Uint16Array.from(place!.rows.flatMap((row, output) => tableRow(factors[output]!, row)));
    return { outcome, lesson: { connection, table, traces: isPresent ? undefined : wordsOf(trace) } };
  }

  /** Words of all that changes in a connection, as they lie on the board. */
  words(name: string, { inputs, outputs, changing, generator, weights, pre, post }: CoreLearning): Uint16Array {
    const { weights: own, learner } = this.#sites.get(name)!;
    const words = new Uint16Array(changing.length);
    const { value, random } = own.state;
    words.set(wordsOf(random!.view as Uint32Array), generator - changing.at);
    for (let k = 0; k < inputs * outputs; k++)
      words[placeOf(k, inputs, outputs) + weights - changing.at] = value!.view[k]!;
    words.set(wordsOf(tracesOf(learner, 'pre')!), pre - changing.at);
    if (post !== undefined) words.set(wordsOf(tracesOf(learner, 'post')!), post - changing.at);
    return words;
  }

  /** The reverse. */
  take(name: string, { inputs, outputs, changing, generator, weights, pre, post }: CoreLearning, words: Uint16Array) {
    const { weights: own, learner } = this.#sites.get(name)!;
    const { value, random } = own.state;
    takeWords(random!.view, words, generator - changing.at);
    for (let k = 0; k < inputs * outputs; k++) {
      value!.view[k] = (words[placeOf(k, inputs, outputs) + weights - changing.at]! << 16) >> 16;
    }
    takeWords(tracesOf(learner, 'pre')!, words, pre - changing.at);
    if (post !== undefined) takeWords(tracesOf(learner, 'post')!, words, post - changing.at);
    learner.restored();
  }

  /** W of a connection, as the graph has them. */
  weightsOf(name: string): ArrayLike<number> {
    return this.#sites.get(name)!.weights.state.value!.view;
  }
}

/** Where weight k of the graph lies: there by output, on the board by input. */
function placeOf(k: number, inputs: number, outputs: number): number {
  return (k % inputs) * outputs + Math.floor(k / inputs);
}

/** Numbers of 32 bits as words, the lower half first. */
function wordsOf(numbers: ArrayLike<number>): Uint16Array {
  return Uint16Array.from({ length: 2 * numbers.length }, (_, k) => numbers[k >> 1]! >> (16 * (k & 1)));
}

function takeWords(numbers: { readonly length: number; [k: number]: number }, words: Uint16Array, at: number): void {
  for (let k = 0; k < numbers.length; k++) numbers[k] = words[at + 2 * k]! | (words[at + 2 * k + 1]! << 16);
}

/** The traces of one side of the rule, as they are kept. */
function tracesOf({ state }: Learner, side: 'pre' | 'post'): Float64Array | undefined {
  const name = Object.keys(state).find((key) => key.startsWith(`rule0.${side}.`));
  return name === undefined ? undefined : (state[name]!.view as Float64Array);
}

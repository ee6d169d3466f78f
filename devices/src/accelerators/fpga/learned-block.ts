import { decayFactor, type LearnedConnection, roundedGain, rulesOf } from '@spikewire/engine/learning';
import { RandomGenerator } from '@spikewire/models';
import { COUNT_BITS, INSTRUCTION_WORDS, learnBits, learnWords, opcodes, table } from './core-description.ts';
import type { Instruction } from './instructions.ts';
import type { Stretch } from './stretch.ts';

/** What the core changes of a connection that learns, and where. */
export interface CoreLearning {
  readonly inputs: number;
  readonly outputs: number;
  /** Of the memory: all that learning changes, which is generator, weights and traces; and a copy of it. */
  readonly changing: Stretch;
  readonly kept: Stretch;
  /** Words of the memory: eight of the generator, the lower half of each number first. */
  readonly generator: number;
  /** W of input i and output o is at weights + i·outputs + o. */
  readonly weights: number;
  /** Two words for each input, and where a rule has them for each output, the lower half first. */
  readonly pre: number;
  readonly post: number | undefined;
  /** The table for errors, four words for each output; absent where the rule takes none. */
  readonly errors: number | undefined;
  /** By output: W in q = 1, and the bounds of W. */
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  readonly stepsPerUnit: number;
  readonly lowest: number;
  readonly highest: number;
}

const [GENERATOR_WORDS, TRACE_WORDS, TABLE_WORDS] = [8, 2, 4];
/** The bits of an opcode. */
const OPCODE = 0xf;
/** W of q = 1. */
const STEPS = 256;
const [LOWEST, HIGHEST] = [-(2 ** 15), 2 ** 15 - 1];
export const MOST_COUNTED = 2 ** COUNT_BITS - 1;

/** The four words of an output for a change by x·`factor`, x a trace in real units times 2^16. */
export function tableRow(factor: number, { stepsPerUnit, lowest, highest }: TableRow): number[] {
  const row = [0, 0, lowest, highest];
  const gain = roundedGain(factor * stepsPerUnit);
  if (gain === 0) return row;
  // 2^14 ≤ |m| < 2^15.
  const shift = 14 - Math.floor(Math.log2(Math.abs(gain)));
  row[table.gain] = gain * 2 ** shift;
  row[table.shift] = shift + 2;
  return row;
}

/** By output: its weights' steps in a real unit, and its bounds, rounded inwards. */
export function tableRows(units: Float64Array, outputs: number, bounds: readonly [number, number] | undefined) {
  return Array.from({ length: outputs }, (_, output): TableRow => {
    const stepsPerUnit = STEPS / units[output]!;
    const within = (value: number) => Math.max(LOWEST, Math.min(HIGHEST, value));
    return {
      stepsPerUnit,
      lowest: within(bounds === undefined ? LOWEST : Math.ceil(bounds[0] * stepsPerUnit)),
      highest: within(bounds === undefined ? HIGHEST : Math.floor(bounds[1] * stepsPerUnit)),
    };
  });
}

/** Whether a weight lies outside its bounds, as it may before it is first changed. */
export function isOutside(
  weights: ArrayLike<number>,
  { inputs, rows }: Pick<CoreLearning, 'inputs' | 'rows'>,
): boolean {
  return rows.some(({ lowest, highest }, output) => {
    for (let input = 0; input < inputs; input++) {
      const weight = weights[output * inputs + input]!;
      if (weight < lowest || weight > highest) return true;
    }
    return false;
  });
}

/**
 * Lets the program of a net bring all weights that a change passes into their bounds, or only those that it changes.
 */
export function setVisits(program: Uint16Array, { generator }: CoreLearning, visits: boolean): void {
  for (let at = 0; at < program.length; at += INSTRUCTION_WORDS) {
    const isLearn = (program[at]! & OPCODE) === opcodes.learn && program[at + learnWords.generator] === generator;
    if (isLearn) program[at] = (program[at]! & ~(1 << learnBits.visits)) | (Number(visits) << learnBits.visits);
  }
}

/** The words of a generator at the start. */
function generatorWords(name: string, seed: number): Uint16Array {
  const { state } = new RandomGenerator(seed, `weights of ${name}`);
  return Uint16Array.from({ length: GENERATOR_WORDS }, (_, k) => state[k >> 1]! >>> (16 * (k & 1)));
}

/** A connection that learns, with its words of the memory and its instructions. */
export class LearnedBlock {
  readonly learning: CoreLearning;
  readonly #name: string;
  /** The model's weights q, as the graph has them: by output, then by input. */
  readonly #base: ArrayLike<number>;
  readonly #connection: LearnedConnection;
  readonly #rule: ReturnType<typeof rulesOf>[number]['rule'];
  readonly #dt: number;
  readonly #seed: number;
  /** Tables of changes that spikes make, by side. */
  readonly #tables: { readonly pre: number | undefined; readonly post: number | undefined };
  readonly #visits: boolean;

  /** `take` gives words of the memory, at a multiple of the second number. */
  constructor(
    connection: LearnedConnection,
    units: Float64Array,
    dt: number,
    seed: number,
    take: (words: number, multiple: number) => number,
  ) {
    const { name, connectivity, declarations } = connection;
    const { inputs, outputs } = connectivity;
    this.#connection = connection;
    this.#name = name;
    this.#base = connectivity.weights!;
    this.#dt = dt;
    this.#seed = seed;
    this.#rule = rulesOf(connection, dt)[0]!.rule;
    const { onPre, onPost, onSignal, traces } = this.#rule;
    const hasPost = traces.some(({ side }) => side === 'post');
    const weightWords = inputs * outputs + ((inputs * outputs) & 1);
    const length = GENERATOR_WORDS + weightWords + TRACE_WORDS * (inputs + (hasPost ? outputs : 0));
    const at = take(length, 8);
    const weights = at + GENERATOR_WORDS;
    const pre = weights + weightWords;
    const tableOf = (change: unknown) => (change === undefined ? undefined : take(TABLE_WORDS * outputs, 4));
    this.#tables = {
      pre: onPre !== undefined && factorOf(onPre) !== 0 ? tableOf(onPre) : undefined,
      post: onPost !== undefined && factorOf(onPost) !== 0 ? tableOf(onPost) : undefined,
    };
    this.learning = {
      ...{ inputs, outputs, weights, pre, generator: at },
      changing: { at, length },
      kept: { at: take(length, 2), length },
      post: hasPost ? pre + TRACE_WORDS * inputs : undefined,
      errors: tableOf(onSignal),
      rows: tableRows(units, outputs, declarations[0]!.bounds),
    };
    this.#visits = isOutside(
      Array.from(this.#base, (q) => q * STEPS),
      this.learning,
    );
  }

  /** Writes the first state and the tables into the words of the memory, which begin with word `start`. */
  write(memory: Uint16Array, start: number): void {
    const { inputs, outputs, changing, kept, weights, rows } = this.learning;
    const base = this.#base;
    memory.set(generatorWords(this.#name, this.#seed), changing.at - start);
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) memory[weights + i * outputs + o - start] = base[o * inputs + i]! * STEPS;
    }
    const { pre, post } = this.#tables;
    for (const [at, change] of [
      [pre, this.#rule.onPre],
      [post, this.#rule.onPost],
    ] as const) {
      // A spike is 2^16 of a trace.
      if (at !== undefined)
        memory.set(
          rows.flatMap((row) => tableRow(factorOf(change!) / 2 ** 16, row)),
          at - start,
        );
    }
    memory.copyWithin(kept.at - start, changing.at - start, changing.at + changing.length - start);
  }

  /** What a step does at its end. `source` and `target` are words of the activity memory. */
  step(source: number, target: number | undefined): Instruction[] {
    const { inputs, outputs, pre, post } = this.learning;
    const { traces, onPre, onPost } = this.#rule;
    const ofSide = (wanted: 'pre' | 'post') => traces.find(({ side }) => side === wanted);
    const trace = (wanted: 'pre' | 'post', neurons: number, at: number, spikes: number) => {
      const declared = ofSide(wanted)!;
      const tau = 'tau' in declared ? declared.tau : 0;
      const sets = Number(declared.mode === 'set') << learnBits.sets;
      const factor = decayFactor(tau, this.#dt);
      const common = { [learnWords.outer]: neurons, [learnWords.inner]: factor, [learnWords.traces]: at };
      const source = { [learnWords.source]: spikes };
      return {
        decay: [opcodes.trace | (1 << learnBits.everyone) | (1 << learnBits.decays), common] as Instruction,
        take: [opcodes.trace | sets, { ...common, ...source }] as Instruction,
        both: [opcodes.trace | sets | (1 << learnBits.decays), { ...common, ...source }] as Instruction,
      };
    };
    const arrivals = trace('pre', inputs, pre, source);
    if (post === undefined) return [arrivals.both];
    const spikes = trace('post', outputs, post, target!);
    const isPreFirst = (this.#rule.order ?? this.#connection.declarations[0]!.order) === 'pre-first';
    const { pre: table1, post: table2 } = this.#tables;
    return [
      arrivals.decay,
      spikes.decay,
      ...(onPre !== undefined && table1 !== undefined ? [this.#change('inputs', table1, source)] : []),
      ...(isPreFirst ? [arrivals.take] : []),
      ...(onPost !== undefined && table2 !== undefined ? [this.#change('outputs', table2, target)] : []),
      ...(isPreFirst ? [] : [arrivals.take]),
      spikes.take,
    ];
  }

  /** What an error does; undefined where the rule takes none. */
  teach(): Instruction | undefined {
    const { errors } = this.learning;
    return errors === undefined ? undefined : this.#change('outputs', errors, undefined);
  }

  /** A change at the spikes of one side, or without `spikes` at all of its neurons. */
  #change(outer: 'inputs' | 'outputs', tableAt: number, spikes: number | undefined): Instruction {
    const { inputs, outputs, generator, weights, pre, post } = this.learning;
    const byOutput = outer === 'outputs';
    const flags =
      (Number(spikes === undefined) << learnBits.everyone) |
      (Number(!byOutput) << learnBits.byInner) |
      (Number(this.#visits) << learnBits.visits);
    return [
      opcodes.learn | flags,
      {
        [learnWords.source]: spikes ?? 0,
        [learnWords.outer]: byOutput ? outputs : inputs,
        [learnWords.inner]: byOutput ? inputs : outputs,
        [learnWords.traces]: byOutput ? pre : post!,
        ...{ [learnWords.weights]: weights, [learnWords.table]: tableAt, [learnWords.generator]: generator },
      },
    ];
  }
}

/** The factor of a change at a spike, the same for all neurons. */
function factorOf(change: unknown): number {
  const nothing = { pre: [], post: [], signal: new Float64Array(0), memory: {} };
  return (change as { factor(n: number, view: typeof nothing): number }).factor(0, nothing);
}

import { checkInput } from '@spikewire/engine/network';
import { type Model, modelDigest, SpikewireError } from '@spikewire/models';
import { EventBuffer, type EventList } from 'spikewire';
import type { Executor, Teaching, WindowRequest, WindowResult } from 'spikewire/accelerators';
import { goOn, type LearnedOnly, newCounters, restoreState, writeState } from 'spikewire/state';
import type { EnsembleForm } from './ensemble.ts';
import { OutputEvents } from './output-events.ts';
import type { BoardCounts, Expected, RunningBoard } from './running-board.ts';
import { ROUNDING, TaughtCopy } from './taught-copy.ts';

/** The board of a net. */
export interface BoardAccess {
  readonly name: string;
  /** Starts its script with these decoders. */
  start(decoders: Float64Array): Promise<RunningBoard>;
  /** Called once the net is closed. */
  release(): void;
}

/** Name of its states. */
const ENGINE = 'nengofpga';
/** Ends of windows to which lessons may still come, as on the engines. */
const HISTORY = 16;

/**
 * An ensemble on the board. The board computes each step; this machine computes the filter behind it, and, only with a
 * lesson, what the engine `reference` learns from it. So what was learned is known here, though the board hands out
 * none of it, and each lesson shows whether the board still answers with it.
 */
export class EnsembleNet implements Executor {
  readonly name: string;
  readonly bytes: number;
  readonly choice: Executor['choice'];
  readonly #model: Model;
  readonly #form: EnsembleForm;
  readonly #access: BoardAccess;
  readonly #copy: TaughtCopy;
  readonly #filtered: Float64Array | undefined;
  #board: RunningBoard;
  /** Counts of its former starts, and how often it began anew because of faults. */
  #before: BoardCounts | undefined;
  #restarts = 0;
  #counters = newCounters();
  #step = 0;
  #learns = true;
  /** Whether the board has done no step since its script began. */
  #isFresh = true;
  /** The last input, and what the board answers to it now; the answer is undefined where it may be another. */
  #x: Float64Array;
  #answer: Float64Array | undefined;
  /** Inputs by the steps at whose end lessons may come: of the last windows, and the present one. */
  readonly #history = new Map<number, Float64Array>();
  #present: { readonly step: number; readonly x: Float64Array } | undefined;
  #isOpen = true;
  #closed: Promise<void> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(access: BoardAccess, model: Model, form: EnsembleForm, board: RunningBoard) {
    this.name = access.name;
    this.choice = { engine: access.name, because: null };
    this.bytes = 8 * (form.encoders.length + form.bias.length + form.decoders.length);
    this.#model = model;
    this.#form = form;
    this.#access = access;
    this.#board = board;
    this.#copy = new TaughtCopy(model, form);
    this.#filtered = form.filter?.initial.slice();
    this.#x = new Float64Array(form.inputs);
  }

  /** Starts the board, and compares its answers to two inputs where that leaves no trace. */
  static async open(access: BoardAccess, model: Model, form: EnsembleForm): Promise<EnsembleNet> {
    const net = new EnsembleNet(access, model, form, await access.start(form.decoders));
    try {
      if (!form.keepsState) await net.#compare();
      return net;
    } catch (problem) {
      await net.close();
      throw problem;
    }
  }

  /** What happened to packets and lessons, and how often the script began anew because of that. */
  get counts(): BoardCounts & { readonly restarts: number } {
    return { ...sumOf(this.#before, this.#board.counts), restarts: this.#restarts };
  }

  run(request: WindowRequest): Promise<WindowResult> {
    return this.#inOrder(() => this.#run(request));
  }

  async #run({ steps, input, teach = [], fresh, membranes = [], raster, hold }: WindowRequest): Promise<WindowResult> {
    checkInput(this.#form.graph, steps, EventBuffer.of(input));
    this.#expectMembranes(membranes);
    const taught: WindowResult['taught'][number][] = [];
    for (const lesson of teach) taught.push(await this.#teach(lesson, this.#learns && !hold));
    await this.#settle();
    // A window asks once at least: a board that is gone must not seem to answer.
    this.#answer = undefined;
    if (fresh) await this.#startAgain();
    const output = await this.#steps(steps, input);
    if (steps > 0) this.#remember();
    return {
      output,
      // Rectifiers have no spikes; those of spiking neurons stay on the board.
      raster: raster && !this.#form.spiking ? new OutputEvents().toList() : undefined,
      membranes: this.#membranes(membranes),
      dropped: 0,
      step: this.#step,
      counters: { ...this.#counters },
      taught,
    };
  }

  setLearning(on: boolean): Promise<void> {
    return this.#inOrder(async () => {
      this.#learns = on;
    });
  }

  resetLearning(): Promise<void> {
    return this.#inOrder(async () => {
      this.#copy.resetLearning();
      await this.#restart();
    });
  }

  save(): Promise<Uint8Array> {
    return this.#inOrder(async () => writeState({ ...this.#saved(), step: this.#step }));
  }

  restore(state: Uint8Array): Promise<LearnedOnly | undefined> {
    return this.#inOrder(async () => {
      const saved = this.#saved();
      const taken = goOn(
        {
          restore: (bytes) => {
            this.#step = restoreState(bytes, saved);
            this.#forget();
          },
          restoreLearned: (learned) => this.#copy.restoreLearned(learned),
          resetActivity: () => this.#forget(),
        },
        state,
      );
      await this.#restart();
      return taken;
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#inOrder(async () => {
      try {
        await this.#board.close();
      } finally {
        this.#isOpen = false;
        this.#access.release();
      }
    });
    return this.#closed;
  }

  async #steps(steps: number, input: EventList): Promise<EventList> {
    const { results, keepsState } = this.#form;
    const output = new OutputEvents();
    for (let [step, at] = [0, 0]; step < steps; step++, this.#step++) {
      const x = new Float64Array(this.#form.inputs);
      for (; at < input.step.length && input.step[at] === step; at++) x[input.index[at]!]! += input.value[at]!;
      // Without a state the same input has the same answer.
      if (keepsState || this.#answer === undefined || x.some((value, k) => value !== this.#x[k]))
        this.#answer = await this.#ask(x);
      this.#x = x;
      this.#isFresh = false;
      const filtered = this.#filter(this.#answer);
      for (const [node, from] of results) output.put(step, node, from === 'decoded' ? this.#answer : filtered);
    }
    return output.toList();
  }

  #filter(answer: Float64Array): Float64Array {
    const [filter, v] = [this.#form.filter, this.#filtered];
    if (filter === undefined || v === undefined) return answer;
    const { decay, gain, bias } = filter;
    for (let j = 0; j < v.length; j++) v[j] = decay[j]! * v[j]! + gain[j]! * answer[j]! + bias[j]!;
    return v;
  }

  async #teach(
    { connection, signal, step }: Teaching,
    isLearning: boolean,
  ): Promise<'applied' | 'forgotten' | 'frozen'> {
    if (!isLearning) return 'frozen';
    const x = step === undefined || step === this.#present?.step ? this.#present?.x : this.#history.get(step);
    if (x === undefined) return this.#forgetLesson(connection, signal);
    const wanted = this.#copy.expected(x);
    const isHere = x.every((value, k) => value === this.#x[k]);
    const found = await this.#askFor(x, wanted, isHere ? this.#answer : undefined);
    const effect = this.#copy.teach(connection, x, signal);
    this.#counters.taught++;
    if (effect.every((value) => value === 0)) return 'applied';
    this.#answer = undefined;
    const resolution = ROUNDING * wanted.resolution;
    const answer = await this.#board.teach({ x, error: signal, effect }, { answer: found, resolution });
    if (isHere) this.#answer = answer;
    return 'applied';
  }

  /** Checks connection and signal of a lesson that comes too late, which changes nothing. */
  #forgetLesson(connection: string, signal: Float64Array): 'forgotten' {
    const before = this.#copy.saveLearned();
    this.#copy.teach(connection, this.#x, signal);
    this.#copy.restoreLearned(before);
    this.#counters.forgotten++;
    return 'forgotten';
  }

  /** The answer of a board about which nothing is doubtful, as far as is known when it comes. */
  async #ask(x: Float64Array): Promise<Float64Array> {
    for (;;) {
      await this.#settle();
      const answer = await this.#board.answer(x);
      if (!this.#board.isDoubtful) return answer;
    }
  }

  /** The answer, where it is what the board should answer. What is not may come of lessons that seemed lost. */
  async #askFor(x: Float64Array, wanted: Expected, known?: Float64Array): Promise<Float64Array> {
    let found = known ?? (await this.#ask(x));
    if (this.#board.isDoubtful || (!isNear(found, wanted) && this.#board.doubtUnheard())) found = await this.#ask(x);
    if (!isNear(found, wanted) && this.#board.faults > 0) {
      await this.#repair();
      found = await this.#ask(x);
    }
    return isNear(found, wanted) ? found : this.#board.fail(found, wanted);
  }

  async #settle(): Promise<void> {
    // Without a state the board begins anew unnoticed.
    if (this.#board.isTimeCoarse && !this.#form.keepsState) await this.#repair();
    if (!this.#board.isDoubtful) return;
    this.#answer = undefined;
    if (this.#board.isAmbiguous) await this.#repair();
    else await this.#board.settle((x) => this.#copy.exactly(x));
  }

  /** Faults that overlap cannot be told apart, but what was learned is known here. */
  async #repair(): Promise<void> {
    await this.#restart();
    this.#restarts++;
  }

  async #compare(): Promise<void> {
    for (const value of [0, 0.5]) {
      const x = new Float64Array(this.#form.inputs).fill(value);
      await this.#askFor(x, this.#copy.expected(x));
    }
  }

  /** Membranes as at the start, which the board has only after a start of its script. */
  async #startAgain(): Promise<void> {
    this.#present = undefined;
    this.#resetFilter();
    if (this.#form.keepsState && !this.#isFresh) await this.#restart();
  }

  /** The script begins anew with what was learned: the protocol can set nothing while it runs. */
  async #restart(): Promise<void> {
    const former = this.#board;
    this.#answer = undefined;
    await former.close();
    this.#board = await this.#access.start(this.#copy.decoders());
    this.#before = sumOf(this.#before, former.counts);
    this.#isFresh = true;
  }

  #remember(): void {
    this.#present = { step: this.#step - 1, x: this.#x };
    this.#history.set(this.#step - 1, this.#x);
    const [oldest] = this.#history.keys();
    if (this.#history.size > HISTORY) this.#history.delete(oldest!);
  }

  #forget(): void {
    this.#present = undefined;
    this.#history.clear();
    this.#resetFilter();
  }

  #resetFilter(): void {
    this.#filtered?.set(this.#form.filter!.initial);
  }

  #expectMembranes(names: readonly string[]): void {
    for (const name of names)
      if (this.#form.graph.nodes.find((each) => each.name === name)?.kind.role !== 'neuron')
        throw new SpikewireError('input', `node "${name}"`, 'has no membrane');
  }

  #membranes(names: readonly string[]): Record<string, Float64Array> {
    const { filter, rectifier, spiking, keepsState } = this.#form;
    const found: Record<string, Float64Array> = {};
    for (const name of names) {
      if (name === filter?.name) found[name] = this.#filtered!.slice();
      // That of a rectifier is what arrived; others stay on the board.
      if (name === rectifier && !spiking && !keepsState)
        found[name] = this.#present === undefined ? new Float64Array(this.#form.neurons) : this.#copy.currents(this.#x);
    }
    return found;
  }

  #saved() {
    return {
      engine: ENGINE,
      model: modelDigest(this.#model),
      counters: this.#counters,
      state: {},
      learning: this.#copy.learning,
    };
  }

  #inOrder<Value>(call: () => Promise<Value>): Promise<Value> {
    const result = this.#turn.then(() => {
      if (!this.#isOpen) throw new SpikewireError('unsupported', 'net', 'is closed', 'an open one');
      return call();
    });
    this.#turn = result.catch(() => {});
    return result;
  }
}

function isNear(found: Float64Array, { answer, resolution }: Expected): boolean {
  return found.every((value, j) => Math.abs(value - answer[j]!) <= resolution);
}

function sumOf(before: BoardCounts | undefined, now: BoardCounts): BoardCounts {
  if (before === undefined) return now;
  const keys = Object.keys(now) as (keyof BoardCounts)[];
  return Object.fromEntries(keys.map((key) => [key, before[key] + now[key]])) as unknown as BoardCounts;
}

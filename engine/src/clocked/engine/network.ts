import { type KeptState, kept, type Model, prefixed } from '@spikewire/models';
import { checkInput } from '../../check-input.ts';
import { type LoadOptions, newCounters } from '../../engine.ts';
import type { EventBuffer } from '../../event-buffer.ts';
import type { LearnedConnection } from '../../learn/learned-connections.ts';
import { HISTORY, Learner, type ReadMembrane } from '../../learn/learner.ts';
import { NetworkLearning } from '../../learn/network-learning.ts';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { NetworkShell } from '../../network-shell.ts';
import { retainedBytes } from '../../retained-bytes.ts';
import { EmissionRing, type EmissionRingPlan } from '../emission-ring.ts';
import type { InputFormat } from '../input-format.ts';
import { InputWindow } from '../input-window.ts';
import { fixed } from '../kernels/kernel-constants.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { learningKernels } from '../kernels/learning-kernels.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import type { NumberForm } from '../number-form.ts';
import { PackedWeights } from '../packed-weights.ts';
import type { Program, ProgramPart, StateVariable } from '../program.ts';
import { createKernels } from './create-kernels.ts';
import { InputNode } from './input-node.ts';
import { keptEmissions } from './kept-emissions.ts';
import { ListReader } from './list-reader.ts';
import { dynamicsRunner, lateElementsRunner, selectionRunner } from './runners.ts';

/** A node whose events leave the net. */
interface Recording {
  readonly index: number;
  readonly reader: ListReader;
}

/** A learner and where it finds the activity on both sides. */
interface LearningSite {
  readonly learner: Learner;
  readonly pre: ListReader;
  readonly post: ListReader | undefined;
  readonly preActivity: SparseActivity;
  readonly postActivity: SparseActivity;
  /** The target's v, where a rule looks at it; empty elsewhere. */
  readonly membrane: Float64Array;
  readonly readMembrane: ReadMembrane | undefined;
}

type StateView = Int16Array | Int32Array | Float32Array | Float64Array;

/** A net over one block of memory, run by instructions. */
export class ClockedNetwork extends NetworkShell {
  readonly bytes: number;
  protected readonly learners: NetworkLearning;
  readonly #program: Program;
  /** Of the form only this: what it needed to compile would take memory for nothing. */
  readonly #values: NumberForm['values'];
  readonly #realWeights: NumberForm['realWeights'];
  readonly #memory: MemoryViews;
  readonly #kernels: Kernels;
  readonly #begin: readonly (() => void)[];
  readonly #parts: readonly (() => void)[];
  readonly #whole: Program['whole'];
  readonly #inputFormats: readonly InputFormat[];
  readonly #window: InputWindow;
  readonly #inputs: readonly InputNode[];
  readonly #outputs: readonly Recording[];
  readonly #rasters: readonly Recording[];
  readonly #rings: readonly EmissionRing[];
  /** State variables and how they start. */
  readonly #starts: readonly { readonly view: StateView; readonly initial: StateView }[];
  readonly #learningSites: readonly LearningSite[];
  /** Whether rules read membranes in every step: these are never silent. */
  readonly #followsMembranes: boolean;
  /**
   * Where in the float64 view a population counts the sums that reached an end of their range: the upper one, the lower
   * one.
   */
  readonly #saturations: readonly number[];

  constructor(
    model: Model,
    program: Program,
    form: NumberForm,
    learned: readonly LearnedConnection[],
    { history = HISTORY, kernels: kernelForm }: LoadOptions,
  ) {
    super('clocked', model, program.graph, newCounters());
    this.#program = program;
    this.#values = form.values;
    this.#realWeights = form.realWeights;
    const { memory, kernels } = createKernels(program.memory.bytes, kernelForm);
    program.memory.fill(memory);
    program.memory.forget();
    this.#memory = memory;
    this.#kernels = kernels;
    this.#begin = program.begin.map((part) => this.#runner(part));
    this.#parts = program.step.map((part) => this.#runner(part));
    this.#whole = program.whole;
    this.#inputFormats = program.inputs.map(({ index }) => form.inputFormat(program.graph.nodes[index]!));
    this.#window = new InputWindow(program.window, memory);
    this.#inputs = program.inputs.map(
      ({ index, list }, k) => new InputNode(index, this.#ringOf(list), this.#inputFormats[k]!),
    );
    this.#outputs = program.outputs.map(({ index, size, sources }) => {
      const readings = sources.map(({ list, delay, unit }) => ({ list: this.#ringOf(list), delay, unit }));
      return { index, reader: new ListReader(readings, size) };
    });
    this.#rasters = program.populations.flatMap(({ index, spikes, list }) =>
      spikes ? [{ index, reader: this.#readerOf(list) }] : [],
    );
    this.#rings = [...program.rings.values()].map((ring) => this.#ringOf(ring));
    this.#starts = program.populations.flatMap(({ state }) =>
      [...state.values()].flatMap((variable) => {
        const view = this.#viewOf(variable);
        return variable.resets ? [{ view, initial: view.slice() }] : [];
      }),
    );
    this.#learningSites = learned.map((connection) => this.#learningSite(connection, form, history));
    this.learners = new NetworkLearning(this.#learningSites.map(({ learner }) => learner));
    this.#followsMembranes = this.learners.learners.some(({ followsMembrane }) => followsMembrane);
    this.#saturations = program.populations.flatMap(({ state }) => {
      const saturated = state.get('saturated');
      return saturated === undefined ? [] : [saturated.address / 8];
    });
    this.bytes = this.#countBytes();
  }

  run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer): void {
    const taken = this.#open(steps, input);
    const whole = taken ? this.#whole : undefined;
    let due = -1;
    for (let step = 0, event = 0; step < steps; step++) {
      const supplied = taken ? this.#window.supply(this.#kernels, input, step, steps) : 1;
      if (whole === undefined) {
        runAll(this.#begin);
        if (!taken) event = this.#stage(input, event, step);
        runAll(this.#parts);
      } else {
        if (this.done > due) due = this.#dueFrom(this.done);
        step += this.#runSilent(whole, raster === undefined ? Math.min(supplied, due - this.done + 1) : 1);
      }
      record(this.#outputs, output, step);
      if (raster !== undefined) record(this.#rasters, raster, step);
      for (let k = 0; k < this.#learningSites.length; k++) this.#learn(this.#learningSites[k]!);
      this.done++;
    }
    this.learners.endWindow();
    this.#takeCounts();
  }

  protected stateAt(index: number, variable: string): Float64Array | undefined {
    const population = this.#populationAt(index);
    const found = population?.state.get(variable);
    if (found !== undefined) return this.#readVariable(found);
    // A population that never rests keeps no count of it.
    const isResting = variable === 'refractory' && population?.spikes;
    return isResting ? new Float64Array(population.list.layout.size) : undefined;
  }

  protected variablesAt(index: number): string[] {
    return [...(this.#populationAt(index)?.state.keys() ?? [])];
  }

  protected weightsAt(index: number): Float64Array | undefined {
    const plan = this.#program.weights.get(index);
    if (plan === undefined) return undefined;
    const learner = this.learners.find(this.graph.nodes[index]!.name);
    const { length } = plan;
    if (learner !== undefined) return Float64Array.from({ length }, (_, k) => learner.weights.read(k));
    const packed = new PackedWeights(plan.packing, plan.address, this.#memory);
    const stored = Float64Array.from({ length }, (_, k) => packed.read(k) * plan.unit);
    return this.#realWeights(index, stored);
  }

  protected resetNodes(): void {
    for (let k = 0; k < this.#starts.length; k++) this.#starts[k]!.view.set(this.#starts[k]!.initial);
    for (let k = 0; k < this.#rings.length; k++) {
      const ring = this.#rings[k]!;
      for (let delay = 0; delay < ring.plan.slots; delay++) ring.close(ring.slot(delay), 0, false);
    }
  }

  override save(): Uint8Array {
    for (const ring of this.#rings) ring.tidy();
    return super.save();
  }

  protected keptOfNodes(): KeptState {
    const ofPopulations = this.#program.populations.map(({ index, state }) => {
      const variables = [...state].map(([name, variable]) => [name, kept(this.#viewOf(variable), ...variable.ranges)]);
      return prefixed(`node${index}`, Object.fromEntries(variables));
    });
    const ofRings = [...this.#program.rings].map(([index, plan]) => {
      return prefixed(`node${index}`, keptEmissions(plan, this.#memory, this.#values));
    });
    return Object.assign({}, ...ofPopulations, ...ofRings);
  }

  /** The first step from `step` on in which rules do something though nothing arrives and nothing spikes. */
  #dueFrom(step: number): number {
    return this.#followsMembranes ? step : this.learners.next(step);
  }

  /**
   * Runs up to `most` steps, until there is something to read for somebody outside the kernels; returns how many silent
   * ones came before the last.
   */
  #runSilent({ from, to }: NonNullable<Program['whole']>, most: number): number {
    const silent = this.#kernels.runUntil(from, to, most, this.#program.watched) - 1;
    if (silent === 0) return 0;
    for (let k = 0; k < this.#learningSites.length; k++) this.#learningSites[k]!.learner.skip(this.done, silent);
    this.done += silent;
    return silent;
  }

  /** Checks the input of a window. Returns whether kernels take it in by themselves. */
  #open(steps: number, input: EventBuffer): boolean {
    if (this.#window.open(this.#kernels, input, steps)) return true;
    checkInput(this.graph, steps, input);
    return false;
  }

  /** Hands on the events of step `now`, the first of which is `from`; returns that of the next step. */
  #stage(input: EventBuffer, from: number, now: number): number {
    let next = from;
    for (let k = 0; k < this.#inputs.length; k++) next = this.#inputs[k]!.stage(input, from, now);
    return next;
  }

  #runner(part: ProgramPart): () => void {
    if (part.role === 'dynamics') {
      return dynamicsRunner(part.plan, this.#ringOf(part.plan.population.list), this.#memory, this.counters);
    }
    if (part.role === 'late elements') {
      return lateElementsRunner(part.plan, (list) => this.#ringOf(list), this.#memory);
    }
    if (part.role === 'selection') return selectionRunner(part.plan, (list) => this.#ringOf(list), this.#memory);
    const { from, to } = part;
    const kernels = this.#kernels;
    return () => kernels.run(from, to);
  }

  #ringOf(plan: EmissionRingPlan): EmissionRing {
    return new EmissionRing(plan, this.#memory, this.#values);
  }

  #readerOf(list: EmissionRingPlan, delay = 0, unit = 1): ListReader {
    return new ListReader([{ list: this.#ringOf(list), delay, unit }], list.layout.size);
  }

  #learningSite(connection: LearnedConnection, form: NumberForm, history: number): LearningSite {
    const { index, post, connectivity } = connection;
    const plan = this.#program.weights.get(index)!;
    const packed = new PackedWeights(plan.packing, plan.address, this.#memory);
    const kernels = plan.learning && learningKernels(plan.learning, this.#memory, this.#kernels);
    const weights = form.learnedWeights(connection, packed, kernels);
    const learner = new Learner({ connection, weights, dt: this.model.semantics.dt, history });
    const { list, delay } = this.#program.arrivals.get(index)!;
    const source = this.graph.edges.find(({ target }) => target === index)!.source;
    const behind = this.#program.populations.find((population) => population.index === connection.target?.index);
    const variable = learner.needsMembrane ? behind!.state.get('v')! : undefined;
    const membrane = new Float64Array(variable === undefined ? 0 : connectivity.outputs);
    return {
      learner,
      pre: this.#readerOf(list, delay, form.unitOf(source)),
      post: learner.needsPost && post !== undefined ? this.#readerOf(behind!.list) : undefined,
      preActivity: sparseActivity(connectivity.inputs),
      postActivity: sparseActivity(connectivity.outputs),
      membrane,
      readMembrane: variable && (() => this.#readInto(membrane, variable)),
    };
  }

  #learn({ learner, pre, post, preActivity, postActivity, readMembrane }: LearningSite): void {
    pre.collect(preActivity);
    post?.collect(postActivity);
    learner.step(this.done, preActivity, postActivity, this.learning, readMembrane);
  }

  /** Moves what the kernels counted in this run into the counters. */
  #takeCounts(): void {
    const counts = this.#memory.float64;
    this.counters.spikes += counts[fixed.spikes / 8]!;
    this.counters.synapticOperations += counts[fixed.synapticOperations / 8]!;
    counts[fixed.spikes / 8] = 0;
    counts[fixed.synapticOperations / 8] = 0;
    for (let k = 0; k < this.#inputFormats.length; k++) {
      this.counters.clippedInputs += this.#inputFormats[k]!.clipped;
      this.#inputFormats[k]!.clipped = 0;
    }
    let high = 0;
    let low = 0;
    for (let k = 0; k < this.#saturations.length; k++) {
      high += counts[this.#saturations[k]!]!;
      low += counts[this.#saturations[k]! + 1]!;
    }
    this.counters.saturatedHigh = high;
    this.counters.saturatedLow = low;
  }

  #populationAt(index: number) {
    return this.#program.populations.find((population) => population.index === index);
  }

  #viewOf({ address, format, length }: StateVariable): StateView {
    const values = this.#memory[format];
    const first = address / values.BYTES_PER_ELEMENT;
    return values.subarray(first, first + length);
  }

  #readVariable(variable: StateVariable): Float64Array {
    const values = new Float64Array(variable.layout?.size ?? variable.length);
    return this.#readInto(values, variable);
  }

  #readInto(values: Float64Array, variable: StateVariable): Float64Array {
    const { layout, real } = variable;
    const stored = this.#viewOf(variable);
    for (let index = 0; index < values.length; index++) {
      const value = stored[layout?.position(index) ?? index]!;
      values[index] = real === undefined ? value : real(value, index, this.#memory);
    }
    return values;
  }

  #countBytes(): number {
    const readers = [
      ...this.#outputs.map(({ reader }) => reader),
      ...this.#rasters.map(({ reader }) => reader),
      ...this.#learningSites.flatMap(({ pre, post }) => (post === undefined ? [pre] : [pre, post])),
    ];
    const activities = this.#learningSites.flatMap(({ preActivity, postActivity }) => [preActivity, postActivity]);
    const membranes = this.#learningSites.map(({ membrane }) => membrane.byteLength);
    const programParts = [...this.#program.begin, ...this.#program.step];
    const dynamics = programParts.map((part) => (part.role === 'dynamics' ? part.plan.dynamics : undefined));
    const delays = programParts.map((part) => (part.role === 'late elements' ? part.plan.delays : undefined));
    const selections = programParts.flatMap((part) => (part.role === 'selection' ? [part.plan.connectivity] : []));
    const parts = [
      ...readers.map(({ bytes }) => bytes),
      ...this.#inputs.map(({ bytes }) => bytes),
      ...this.#starts.map(({ initial }) => initial.byteLength),
      ...activities.map(({ index, value }) => index.byteLength + value.byteLength),
      ...membranes,
    ];
    const packings = [...this.#program.weights.values()].map(({ packing }) => packing);
    const others = [this.graph, this.learners.retained, dynamics, delays, selections, packings];
    const own = this.#memory.buffer.byteLength + this.learners.bytes + retainedBytes(others, [this.model]);
    return parts.reduce((sum, bytes) => sum + bytes, own);
  }
}

// By index: `for … of` makes an object for every element until V8 has compiled it, and here runs in every step.

function runAll(parts: readonly (() => void)[]): void {
  for (let k = 0; k < parts.length; k++) parts[k]!();
}

function record(recordings: readonly Recording[], buffer: EventBuffer, step: number): void {
  for (let k = 0; k < recordings.length; k++) recordings[k]!.reader.pushTo(buffer, step, recordings[k]!.index);
}

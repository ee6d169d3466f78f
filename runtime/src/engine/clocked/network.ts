import { type Model, modelDigest, type ResolvedGraph, SpikewireError, type TensorData } from '@spikewire/models';
import type { LearnedConnection } from '../../learn/learned-connections.ts';
import { Learner } from '../../learn/learner.ts';
import { NetworkLearning } from '../../learn/network-learning.ts';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { checkInput } from '../check-input.ts';
import { newCounters } from '../counters.ts';
import type { LoadOptions, NetworkCounters, RunningNetwork, TeachingOutcome } from '../engine.ts';
import type { EventBuffer } from '../event-buffer.ts';
import { restoreState, writeState } from '../state-file.ts';
import { createKernels } from './create-kernels.ts';
import { dynamicsRunner } from './dynamics-runner.ts';
import { EventList, type EventListPlan } from './event-list.ts';
import type { InputFormat } from './input-format.ts';
import { InputStage } from './input-stage.ts';
import { InputWindow } from './input-window.ts';
import type { Kernels } from './kernels.ts';
import { lateElementsRunner } from './late-elements-runner.ts';
import { learningKernels } from './learning-kernels.ts';
import { ListReader } from './list-reader.ts';
import { fixed, type MemoryViews } from './memory.ts';
import type { NumberForm } from './number-form.ts';
import { PackedWeights } from './packed-weights.ts';
import type { Program, ProgramPart, StateVariable } from './program.ts';

/** A node whose events leave the net. */
interface Recording {
  readonly place: number;
  readonly reader: ListReader;
}

/** A learner and where it finds the activity on both sides. */
interface LearningSite {
  readonly learner: Learner;
  readonly pre: ListReader;
  readonly post: ListReader | undefined;
  readonly preActivity: SparseActivity;
  readonly postActivity: SparseActivity;
  /** The target's v, where a rule looks at it. */
  readonly membrane: { readonly variable: StateVariable; readonly values: Float64Array } | undefined;
}

type StateView = Int16Array | Int32Array | Float32Array | Float64Array;

/** A net over one block of memory, run by instructions. */
export class ClockedNetwork implements RunningNetwork {
  readonly model: Model;
  readonly graph: ResolvedGraph;
  readonly counters: NetworkCounters = newCounters();
  readonly bytes: number;
  learning = true;

  #step = 0;
  #digest: string | undefined;
  readonly #program: Program;
  /** Of the form only this: what it needed to compile would take memory for nothing. */
  readonly #values: NumberForm['values'];
  readonly #realWeights: NumberForm['realWeights'];
  readonly #memory: MemoryViews;
  readonly #kernels: Kernels;
  readonly #begin: readonly (() => void)[];
  readonly #parts: readonly (() => void)[];
  readonly #whole: (() => void) | undefined;
  readonly #inputFormats: readonly InputFormat[];
  readonly #window: InputWindow;
  readonly #inputs: readonly InputStage[];
  readonly #outputs: readonly Recording[];
  readonly #rasters: readonly Recording[];
  readonly #rings: readonly EventList[];
  /** State variables and how they start. */
  readonly #starts: readonly { readonly view: StateView; readonly initial: StateView }[];
  readonly #learningSites: readonly LearningSite[];
  readonly #learning: NetworkLearning;

  constructor(
    model: Model,
    program: Program,
    form: NumberForm,
    learned: readonly LearnedConnection[],
    { history = 16, kernels: kernelForm }: LoadOptions,
  ) {
    this.model = model;
    this.graph = program.graph;
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
    this.#whole = program.whole && this.#runner(program.whole);
    this.#inputFormats = program.inputs.map(({ place }) => form.inputFormat(program.graph.nodes[place]!));
    this.#window = new InputWindow(program.window, memory);
    this.#inputs = program.inputs.map(
      ({ place, list }, k) => new InputStage(place, this.#listOf(list), this.#inputFormats[k]!),
    );
    this.#outputs = program.outputs.map(({ place, size, sources }) => {
      const readings = sources.map(({ list, delay, unit }) => ({ list: this.#listOf(list), delay, unit }));
      return { place, reader: new ListReader(readings, size) };
    });
    this.#rasters = program.populations.flatMap(({ place, spikes, list }) =>
      spikes ? [{ place, reader: this.#readerOf(list) }] : [],
    );
    this.#rings = [...program.rings.values()].map((ring) => this.#listOf(ring));
    this.#starts = program.populations.flatMap(({ state }) =>
      [...state.values()].flatMap((variable) => {
        const view = this.#viewOf(variable);
        return variable.resets ? [{ view, initial: view.slice() }] : [];
      }),
    );
    this.#learningSites = learned.map((connection) => this.#learningSite(connection, form, history));
    this.#learning = new NetworkLearning(this.#learningSites.map(({ learner }) => learner));
    this.bytes = this.#countBytes();
  }

  get step(): number {
    return this.#step;
  }

  run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer): void {
    const taken = this.#open(steps, input);
    const whole = taken ? this.#whole : undefined;
    for (let step = 0, event = 0; step < steps; step++) {
      if (whole === undefined) {
        for (const part of this.#begin) part();
        if (!taken) event = this.#stage(input, event, step);
        for (const part of this.#parts) part();
      } else whole();
      for (const { place, reader } of this.#outputs) reader.pushTo(output, step, place);
      if (raster !== undefined) for (const { place, reader } of this.#rasters) reader.pushTo(raster, step, place);
      for (const site of this.#learningSites) this.#learn(site);
      this.#step++;
    }
    this.#learning.endWindow();
    this.#takeCounts();
  }

  teach(connection: string, signal: ArrayLike<number>, step = this.#step - 1): TeachingOutcome {
    if (!this.learning) return 'frozen';
    return this.#learning.teach(connection, signal, step, this.counters);
  }

  readState(node: string, variable: string): Float64Array {
    const place = this.#placeOf(node);
    const population = this.#program.populations.find((candidate) => candidate.place === place);
    const found = population?.state.get(variable);
    if (found !== undefined) return this.#readVariable(found);
    // A population that never rests keeps no count of it.
    if (variable === 'refractory' && population?.spikes) return new Float64Array(population.list.layout.size);
    const known = population === undefined ? 'none' : [...population.state.keys()].join(', ');
    throw new SpikewireError('input', `node "${node}"`, `has no state "${variable}"`, known);
  }

  readWeights(connection: string): Float64Array {
    const plan = this.#program.weights.get(this.#placeOf(connection));
    if (plan === undefined) {
      throw new SpikewireError('input', `node "${connection}"`, 'has no weights', 'a connection node with weights');
    }
    const learner = this.#learning.find(connection);
    const { length } = plan;
    if (learner !== undefined) return Float64Array.from({ length }, (_, k) => learner.weights.read(k));
    const packed = new PackedWeights(plan.packing, plan.address, this.#memory);
    const kept = Float64Array.from({ length }, (_, k) => packed.read(k));
    return this.#realWeights(plan.place, kept);
  }

  resetActivity(): void {
    for (const { view, initial } of this.#starts) view.set(initial);
    for (const ring of this.#rings) {
      for (let delay = 0; delay < ring.plan.slots; delay++) ring.close(ring.slot(delay), 0, false);
    }
    this.#learning.resetActivity();
  }

  resetLearning(): void {
    this.#learning.resetLearning();
  }

  save(): Uint8Array {
    for (const ring of this.#rings) ring.tidy();
    return writeState({ ...this.#saved(), step: this.#step });
  }

  restore(bytes: Uint8Array): void {
    this.#step = restoreState(bytes, this.#saved());
    this.#learning.restored();
    this.#inputFormats.forEach((format, k) => {
      format.clipped = k === 0 ? this.counters.clippedInputs : 0;
    });
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
    for (const stage of this.#inputs) next = stage.stage(input, from, now);
    return next;
  }

  #runner(part: ProgramPart): () => void {
    if (part.role === 'dynamics') {
      return dynamicsRunner(part.plan, this.#listOf(part.plan.population.list), this.#memory, this.counters);
    }
    if (part.role === 'late elements') {
      return lateElementsRunner(part.plan, (list) => this.#listOf(list), this.#memory);
    }
    const { from, to } = part;
    const kernels = this.#kernels;
    return () => kernels.run(from, to);
  }

  #listOf(plan: EventListPlan): EventList {
    return new EventList(plan, this.#memory, this.#values);
  }

  #readerOf(list: EventListPlan, delay = 0, unit = 1): ListReader {
    return new ListReader([{ list: this.#listOf(list), delay, unit }], list.layout.size);
  }

  #learningSite(connection: LearnedConnection, form: NumberForm, history: number): LearningSite {
    const { place, post, connectivity } = connection;
    const plan = this.#program.weights.get(place)!;
    const packed = new PackedWeights(plan.packing, plan.address, this.#memory);
    const kernels = plan.learning && learningKernels(plan.learning, this.#memory, this.#kernels);
    const weights = form.learnedWeights(connection, packed, kernels);
    const learner = new Learner({ connection, weights, dt: this.model.semantics.dt, history });
    const { list, delay } = this.#program.arrivals.get(place)!;
    const source = this.graph.edges.find(({ target }) => target === place)!.source;
    const behind = this.#program.populations.find((population) => population.place === connection.target?.place);
    const membrane = learner.needsMembrane ? behind!.state.get('v')! : undefined;
    return {
      learner,
      pre: this.#readerOf(list, delay, form.unitOf(source)),
      post: learner.needsPost && post !== undefined ? this.#readerOf(behind!.list) : undefined,
      preActivity: sparseActivity(connectivity.inputs),
      postActivity: sparseActivity(connectivity.outputs),
      membrane: membrane && { variable: membrane, values: new Float64Array(connectivity.outputs) },
    };
  }

  #learn({ learner, pre, post, preActivity, postActivity, membrane }: LearningSite): void {
    pre.collect(preActivity);
    post?.collect(postActivity);
    if (membrane !== undefined) this.#readInto(membrane.values, membrane.variable);
    learner.step(this.#step, preActivity, postActivity, this.learning, membrane?.values);
  }

  /** Moves what the kernels counted in this run into the counters. */
  #takeCounts(): void {
    const counts = this.#memory.float64;
    const first = fixed.counters / 8;
    this.counters.spikes += counts[first]!;
    this.counters.synapticOperations += counts[first + 1]!;
    counts.fill(0, first, first + 2);
    this.counters.clippedInputs = this.#inputFormats.reduce((sum, { clipped }) => sum + clipped, 0);
    this.counters.saturatedHigh = this.#saturations(0);
    this.counters.saturatedLow = this.#saturations(1);
  }

  #saturations(end: 0 | 1): number {
    return this.#program.populations.reduce((sum, { state }) => {
      const saturated = state.get('saturated');
      return saturated === undefined ? sum : sum + this.#memory.float64[saturated.address / 8 + end]!;
    }, 0);
  }

  #placeOf(node: string): number {
    const place = this.graph.nodes.findIndex(({ name }) => name === node);
    if (place < 0) throw new SpikewireError('input', `node "${node}"`, 'is not in the graph');
    return place;
  }

  #viewOf({ address, format, length }: StateVariable): StateView {
    const values = this.#memory[format];
    const first = address / values.BYTES_PER_ELEMENT;
    return values.subarray(first, first + length);
  }

  #readVariable(variable: StateVariable): Float64Array {
    const values = new Float64Array(variable.layout?.size ?? variable.length);
    this.#readInto(values, variable);
    return values;
  }

  #readInto(values: Float64Array, variable: StateVariable): void {
    const { layout, real } = variable;
    const kept = this.#viewOf(variable);
    for (let index = 0; index < values.length; index++) {
      const value = kept[layout?.position(index) ?? index]!;
      values[index] = real === undefined ? value : real(value, index, this.#memory);
    }
  }

  #saved() {
    this.#digest ??= modelDigest(this.model);
    const arrays = new Map<string, TensorData>(this.#learning.state());
    for (const { place, state } of this.#program.populations) {
      for (const [name, variable] of state) arrays.set(`node${place}.${name}`, this.#viewOf(variable));
    }
    for (const [place, { descriptor, base, slots, slotBytes }] of this.#program.rings) {
      const { int32 } = this.#memory;
      arrays.set(`node${place}.head`, int32.subarray(descriptor / 4, descriptor / 4 + 1));
      arrays.set(`node${place}.emitted`, int32.subarray(base / 4, (base + slots * slotBytes) / 4));
    }
    return { engine: 'clocked', model: this.#digest, counters: this.counters, arrays };
  }

  #countBytes(): number {
    const readers = [
      ...this.#outputs.map(({ reader }) => reader),
      ...this.#rasters.map(({ reader }) => reader),
      ...this.#learningSites.flatMap(({ pre, post }) => (post === undefined ? [pre] : [pre, post])),
    ];
    const activities = this.#learningSites.flatMap(({ preActivity, postActivity }) => [preActivity, postActivity]);
    const membranes = this.#learningSites.map(({ membrane }) => membrane?.values.byteLength ?? 0);
    const parts = [
      ...readers.map(({ bytes }) => bytes),
      ...this.#inputs.map(({ bytes }) => bytes),
      ...this.#starts.map(({ initial }) => initial.byteLength),
      ...activities.map(({ index, value }) => index.byteLength + value.byteLength),
      ...membranes,
    ];
    return parts.reduce((sum, bytes) => sum + bytes, this.#memory.buffer.byteLength + this.#learning.bytes);
  }
}

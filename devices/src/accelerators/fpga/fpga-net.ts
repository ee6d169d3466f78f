import { createHash } from 'node:crypto';
import { checkInput } from '@spikewire/engine/network';
import {
  graphOf,
  type IntegerForm,
  integerFormOf,
  type Model,
  modelDigest,
  type ResolvedGraph,
  readAnyModel,
  roundHalfEven,
  SpikewireError,
  valueFor,
} from '@spikewire/models';
import { EventBuffer, type EventList } from 'spikewire';
import {
  type Executor,
  refuseMisfits,
  type Teaching,
  type WindowRequest,
  type WindowResult,
} from 'spikewire/accelerators';
import { goOn, newCounters, restoreState, writeState } from 'spikewire/state';
import { putEmission, takeEmission } from './activity-words.ts';
import type { BoardPlaces, NetPlace } from './board-places.ts';
import { ChipLearning, type ChipLesson } from './chip-learning.ts';
import { type CoreRoom, registers } from './core-description.ts';
import { type CoreImage, type CoreImageOptions, coreImage } from './core-image.ts';
import { addressIn, CoreMemory } from './core-memory.ts';
import { FirstRecords } from './first-records.ts';
import type { FpgaLink } from './fpga-link.ts';
import { EventColumns, IntegerShadow } from './integer-shadow.ts';
import { isOutside, setVisits } from './learned-block.ts';
import { grown, putState, saturatedIn, takeState } from './record-words.ts';
import { bytesOfWords, DIGEST_BYTES, type Request, reset, setDigest } from './requests.ts';
import { encodeStep, longestOutput, MOST_STEPS, RUN_HEADER_BYTES, readOutputs, run, type StepPlace } from './steps.ts';

/** What a net on the board needs to know of it. */
export interface FpgaBoard {
  readonly name: string;
  readonly abilities: Parameters<typeof refuseMisfits>[0]['abilities'];
  readonly link: FpgaLink;
  readonly room: CoreRoom;
  readonly places: BoardPlaces;
  /** The word of the program at which the core begins a step; undefined: not known. */
  entry: number | undefined;
  /** Whether the core holds the weights of all nets; undefined: not known. */
  holds: boolean | undefined;
}

/** Frames of one window that are under way or wait for it. */
const AHEAD = 8;
/** The engine whose state format it saves and restores. */
export const ENGINE = 'integer';

/**
 * A net on a board: loaded, and compared with what was sent. Rejects with `unsupported` where the model does not fit,
 * or the board does not hold it, and with `budget` where other nets leave it no room.
 */
export async function openFpgaNet(board: FpgaBoard, bytes: Uint8Array, seed = 1): Promise<Executor> {
  const model = readAnyModel(bytes);
  await refuseMisfits(board, model);
  const form = integerFormOf(model, graphOf(model));
  const net = new FpgaNet(board, model, form, seed);
  try {
    await net.load();
    return net;
  } catch (problem) {
    await net.close();
    throw problem;
  }
}

/** Compiles a net for words of the board that no other net uses, and takes these. */
function placedImage(
  board: FpgaBoard,
  model: Model,
  graph: ResolvedGraph,
  more: Pick<CoreImageOptions, 'signed' | 'seed'>,
) {
  const options = { room: board.room, graph, ...more };
  const first = coreImage(model, options);
  const { memory, activity, program } = first;
  const words = { memory: memory.words.length, activity: activity.length, program: program.words.length };
  const place = board.places.take(words);
  const isFirst = Object.values(place.at).every((at) => at === 0);
  return { place, image: isFirst ? first : coreImage(model, { ...options, at: place.at }) };
}

class FpgaNet implements Executor {
  readonly name: string;
  readonly choice: Executor['choice'];
  readonly #board: FpgaBoard;
  readonly #memory: CoreMemory;
  readonly #model: Model;
  readonly #form: IntegerForm;
  #place: NetPlace;
  #image: CoreImage;
  readonly #firstRecords: FirstRecords;
  readonly #counters = newCounters();
  readonly #shadow: IntegerShadow;
  readonly #learning: ChipLearning;
  /** Whether spikes and errors leave the weights as they are. */
  #holds = false;
  /** Of a net that learns, the state that was saved last: the board keeps what was learned then. */
  #kept: Buffer | undefined;
  /** By name of a population: what its counters said last. */
  readonly #saturated = new Map<string, readonly [number, number]>();
  #isOpen = true;
  #last: Promise<unknown> = Promise.resolve();

  constructor(board: FpgaBoard, model: Model, form: IntegerForm, seed: number) {
    const { place, image } = placedImage(board, model, form.wiring.graph, { seed });
    this.name = board.name;
    this.choice = { engine: board.name, because: null };
    this.#board = board;
    this.#memory = new CoreMemory(board.link);
    this.#firstRecords = new FirstRecords(board.places, this.#memory);
    this.#model = model;
    this.#form = form;
    this.#place = place;
    this.#image = image;
    this.#shadow = new IntegerShadow(form, this.#counters);
    this.#learning = new ChipLearning(model, form, seed);
  }

  get bytes(): number {
    const { memory, activity, program } = this.#place.words;
    return 2 * (memory + activity + program);
  }

  /** Puts the net onto the board as it is at the start. A digest names it only where no other net is there. */
  async load(): Promise<void> {
    const { memory, program } = this.#image;
    const { link, places } = this.#board;
    if (places.nets === 1) {
      this.#board.entry = this.#board.holds = undefined;
      await link.send(reset());
    } else await link.send(setDigest(undefined));
    await Promise.all([
      this.#memory.load(addressIn('memory', memory.at), memory.words),
      this.#memory.load(addressIn('program', program.at), program.words),
    ]);
    await this.#writeActivity();
    for (const name of this.#image.populations.keys()) this.#saturated.set(name, [0, 0]);
    if (places.nets > 1) return;
    const hash = createHash('sha256').update(bytesOfWords(program.words)).update(bytesOfWords(memory.words));
    await link.send(setDigest(hash.digest('hex').slice(0, 2 * DIGEST_BYTES)));
  }

  run(request: WindowRequest): Promise<WindowResult> {
    return this.#inOrder(() => this.#run(request));
  }

  async #run(request: WindowRequest): Promise<WindowResult> {
    const held = this.#holds;
    this.#holds ||= request.hold ?? false;
    try {
      return await this.#runWindow(request);
    } finally {
      this.#holds = held;
    }
  }

  async #runWindow(request: WindowRequest): Promise<WindowResult> {
    const { steps, input, teach = [], fresh, membranes = [], raster } = request;
    checkInput(this.#form.wiring.graph, steps, EventBuffer.of(input));
    const wanted = membranes.map((name) => [name, this.#populationOf(name)] as const);
    if (this.#bringsMinusOne(steps, input)) await this.#takeSigns();
    const taught: WindowResult['taught'][number][] = [];
    for (const lesson of teach) taught.push(this.#holds ? 'frozen' : await this.#teach(lesson));
    if (fresh) await this.#startAgain();
    const output = new EventColumns();
    const spikes = raster ? new EventColumns() : undefined;
    await this.#runSteps(steps, input, output, spikes);
    if (steps > 0) this.#learning.learners.endWindow();
    await (wanted.length > 0 ? this.#readStates() : this.#readCounts());
    return {
      output: output.toList(),
      raster: spikes?.toList(),
      membranes: Object.fromEntries(wanted.map(([name, index]) => [name, this.#membranesOf(index)])),
      dropped: 0,
      step: this.#shadow.step,
      counters: { ...this.#counters },
      taught,
    };
  }

  setLearning(on: boolean): Promise<void> {
    return this.#inOrder(async () => {
      this.#holds = !on;
    });
  }

  resetLearning(): Promise<void> {
    return this.#inOrder(async () => {
      await this.#readLearned();
      this.#learning.learners.resetLearning();
      await this.#writeLearned();
    });
  }

  save(): Promise<Uint8Array> {
    return this.#inOrder(async () => {
      await this.#readStates();
      const state = writeState({ ...this.#saved(), step: this.#shadow.step });
      if (this.#image.learned.size > 0) {
        await this.#enter(this.#image.entries.commit);
        this.#kept = Buffer.from(state);
      }
      return state;
    });
  }

  restore(state: Uint8Array) {
    return this.#inOrder(async () => {
      await this.#readStates();
      const taken = goOn(
        {
          restore: (bytes) => {
            this.#shadow.step = restoreState(bytes, this.#saved());
            this.#learning.learners.restored();
          },
          restoreLearned: (learned) => this.#learning.learners.takeOver(learned),
          resetActivity: () => {
            this.#resetShadow();
            this.#learning.learners.resetActivity();
          },
        },
        state,
      );
      await Promise.all([this.#writeStates(), this.#writeLearned(this.#kept?.equals(state))]);
      return taken;
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#last;
    this.#firstRecords.giveUp();
    this.#board.places.give(this.#place);
  }

  async #runSteps(steps: number, input: EventList, output: EventColumns, raster: EventColumns | undefined) {
    const waiting: Promise<void>[] = [];
    let [step, event] = [0, 0];
    let encoded: Uint8Array[] = [];
    let taken: Float64Array[][] = [];
    const flush = () => {
      const [first, inputs] = [step - encoded.length, taken];
      const answered = this.#sendSteps(encoded).then((outputs) => {
        for (const [k, words] of outputs.entries()) this.#takeStep(inputs[k]!, words, output, raster, first + k);
      });
      answered.catch(() => {}); // the first that fails is told below
      waiting.push(answered);
      [encoded, taken] = [[], []];
    };
    let bytes = 0;
    try {
      for (; step < steps; step++) {
        const end = endOfStep(input, step, event);
        const values = this.#inputsOf(input, event, end);
        event = end;
        const words = this.#inputWords(values);
        const next = encodeStep({ words, isBits: true });
        if (encoded.length > 0 && (encoded.length >= this.#mostSteps || bytes + next.length > this.#mostBytes)) {
          flush();
          bytes = 0;
          if (waiting.length >= AHEAD) await waiting.shift();
        }
        encoded.push(next);
        taken.push(values);
        bytes += next.length;
      }
      if (encoded.length > 0) flush();
      await Promise.all(waiting);
    } finally {
      // Where one fails, the others still take their steps, and nothing else may begin before.
      await Promise.allSettled(waiting);
    }
  }

  get #stepPlace(): StepPlace {
    const { activity, input } = this.#image;
    const inputEnd = input.at + input.length;
    const words = activity.at + activity.length - inputEnd;
    return {
      input: { address: addressIn('activity', input.at), words: input.length },
      output: { address: addressIn('activity', inputEnd), words },
      outputIsBits: true,
    };
  }

  /** Steps of which the outputs fit into an answer for certain. */
  get #mostSteps(): number {
    const { payload } = this.#board.link.greeting;
    return Math.max(1, Math.min(MOST_STEPS, Math.floor(payload / Math.max(1, longestOutput(this.#stepPlace)))));
  }

  /** Bytes of steps that fit into a request. */
  get #mostBytes(): number {
    return this.#board.link.greeting.payload - RUN_HEADER_BYTES;
  }

  /** The outputs of steps; one whose input or output is longer than a frame goes in pieces. */
  async #sendSteps(encoded: readonly Uint8Array[]): Promise<readonly Uint16Array[]> {
    const place = this.#stepPlace;
    const { link } = this.#board;
    const [first] = encoded;
    const isLong = first!.length > this.#mostBytes || longestOutput(place) > link.greeting.payload;
    if (isLong) return [await this.#sendLongStep(first!, place)];
    const outputs = readOutputs(place, encoded.length, await this.#sendRun(run(place, encoded)));
    if (outputs === undefined)
      throw new SpikewireError('unsupported', link.name, 'answers a run in a wrong form', 'the outputs of its steps');
    return outputs;
  }

  /** Requests are executed in the order in which they are sent, so other nets may run between. */
  #sendRun(request: Request, at = this.#image.program.at): Promise<Uint8Array> {
    const board = this.#board;
    // If these fail, then so does the run.
    const set = (register: keyof typeof registers, value: number) =>
      void this.#memory.write(addressIn('registers', registers[register]), Uint16Array.of(value)).catch(() => {});
    if (board.entry !== at) set('entry', at);
    if (this.#image.learned.size > 0 && board.holds !== this.#holds) {
      set('holds', Number(this.#holds));
      board.holds = this.#holds;
    }
    board.entry = at;
    return board.link.send(request).catch((problem) => {
      // The core may have been reset, and begins at word 0 then.
      board.entry = board.holds = undefined;
      throw problem;
    });
  }

  async #sendLongStep(encoded: Uint8Array, place: StepPlace): Promise<Uint16Array> {
    const [words] = readOutputs({ ...place, output: place.input }, 1, encoded)!;
    const [, , output] = await Promise.all([
      this.#memory.write(place.input.address, words!),
      this.#sendRun(bareStep()),
      this.#memory.read(place.output.address, place.output.words),
    ]);
    return output;
  }

  #takeStep(
    inputs: readonly Float64Array[],
    words: Uint16Array,
    output: EventColumns,
    raster: EventColumns | undefined,
    step: number,
  ): void {
    const { input, emissions } = this.#image;
    const start = input.at + input.length;
    this.#form.wiring.graph.nodes.forEach(({ name, kind }, index) => {
      if (kind.role === 'input') this.#shadow.emittedBy(index).set(inputs[index]!);
      if (kind.role === 'neuron') takeEmission(emissions.get(name)!, this.#shadow.emittedBy(index), words, start);
    });
    this.#learning.step(this.#shadow);
    this.#shadow.advance(output, raster, step);
  }

  /**
   * By index of an Input: its whole numbers in a step, to nearest with ties to even, within the range of its format.
   */
  #inputsOf(input: EventList, from: number, end: number): Float64Array[] {
    const values = this.#arrivals(input, from, end);
    this.#form.wiring.graph.nodes.forEach(({ name, kind }, index) => {
      if (kind.role !== 'input') return;
      const { scale, maximum } = this.#form.quantization.inputs.get(name)!;
      const numbers = values[index]!;
      for (let k = 0; k < numbers.length; k++) {
        if (numbers[k] === 0) continue;
        const wanted = roundHalfEven(numbers[k]! / scale);
        numbers[k] = Math.max(-maximum, Math.min(maximum, wanted));
        if (numbers[k] !== wanted) this.#counters.clippedInputs++;
      }
    });
    return values;
  }

  /** By index of an Input: the sums of its events in a step. */
  #arrivals(input: EventList, from: number, end: number): Float64Array[] {
    const values = this.#form.wiring.graph.nodes.map(({ kind }, index) => {
      return kind.role === 'input' ? new Float64Array(this.#shadow.emittedBy(index).length) : NOTHING;
    });
    for (let k = from; k < end; k++) values[input.node[k]!]![input.index[k]!]! += input.value[k]!;
    return values;
  }

  #inputWords(values: readonly Float64Array[]): Uint16Array {
    const { input, emissions } = this.#image;
    const words = new Uint16Array(input.length);
    this.#form.wiring.graph.nodes.forEach(({ name, kind }, index) => {
      if (kind.role === 'input') putEmission(emissions.get(name)!, values[index]!, words, input.at);
    });
    return words;
  }

  /** Whether an Input that has one bit for an element gets −1. Throws `unsupported` where it teaches. */
  #bringsMinusOne(steps: number, input: EventList): boolean {
    if (!input.value.some((value) => value < 0)) return false;
    const found = this.#inputsBelowZero(steps, input);
    const teacher = [...found].find((index) => this.#learning.sources.has(index));
    if (teacher === undefined) return found.size > 0;
    const where = `input "${this.#form.wiring.graph.nodes[teacher]!.name}"`;
    throw new SpikewireError('unsupported', where, 'brings −1 to a connection that learns on the board', 'spikes of 1');
  }

  /** Indices of Inputs with one bit for an element, in which a step has something that rounds to less than 0. */
  #inputsBelowZero(steps: number, input: EventList): Set<number> {
    const { quantization, wiring } = this.#form;
    const found = new Set<number>();
    for (let [step, from] = [0, 0]; step < steps; step++) {
      const end = endOfStep(input, step, from);
      const arrivals = from < end ? this.#arrivals(input, from, end) : [];
      from = end;
      arrivals.forEach((values, index) => {
        const { name } = wiring.graph.nodes[index]!;
        if (this.#image.emissions.get(name)?.form !== 'bits' || !quantization.inputs.has(name)) return;
        const { scale } = quantization.inputs.get(name)!;
        if (values.some((value) => roundHalfEven(value / scale) < 0)) found.add(index);
      });
    }
    return found;
  }

  /** From now on all Inputs have a byte for an element, but those before a connection that learns. */
  async #takeSigns(): Promise<void> {
    await this.#readStates();
    const { graph } = this.#form.wiring;
    const signed = graph.nodes.filter(({ kind }, index) => kind.role === 'input' && !this.#learning.sources.has(index));
    this.#firstRecords.giveUp();
    const takeBack = this.#board.places.give(this.#place);
    try {
      const names = new Set(signed.map(({ name }) => name));
      const { place, image } = placedImage(this.#board, this.#model, graph, { signed: names });
      [this.#place, this.#image] = [place, image];
    } catch (problem) {
      takeBack();
      throw problem;
    }
    await this.load();
    await Promise.all([this.#writeStates(), this.#writeLearned()]);
    this.#kept = undefined;
  }

  async #startAgain(): Promise<void> {
    await this.#readCounts();
    this.#resetShadow();
    this.#learning.learners.resetActivity();
    const traces = Array.from(this.#image.learned.values(), ({ changing, pre }) => {
      const words = new Uint16Array(changing.at + changing.length - pre);
      return this.#memory.write(addressIn('memory', pre), words);
    });
    await Promise.all([this.#writeFirstRecords(), this.#writeActivity(), ...traces]);
  }

  /** The core copies them, where it has the opcode and the board has room for a copy. */
  async #writeFirstRecords(): Promise<void> {
    const { memory, records } = this.#image;
    const from = records.at - memory.at;
    const words = memory.words.subarray(from, from + records.length);
    for (const [, , name] of this.#populations()) this.#saturated.set(name, [0, 0]);
    if (this.#board.room.learning) await this.#firstRecords.prepare(records, words);
    const { entry } = this.#firstRecords;
    await (entry === undefined ? this.#memory.load(addressIn('memory', records.at), words) : this.#enter(entry));
  }

  async #teach({ connection, signal, step = this.#shadow.step - 1 }: Teaching): Promise<'applied' | 'forgotten'> {
    const place = this.#image.learned.get(connection);
    const { outcome, lesson } = this.#learning.teach({ connection, signal, step }, this.#counters, place);
    if (lesson !== undefined) await this.#apply(lesson);
    return outcome;
  }

  /** An error about earlier traces finds these in the place of the present ones, which then come back. */
  async #apply({ connection, table, traces }: ChipLesson): Promise<void> {
    const { errors, pre } = this.#image.learned.get(connection)!;
    const present = traces && (await this.#memory.read(addressIn('memory', pre), traces.length));
    await Promise.all([
      this.#memory.write(addressIn('memory', errors!), table),
      traces && this.#memory.write(addressIn('memory', pre), traces),
      this.#enter(this.#image.entries.errors.get(connection)!),
      present && this.#memory.write(addressIn('memory', pre), present),
    ]);
  }

  /** Runs another part of the program. */
  #enter(at: number): Promise<Uint8Array> {
    return this.#sendRun(bareStep(), at);
  }

  async #readLearned(): Promise<void> {
    const read = Array.from(this.#image.learned, async ([name, place]) => {
      const { at, length } = place.changing;
      this.#learning.take(name, place, await this.#memory.read(addressIn('memory', at), length));
    });
    await Promise.all(read);
  }

  /** The board may have kept it, so that it need not go there once more. */
  async #writeLearned(isKept = false): Promise<void> {
    const { learned, program, entries } = this.#image;
    if (learned.size === 0) return;
    const written = Array.from(learned, async ([name, place]) => {
      setVisits(program.words, place, isOutside(this.#learning.weightsOf(name), place));
      if (!isKept) await this.#memory.load(addressIn('memory', place.changing.at), this.#learning.words(name, place));
    });
    await Promise.all([...written, this.#memory.write(addressIn('program', program.at), program.words)]);
    if (isKept) await this.#enter(entries.takeBack);
  }

  /** Membranes as at the start, and nothing on the way. */
  #resetShadow(): void {
    this.#shadow.reset();
    const { memory } = this.#image;
    for (const [index, place] of this.#populations()) {
      takeState(place, this.#shadow.stateOf(index), memory.words, memory.at);
      // Without a place for them no neuron rests.
      this.#shadow.stateOf(index).refractory?.fill(0);
    }
  }

  async #readStates(): Promise<void> {
    const { records } = this.#image;
    const words = await this.#memory.read(addressIn('memory', records.at), records.length);
    for (const [index, place, name] of this.#populations()) {
      takeState(place, this.#shadow.stateOf(index), words, records.at);
      this.#count(index, name, saturatedIn(place, words, records.at));
    }
    await this.#readLearned();
    await this.#expectNoFault();
  }

  /** What has saturated, and whether the program was sound. */
  async #readCounts(): Promise<void> {
    const asked = [...this.#populations()].map(async ([index, place, name]) => {
      const [first, second] = place.saturated;
      const words = await this.#memory.read(addressIn('memory', first), second + 2 - first);
      this.#count(index, name, saturatedIn(place, words, first));
    });
    await Promise.all([...asked, this.#expectNoFault()]);
  }

  async #expectNoFault(): Promise<void> {
    const [fault] = await this.#memory.read(addressIn('registers', registers.fault), 1);
    if (fault === 0) return;
    throw new SpikewireError('unsupported', this.name, 'met an unknown instruction', 'the program that was loaded');
  }

  #count(index: number, name: string, now: readonly [number, number]): void {
    const before = this.#saturated.get(name)!;
    const [upper, lower] = now.map((count, k) => grown(count, before[k]!));
    this.#saturated.set(name, now);
    this.#counters.saturatedHigh += upper!;
    this.#counters.saturatedLow += lower!;
    const { saturated } = this.#shadow.stateOf(index);
    saturated[0]! += upper!;
    saturated[1]! += lower!;
  }

  async #writeStates(): Promise<void> {
    const { memory, records } = this.#image;
    const from = records.at - memory.at;
    const words = memory.words.slice(from, from + records.length);
    for (const [index, place, name] of this.#populations()) {
      putState(place, this.#shadow.stateOf(index), words, records.at);
      this.#saturated.set(name, [0, 0]);
    }
    await Promise.all([this.#memory.load(addressIn('memory', records.at), words), this.#writeActivity()]);
  }

  /** What the populations emitted last, which may still be on its way. */
  async #writeActivity(): Promise<void> {
    const { activity, emissions } = this.#image;
    const words = new Uint16Array(activity.length);
    for (const [index, , name] of this.#populations()) {
      const last = this.#shadow.emittedBy(index, this.#shadow.step - 1);
      putEmission(emissions.get(name)!, last, words, activity.at);
    }
    await this.#memory.write(addressIn('activity', activity.at), words);
  }

  *#populations(): Generator<[index: number, place: CorePopulationPlace, name: string]> {
    const { nodes } = this.#form.wiring.graph;
    for (const [index, { name }] of nodes.entries()) {
      const place = this.#image.populations.get(name);
      if (place !== undefined) yield [index, place, name];
    }
  }

  #populationOf(name: string): number {
    const index = this.#form.wiring.graph.nodes.findIndex((node) => node.name === name);
    if (this.#image.populations.has(name)) return index;
    const known = [...this.#image.populations.keys()].map((one) => `"${one}"`).join(', ');
    throw new SpikewireError('input', `node "${name}"`, 'has no membrane', known);
  }

  /** In real units. */
  #membranesOf(index: number): Float64Array {
    const { scale, fraction } = this.#form.quantization.neurons.get(this.#form.wiring.graph.nodes[index]!.name)!;
    const { v } = this.#shadow.stateOf(index);
    return v.map((whole, n) => whole * valueFor(scale, n, v.length) * 2 ** -fraction);
  }

  #saved() {
    return {
      engine: ENGINE,
      model: modelDigest(this.#model),
      counters: this.#counters,
      state: { ...this.#learning.learners.state, ...this.#shadow.kept },
      learning: this.#learning.learners,
    };
  }

  #inOrder<Value>(call: () => Promise<Value>): Promise<Value> {
    if (!this.#isOpen) return Promise.reject(new SpikewireError('unsupported', 'net', 'is closed', 'an open one'));
    const result = this.#last.then(call);
    this.#last = result.catch(() => {});
    return result;
  }
}

type CorePopulationPlace = CoreImage['populations'] extends ReadonlyMap<string, infer Place> ? Place : never;

const NOTHING = new Float64Array(0);

/** A request to run one step without sending an input or reading an output. */
function bareStep() {
  const nothing = { address: 0, words: 0 };
  return run({ input: nothing, output: nothing, outputIsBits: false }, [new Uint8Array(0)]);
}

/** The first event behind a step. */
function endOfStep({ step: steps }: EventList, step: number, from: number): number {
  let end = from;
  while (end < steps.length && steps[end] === step) end++;
  return end;
}

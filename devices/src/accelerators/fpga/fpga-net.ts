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
import { type Executor, refuseMisfits, type WindowRequest, type WindowResult } from 'spikewire/accelerators';
import { goOn, newCounters, restoreState, writeState } from 'spikewire/state';
import { putEmission, takeEmission } from './activity-words.ts';
import type { BoardPlaces, NetPlace } from './board-places.ts';
import { type CoreRoom, registers } from './core-description.ts';
import { type CoreImage, coreImage } from './core-image.ts';
import { addressIn, CoreMemory } from './core-memory.ts';
import type { FpgaLink } from './fpga-link.ts';
import { EventColumns, IntegerShadow } from './integer-shadow.ts';
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
}

/** Frames of one window that are under way or wait for it. */
const AHEAD = 8;
/** The engine whose state format it saves and restores. */
export const ENGINE = 'integer';

/**
 * A net on a board: loaded, and compared with what was sent. Rejects with `unsupported` where the model does not fit,
 * or the board does not hold it, and with `budget` where other nets leave it no room.
 */
export async function openFpgaNet(board: FpgaBoard, bytes: Uint8Array): Promise<Executor> {
  const model = readAnyModel(bytes);
  await refuseMisfits(board, model);
  const form = integerFormOf(model, graphOf(model));
  const net = new FpgaNet(board, model, form);
  try {
    await net.load();
    return net;
  } catch (problem) {
    await net.close();
    throw problem;
  }
}

/** The words of a net behind those of other nets on the board. */
function placedImage(board: FpgaBoard, model: Model, graph: ResolvedGraph, signed?: ReadonlySet<string>) {
  const options = { room: board.room, graph, ...(signed && { signed }) };
  const { memory, activity, program } = coreImage(model, options);
  const words = { memory: memory.words.length, activity: activity.length, program: program.words.length };
  const place = board.places.take(words);
  return { place, image: coreImage(model, { ...options, at: place.at }) };
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
  readonly #counters = newCounters();
  readonly #shadow: IntegerShadow;
  /** By name of a population: what its counters said last. */
  readonly #saturated = new Map<string, readonly [number, number]>();
  #isOpen = true;
  #last: Promise<unknown> = Promise.resolve();

  constructor(board: FpgaBoard, model: Model, form: IntegerForm) {
    const { place, image } = placedImage(board, model, form.wiring.graph);
    this.name = board.name;
    this.choice = { engine: board.name, because: null };
    this.#board = board;
    this.#memory = new CoreMemory(board.link);
    this.#model = model;
    this.#form = form;
    this.#place = place;
    this.#image = image;
    this.#shadow = new IntegerShadow(form, this.#counters);
  }

  get bytes(): number {
    const { memory, activity, program } = this.#place.words;
    return 2 * (memory + activity + program);
  }

  /** Puts the net onto the board as it is at the start. */
  async load(): Promise<void> {
    const { memory, program } = this.#image;
    const { link, places } = this.#board;
    const hash = createHash('sha256').update(bytesOfWords(program.words)).update(bytesOfWords(memory.words));
    if (places.nets === 1) {
      this.#board.entry = undefined;
      await link.send(reset());
    }
    await Promise.all([
      this.#memory.load(addressIn('memory', memory.at), memory.words),
      this.#memory.load(addressIn('program', program.at), program.words),
    ]);
    await this.#writeActivity();
    for (const name of this.#image.populations.keys()) this.#saturated.set(name, [0, 0]);
    await link.send(setDigest(hash.digest('hex').slice(0, 2 * DIGEST_BYTES)));
  }

  run(request: WindowRequest): Promise<WindowResult> {
    return this.#inOrder(() => this.#run(request));
  }

  async #run({ steps, input, teach = [], fresh, membranes = [], raster }: WindowRequest): Promise<WindowResult> {
    const [lesson] = teach;
    if (lesson !== undefined)
      throw new SpikewireError('learning', `connection "${lesson.connection}"`, 'does not learn', 'no lesson');
    checkInput(this.#form.wiring.graph, steps, EventBuffer.of(input));
    const wanted = membranes.map((name) => [name, this.#populationOf(name)] as const);
    if (this.#bringsMinusOne(input)) await this.#takeSigns();
    if (fresh) await this.#startAgain();
    const output = new EventColumns();
    const spikes = raster ? new EventColumns() : undefined;
    await this.#runSteps(steps, input, output, spikes);
    await (wanted.length > 0 ? this.#readStates() : this.#readCounts());
    return {
      output: output.toList(),
      raster: spikes?.toList(),
      membranes: Object.fromEntries(wanted.map(([name, index]) => [name, this.#membranesOf(index)])),
      dropped: 0,
      step: this.#shadow.step,
      counters: { ...this.#counters },
      taught: [],
    };
  }

  /** Nothing learns here, whatever is said. */
  setLearning(): Promise<void> {
    return this.#inOrder(async () => {});
  }

  resetLearning(): Promise<void> {
    return this.#inOrder(async () => {});
  }

  save(): Promise<Uint8Array> {
    return this.#inOrder(async () => {
      await this.#readStates();
      return writeState({ ...this.#saved(), step: this.#shadow.step });
    });
  }

  restore(state: Uint8Array) {
    return this.#inOrder(async () => {
      await this.#readStates();
      const taken = goOn(
        {
          restore: (bytes) => {
            this.#shadow.step = restoreState(bytes, this.#saved());
          },
          restoreLearned: (learned) => {
            const [name] = learned.keys();
            if (name === undefined) return [];
            const where = `what "${name}" has learned`;
            throw new SpikewireError('store', where, 'finds no connection that learns', 'none');
          },
          resetActivity: () => this.#resetShadow(),
        },
        state,
      );
      await this.#writeStates();
      return taken;
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#last;
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
  #sendRun(request: Request): Promise<Uint8Array> {
    const { at } = this.#image.program;
    if (this.#board.entry !== at) {
      this.#board.entry = at;
      // If this fails, then so does the run.
      this.#memory.write(addressIn('registers', registers.entry), Uint16Array.of(at)).catch(() => {});
    }
    return this.#board.link.send(request);
  }

  async #sendLongStep(encoded: Uint8Array, place: StepPlace): Promise<Uint16Array> {
    const [words] = readOutputs({ ...place, output: place.input }, 1, encoded)!;
    const nothing = { address: 0, words: 0 };
    const [, , output] = await Promise.all([
      this.#memory.write(place.input.address, words!),
      this.#sendRun(run({ input: nothing, output: nothing, outputIsBits: false }, [new Uint8Array(0)])),
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
    this.#shadow.advance(output, raster, step);
  }

  /**
   * By index of an Input: its whole numbers in a step, to nearest with ties to even, within the range of its format.
   */
  #inputsOf(input: EventList, from: number, end: number): Float64Array[] {
    const { nodes } = this.#form.wiring.graph;
    const values = nodes.map(({ kind }, index) => {
      return kind.role === 'input' ? new Float64Array(this.#shadow.emittedBy(index).length) : NOTHING;
    });
    for (let k = from; k < end; k++) values[input.node[k]!]![input.index[k]!]! += input.value[k]!;
    nodes.forEach(({ name, kind }, index) => {
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

  #inputWords(values: readonly Float64Array[]): Uint16Array {
    const { input, emissions } = this.#image;
    const words = new Uint16Array(input.length);
    this.#form.wiring.graph.nodes.forEach(({ name, kind }, index) => {
      if (kind.role === 'input') putEmission(emissions.get(name)!, values[index]!, words, input.at);
    });
    return words;
  }

  /** Whether an Input that has one bit for an element gets something below 0. */
  #bringsMinusOne({ node, value }: EventList): boolean {
    const { nodes } = this.#form.wiring.graph;
    return value.some((one, k) => one < 0 && this.#image.emissions.get(nodes[node[k]!]!.name)!.form === 'bits');
  }

  /** From now on all Inputs have a byte for an element. */
  async #takeSigns(): Promise<void> {
    await this.#readStates();
    const { graph } = this.#form.wiring;
    const signed = new Set(graph.nodes.flatMap(({ name, kind }) => (kind.role === 'input' ? [name] : [])));
    const takeBack = this.#board.places.give(this.#place);
    try {
      const { place, image } = placedImage(this.#board, this.#model, graph, signed);
      [this.#place, this.#image] = [place, image];
    } catch (problem) {
      takeBack();
      throw problem;
    }
    await this.load();
    await this.#writeStates();
  }

  async #startAgain(): Promise<void> {
    await this.#readCounts();
    this.#resetShadow();
    await this.#writeStates();
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
      state: this.#shadow.kept,
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

/** The first event behind a step. */
function endOfStep({ step: steps }: EventList, step: number, from: number): number {
  let end = from;
  while (end < steps.length && steps[end] === step) end++;
  return end;
}

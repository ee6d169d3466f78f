import { spawnSync } from 'node:child_process';
import {
  type CoreEmission,
  type CoreImage,
  type CoreLearning,
  type CorePopulation,
  regions,
  registers,
} from '@spikewire/devices/accelerators';

/** What the core did in one step, in whole numbers. */
export interface CoreStep {
  /** By name of an Input or a population, one number per element. */
  readonly emitted: ReadonlyMap<string, readonly number[]>;
  /** By name of a population. */
  readonly states: ReadonlyMap<string, CoreState>;
  readonly cycles: number;
  /** By name of a connection that learns. */
  readonly learned: ReadonlyMap<string, CoreLearned>;
}

/** What learning has changed. */
export interface CoreLearned {
  /** W, as the graph has them: by output, then by input. */
  readonly weights: readonly number[];
  readonly pre: readonly number[];
  readonly post: readonly number[] | undefined;
  /** The four numbers of the generator. */
  readonly generator: readonly number[];
}

/** What the host does before a step. */
export interface CoreAction {
  /** Where the program begins instead. */
  readonly entry: number;
  /** Words of the memory to write first. */
  readonly words?: { readonly at: number; readonly words: readonly number[] };
}

export interface CoreState {
  readonly v: readonly number[];
  readonly i?: readonly number[];
  readonly refractory: readonly number[];
  readonly saturated: readonly [upper: number, lower: number];
}

/** Values of the elements of each Input in one step; what is not named is 0. */
export type CoreInput = ReadonlyMap<string, readonly number[]>;

export interface CoreRun {
  readonly inputs: readonly CoreInput[];
  /** By step. */
  readonly actions?: readonly (readonly CoreAction[])[];
  /** Steps in which weights are held. */
  readonly held?: ReadonlySet<number>;
}

/** Runs a net in the simulated core, `program`, which begins with random bits; one entry for each step. */
export function runCore(program: string, image: CoreImage, { inputs, actions, held }: CoreRun, seed = 1): CoreStep[] {
  const learned = [...image.learned.values()];
  const script = new Script();
  script.write(regions.memory, image.memory.at, image.memory.words);
  script.write(regions.program, image.program.at, image.program.words);
  script.write(regions.activity, image.activity.at, new Uint16Array(image.activity.length));
  script.write(regions.registers, registers.entry, Uint16Array.of(image.program.at));
  for (const [step, input] of inputs.entries()) {
    for (const { entry, words } of actions?.[step] ?? []) {
      if (words !== undefined) script.write(regions.memory, words.at, Uint16Array.from(words.words));
      script.write(regions.registers, registers.entry, Uint16Array.of(entry));
      script.step();
    }
    script.write(regions.registers, registers.entry, Uint16Array.of(image.program.at));
    script.write(regions.registers, registers.holds, Uint16Array.of(Number(held?.has(step) ?? false)));
    script.write(regions.activity, image.input.at, inputWords(image, input));
    script.step();
    script.read(regions.activity, image.activity.at, image.activity.length);
    script.read(regions.memory, image.records.at, image.records.length);
    for (const { changing } of learned) script.read(regions.memory, changing.at, changing.length);
    script.read(regions.registers, registers.cyclesLow, 3);
  }
  const answers = script.run(program, seed);
  const changing = learned.reduce((sum, each) => sum + each.changing.length, 0);
  const perStep = image.activity.length + image.records.length + changing + 3;
  return inputs.map((_, step) => stepOf(image, answers.subarray(step * perStep, (step + 1) * perStep)));
}

/** Commands for `devices/rtl/simulation/core.cpp`. */
export class Script {
  readonly #parts: Buffer[] = [];

  /** Gives these commands to the program; all words that were read. */
  run(program: string, seed = 1): Uint16Array {
    const input = Buffer.concat(this.#parts);
    const { stdout, stderr, status } = spawnSync(program, [`${seed}`], { input, maxBuffer: 2 ** 30 });
    if (status !== 0) throw new Error(`the simulated core ended with ${status}: ${stderr}`);
    return new Uint16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
  }

  write(region: number, at: number, words: Uint16Array): void {
    this.#command('W', region, at, words.length);
    this.#parts.push(Buffer.from(words.buffer, words.byteOffset, words.byteLength));
  }

  read(region: number, at: number, count: number): void {
    this.#command('R', region, at, count);
  }

  step(): void {
    const command = Buffer.from('S\0\0\0\0');
    command.writeUInt32LE(1, 1);
    this.#parts.push(command);
  }

  #command(name: string, region: number, at: number, count: number): void {
    const command = Buffer.alloc(9, name);
    command.writeUInt32LE((region << 16) | at, 1);
    command.writeUInt32LE(count, 5);
    this.#parts.push(command);
  }
}

function inputWords({ input, emissions }: CoreImage, values: CoreInput): Uint16Array {
  const words = new Uint16Array(input.length);
  for (const [name, numbers] of values) {
    const { at, form } = emissions.get(name)!;
    numbers.forEach((number, k) => {
      const start = at - input.at;
      if (form === 'bits') words[start + (k >> 4)]! |= Number(number !== 0) << (k & 15);
      else words[start + (k >> 1)]! |= (number & 0xff) << (8 * (k & 1));
    });
  }
  return words;
}

function stepOf(image: CoreImage, answer: Uint16Array): CoreStep {
  const { activity, records, emissions, populations } = image;
  const state = answer.subarray(activity.length, activity.length + records.length);
  let end = activity.length + records.length;
  const learned = new Map<string, CoreLearned>();
  for (const [name, place] of image.learned) {
    learned.set(name, learnedAt(place, answer.subarray(end, end + place.changing.length)));
    end += place.changing.length;
  }
  const [low, high, fault] = answer.subarray(end);
  if (fault !== 0) throw new Error('the simulated core met an unknown opcode');
  return {
    emitted: new Map(Array.from(emissions, ([name, place]) => [name, emittedAt(place, answer, activity.at)])),
    states: new Map(Array.from(populations, ([name, place]) => [name, stateAt(place, state, records.at)])),
    cycles: low! + 2 ** 16 * high!,
    learned,
  };
}

function learnedAt(
  { inputs, outputs, changing, generator, weights, pre, post }: CoreLearning,
  words: Uint16Array,
): CoreLearned {
  const number = (at: number) => words[at - changing.at]! | (words[at + 1 - changing.at]! << 16);
  const numbers = (at: number, length: number) => Array.from({ length }, (_, n) => number(at + 2 * n));
  const weight = (k: number) => words[weights + (k % inputs) * outputs + Math.floor(k / inputs) - changing.at]!;
  return {
    weights: Array.from({ length: inputs * outputs }, (_, k) => (weight(k) << 16) >> 16),
    pre: numbers(pre, inputs),
    post: post === undefined ? undefined : numbers(post, outputs),
    generator: numbers(generator, 4).map((each) => each >>> 0),
  };
}

/** What an Input or a population emitted, out of words of the activity memory from `start` on. */
export function emittedAt({ at, elements, form }: CoreEmission, answer: Uint16Array, start: number): number[] {
  return Array.from({ length: elements }, (_, k) => {
    if (form === 'bits') return (answer[at - start + (k >> 4)]! >> (k & 15)) & 1;
    return ((answer[at - start + (k >> 1)]! >> (8 * (k & 1))) << 24) >> 24;
  });
}

/** The state of a population, out of words of the memory from `start` on. */
export function stateAt(
  { neurons, at, length, state, saturated }: CorePopulation,
  words: Uint16Array,
  start: number,
): CoreState {
  const number = (word: number, bits: 16 | 32) => {
    const low = words[word - start]!;
    return bits === 16 ? (low << 16) >> 16 : low | (words[word - start + 1]! << 16);
  };
  const each = (place: number, bits: 16 | 32) =>
    Array.from({ length: neurons }, (_, n) => number(at + n * length + place, bits));
  const { membrane, current, refractory, bits } = state;
  return {
    v: each(membrane, bits),
    ...(current !== undefined && { i: each(current, bits) }),
    refractory:
      refractory === undefined ? new Array<number>(neurons).fill(0) : each(refractory, 16).map((n) => n & 0xffff),
    saturated: [number(saturated[0], 32) >>> 0, number(saturated[1], 32) >>> 0],
  };
}

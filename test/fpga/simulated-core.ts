import { spawnSync } from 'node:child_process';
import {
  type CoreEmission,
  type CoreImage,
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
}

export interface CoreState {
  readonly v: readonly number[];
  readonly i?: readonly number[];
  readonly refractory: readonly number[];
  readonly saturated: readonly [upper: number, lower: number];
}

/** Values of the elements of each Input in one step; what is not named is 0. */
export type CoreInput = ReadonlyMap<string, readonly number[]>;

/** Runs a net in the simulated core, `program`, which begins with random bits; one entry for each step. */
export function runCore(program: string, image: CoreImage, inputs: readonly CoreInput[], seed = 1): CoreStep[] {
  const script = new Script();
  script.write(regions.memory, image.memory.at, image.memory.words);
  script.write(regions.program, image.program.at, image.program.words);
  script.write(regions.activity, image.activity.at, new Uint16Array(image.activity.length));
  script.write(regions.registers, registers.entry, Uint16Array.of(image.program.at));
  for (const input of inputs) {
    script.write(regions.activity, image.input.at, inputWords(image, input));
    script.step();
    script.read(regions.activity, image.activity.at, image.activity.length);
    script.read(regions.memory, image.records.at, image.records.length);
    script.read(regions.registers, registers.cyclesLow, 3);
  }
  const { stdout, stderr, status } = spawnSync(program, [`${seed}`], { input: script.bytes, maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`the simulated core ended with ${status}: ${stderr}`);
  const answers = new Uint16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
  const perStep = image.activity.length + image.records.length + 3;
  return inputs.map((_, step) => stepOf(image, answers.subarray(step * perStep, (step + 1) * perStep)));
}

/** Commands for `devices/rtl/simulation/core.cpp`. */
class Script {
  readonly #parts: Buffer[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
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
  const registersAt = activity.length + records.length;
  const state = answer.subarray(activity.length, registersAt);
  const [low, high, fault] = answer.subarray(registersAt);
  if (fault !== 0) throw new Error('the simulated core met an unknown opcode');
  return {
    emitted: new Map(Array.from(emissions, ([name, place]) => [name, emittedAt(place, answer, activity.at)])),
    states: new Map(Array.from(populations, ([name, place]) => [name, stateAt(place, state, records.at)])),
    cycles: low! + 2 ** 16 * high!,
  };
}

function emittedAt({ at, elements, form }: CoreEmission, answer: Uint16Array, start: number): number[] {
  return Array.from({ length: elements }, (_, k) => {
    if (form === 'bits') return (answer[at - start + (k >> 4)]! >> (k & 15)) & 1;
    return ((answer[at - start + (k >> 1)]! >> (8 * (k & 1))) << 24) >> 24;
  });
}

function stateAt(
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

import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { listed } from '../conformance/arbitrary-model.ts';
import type { Stimulus } from '../conformance/play.ts';

/** A random net in the integer form, with constants of its own, and what it is given. */
export interface IntegerNet {
  readonly model: Model;
  readonly steps: number;
  readonly stimulus: Stimulus;
  /** Inputs with spikes that bring −1 as well. */
  readonly signed: ReadonlySet<string>;
  /** Errors, each told before a step; empty where nothing learns by them. */
  readonly lessons: readonly Lesson[];
  /** Steps in which weights are held. */
  readonly held: ReadonlySet<number>;
}

export interface Lesson {
  readonly step: number;
  readonly connection: string;
  readonly signal: readonly number[];
}

const spiking = ['IF', 'LIF', 'CubaLIF', 'Threshold'] as const;
const readOuts = ['I', 'LI', 'CubaLI', 'ReLU'] as const;

const sources = fc.record({
  /** Which of the Inputs and populations before it; one of itself and those behind it where it is late. */
  from: fc.nat(),
  late: fc.constantFrom(false, false, true),
  kind: fc.constantFrom('Linear', 'Linear', 'Sparse', 'Scale'),
  weights: fc.constantFrom('any', 'small', 'mostly 0', 'largest'),
  shift: fc.constantFrom(0, 0, 1, 3, 12),
});

const populations = fc.record({
  type: fc.constantFrom(...spiking, ...spiking, ...readOuts),
  size: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 20 }) }, fc.integer({ min: 21, max: 80 })),
  sources: fc.array(sources, { minLength: 1, maxLength: 3 }),
  bits: fc.constantFrom(16, 32),
  fraction: fc.integer({ min: -15, max: 14 }),
  /** Whether its neurons share their constants, and whether these may be anything, or lead to some spikes. */
  alike: fc.boolean(),
  wild: fc.boolean(),
  reset: fc.constantFrom('value', 'subtract', 'many'),
  floor: fc.boolean(),
  rest: fc.constantFrom(0, 0, 1, 4, 65_535),
  handOn: fc.constantFrom(1, 2, 5, 9, 14, 22, 31),
});

/** Of changes: from those that do nothing to those that move a weight from end to end. */
const sizes = fc.constantFrom(0, 1e-7, 0.003, 0.05, 3, 300, 1e5);
const taus = fc.constantFrom(0.0004, 0.005, 0.02, 0.3, 300);

const learnings = fc.record({
  population: fc.nat(),
  rule: fc.constantFrom('stdp', 'stdp', 'pes'),
  plus: sizes,
  minus: sizes,
  tauPlus: taus,
  tauMinus: taus,
  pairing: fc.constantFrom('all', 'nearest'),
  order: fc.constantFrom(undefined, undefined, 'pre-first'),
  bounds: fc.constantFrom(undefined, [-5, 8], [-400, 600], [-0.5, 90]),
  lessons: fc.constantFrom(0.2, 0.7),
  held: fc.constantFrom(0, 0, 0.3),
});

const structures = fc.record({
  seed: fc.nat(),
  inputs: fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: 40 }),
      maximum: fc.constantFrom(1, 127),
      density: fc.constantFrom(0.05, 0.3, 1),
      signed: fc.boolean(),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  populations: fc.array(populations, { minLength: 1, maxLength: 4 }),
  steps: fc.integer({ min: 1, max: 16 }),
});

type Structure = typeof structures extends fc.Arbitrary<infer Value> ? Value : never;
type Population = Structure['populations'][number];
type Source = Population['sources'][number];
type Learning = typeof learnings extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * Random nets of every kind that the core has. Constants come from their whole ranges, and often from the ends of
 * these, so that membranes, currents and what read-outs hand on saturate. None learns. fast-check shrinks the
 * structure.
 */
export const arbitraryIntegerNet: fc.Arbitrary<IntegerNet> = structures.map((structure) => build(structure));

/** The same, each with a connection that learns. */
export const arbitraryLearningNet: fc.Arbitrary<IntegerNet> = fc
  .tuple(structures, learnings)
  .map(([structure, learning]) => build(structure, learning));

const LIMIT = 2 ** 31;
const DT = 0.001;

/** What a node emits: its size and the largest magnitude of an element. */
interface Emitter {
  readonly name: string;
  readonly size: number;
  readonly largest: number;
}

/** A connection before its shift is known. */
interface Connection {
  readonly name: string;
  readonly emitter: Emitter;
  readonly late: boolean;
  readonly shift: number;
  readonly node: Record<string, unknown>;
  /** Σ|q| by neuron, times the largest arrival. */
  readonly sums: readonly number[];
}

function build(structure: Structure, learning?: Learning): IntegerNet {
  const { seed, inputs, populations, steps } =
    learning === undefined ? structure : withPlaceToLearn(structure, learning);
  const learned = learning === undefined ? undefined : learning.population % populations.length;
  const random = new RandomGenerator(seed, 'integer net');
  const before: Emitter[] = inputs.map(({ size, maximum }, k) => ({ name: `in${k}`, size, largest: maximum }));
  const all = [...before, ...populations.map(emitterOf)];
  const nodes: Record<string, unknown> = {};
  const edges: unknown[] = [];
  const quantization = {
    bits: 8,
    inputs: {} as Record<string, unknown>,
    connections: {} as Record<string, unknown>,
    neurons: {} as Record<string, unknown>,
  };
  for (const { name, size, largest } of before) {
    nodes[name] = { type: 'Input', shape: [size] };
    quantization.inputs[name] = { scale: 1, maximum: largest };
  }
  populations.forEach((population, k) => {
    const { name, size } = emitterOf(population, k);
    // A node without an edge would be no node of the net, so the first population hears every Input.
    const first = inputs.map((_, from) => ({ ...population.sources[0]!, from, late: false }));
    const drawn = (k === 0 ? [...first, ...population.sources.slice(1)] : population.sources).map((source, index) => {
      // What comes late may come from any population, also from itself; never from an Input.
      const late = source.late;
      const candidates = late ? all.slice(inputs.length) : all.slice(0, inputs.length + k);
      const emitter = candidates[source.from % candidates.length]!;
      const learns = k === learned && index === 0;
      return drawConnection(random, `${name}-from${index}`, source, emitter, size, late, learns);
    });
    const { shifts, largest } = fittingShifts(drawn, size);
    drawn.forEach(({ name: connection, emitter, late, node }, index) => {
      nodes[connection] = node;
      edges.push([emitter.name, connection, { delay: Number(late) }], [connection, name]);
      quantization.connections[connection] = { shift: shifts[index] };
    });
    nodes[name] = nodeOf(random, population);
    nodes[`out-${name}`] = { type: 'Output', shape: [size] };
    edges.push([name, `out-${name}`]);
    quantization.neurons[name] = constantsOf(random, population, largest);
  });
  const connection = `neurons${learned}-from0`;
  const declared = learning === undefined ? {} : { learning: { [connection]: declarationOf(learning) } };
  const each = Array.from({ length: steps }, (_, step) => step);
  const isDrawn = (share: number) => random.nextUniform() < share;
  return {
    model: parseModel({ nodes, edges, semantics: { dt: DT }, quantization, ...declared }),
    steps,
    stimulus: Object.fromEntries(inputs.map((input, k) => [`in${k}`, drawInput(random, steps, input)])),
    signed: new Set(inputs.flatMap(({ signed }, k) => (signed ? [`in${k}`] : []))),
    held: new Set(each.filter(() => isDrawn(learning?.held ?? 0))),
    lessons: each
      .filter((step) => step > 0 && learning?.rule === 'pes' && isDrawn(learning.lessons))
      .map((step) => ({ step, connection, signal: drawError(random, populations[learned!]!.size) })),
  };
}

/** The same with a connection that can learn: the first into its population, from neurons or an Input with spikes. */
function withPlaceToLearn({ inputs, populations, ...rest }: Structure, { population, rule }: Learning): Structure {
  const at = population % populations.length;
  return {
    ...rest,
    inputs: inputs.map((input, k) => (k === 0 ? { ...input, maximum: 1, signed: false } : input)),
    populations: populations.map((each, k) => {
      if (k !== at) return each;
      const spikes = rule === 'stdp';
      const before = populations.slice(0, k).flatMap((one, n) => (emitterOf(one, n).largest === 1 ? [n] : []));
      const [first, ...others] = each.sources;
      const from = [0, ...before.map((n) => inputs.length + n)].at(-1)!;
      return {
        ...each,
        type: spikes && isReadOut(each.type) ? 'LIF' : each.type,
        reset: spikes && each.reset === 'many' ? 'subtract' : each.reset,
        sources: [{ ...first!, from, kind: 'Linear', late: false }, ...others],
      };
    }),
  };
}

function declarationOf({ rule, plus, minus, tauPlus, tauMinus, pairing, order, bounds }: Learning) {
  const sizes =
    rule === 'pes'
      ? { learningRate: plus, tauPre: tauPlus }
      : { aPlus: plus, aMinus: minus, tauPlus, tauMinus, pairing, ...(order && { order }) };
  return { rule, ...sizes, arithmetic: 'integer', ...(bounds && { bounds }) };
}

function drawError(random: RandomGenerator, size: number): number[] {
  return Array.from({ length: size }, () => {
    const magnitude = [0, 1e-6, 0.02, 1, 40, 1e4][random.nextInteger(6)]!;
    return (random.nextUniform() - 0.5) * magnitude;
  });
}

function emitterOf({ type, size, reset }: Population, k: number): Emitter {
  const hasMany = reset === 'many' && type !== 'Threshold';
  const largest = isReadOut(type) ? 128 : hasMany ? 127 : 1;
  return { name: `neurons${k}`, size, largest };
}

function isReadOut(type: Population['type']): boolean {
  return (readOuts as readonly string[]).includes(type);
}

function drawConnection(
  random: RandomGenerator,
  name: string,
  { kind, weights, shift }: Source,
  emitter: Emitter,
  size: number,
  late: boolean,
  learns: boolean,
): Connection {
  const weight = () => drawWeight(random, weights);
  // A Scale takes its shape from what is before it, which a cycle of such nodes would not have.
  const isScale = kind === 'Scale' && emitter.size === size && !late;
  const matrix = Array.from({ length: size }, () => Array.from({ length: emitter.size }, isScale ? () => 0 : weight));
  const kept = matrix.map((row) => row.map(() => kind !== 'Sparse' || random.nextUniform() < 0.15));
  if (kind === 'Sparse') kept[0]![0] = true;
  const scale = Array.from({ length: size }, weight);
  const sums = matrix.map((row, output) => {
    const magnitudes = isScale ? [Math.abs(scale[output]!)] : row.map((q, k) => (kept[output]![k] ? Math.abs(q) : 0));
    // A weight that learns may become as large as any.
    return emitter.largest * magnitudes.reduce((sum, q) => sum + (learns ? 127 : q), 0);
  });
  const node = isScale
    ? { type: 'Scale', scale }
    : kind === 'Sparse'
      ? listed(matrix, (output, input) => kept[output]![input]!)
      : { type: 'Linear', weight: matrix };
  return { name, emitter, late, shift, node, sums };
}

function drawWeight(random: RandomGenerator, weights: Source['weights']): number {
  if (weights === 'mostly 0' && random.nextUniform() < 0.9) return 0;
  const largest = weights === 'small' ? 3 : 127;
  if (weights === 'largest') return random.nextUniform() < 0.5 ? -127 : 127;
  return random.nextInteger(2 * largest + 1) - largest;
}

/** Shifts as wished, or smaller where a sum of them all could leave 32 bits; and the largest sum of a neuron. */
function fittingShifts(drawn: readonly Connection[], size: number): { shifts: number[]; largest: number } {
  for (let less = 0; ; less++) {
    const shifts = drawn.map(({ shift }) => Math.max(0, shift - less));
    const sums = Array.from({ length: size }, (_, n) =>
      drawn.reduce((sum, each, k) => sum + each.sums[n]! * 2 ** shifts[k]!, 0),
    );
    const largest = Math.max(...sums);
    if (largest < LIMIT) return { shifts, largest };
  }
}

function nodeOf(random: RandomGenerator, { type, size, reset, floor, rest, alike }: Population): unknown {
  const rests = Array.from({ length: size }, () => (alike || rest === 0 ? rest : random.nextInteger(rest + 1)) * DT);
  const limit = floor ? { v_min: -1 } : {};
  const semantics = {
    reset: reset === 'value' ? 'value' : 'subtract',
    spikesPerStep: reset === 'many' ? 'many' : 'one',
  };
  const firing = { v_threshold: 1, tau_ref: rests, ...limit, semantics };
  if (type === 'IF') return { type, ...firing };
  if (type === 'LIF') return { type, tau: 0.01, ...firing };
  if (type === 'CubaLIF') return { type, tau_syn: 0.01, tau_mem: 0.01, ...firing };
  if (type === 'Threshold') return { type, threshold: 1 };
  if (type === 'CubaLI') return { type, tau_syn: 0.01, tau_mem: 0.01 };
  return type === 'LI' ? { type, tau: 0.01 } : type === 'ReLU' && floor ? { type, ceiling: 1 } : { type };
}

function constantsOf(random: RandomGenerator, population: Population, largest: number): Record<string, unknown> {
  const { type, size, bits, alike, wild, reset, floor, handOn } = population;
  const end = 2 ** (bits - 1);
  const fraction = fittingFraction(population.fraction, largest);
  const arriving = Math.floor(largest * 2 ** fraction + 0.5);
  const usual = Math.max(1, Math.min(end - 1, Math.ceil(arriving / 4)));
  const each = (draw: () => number) => {
    const shared = draw();
    return Array.from({ length: alike ? 1 : size }, () => (alike ? shared : draw()));
  };
  const within = (low: number, high: number) => each(() => drawInteger(random, low, high));
  /** Anything a membrane can be, or what the usual arrivals reach. */
  const membrane = (low: number, high: number) => (wild ? within(-end, end - 1) : within(low * usual, high * usual));
  const factor = () => each(() => drawFactor(random));
  const biases = wild ? within(arriving - LIMIT + 1, LIMIT - 1 - arriving) : within(-usual, usual);
  const hasCurrent = type === 'CubaLIF' || type === 'CubaLI';
  const hasMany = reset === 'many' && type !== 'Threshold';
  const positive = () => within(1, wild ? end - 1 : usual);
  const boundedBiases = biases.map((b) => Math.sign(b) * Math.min(Math.abs(b), LIMIT - 1 - arriving));
  const shared = {
    membraneBits: bits,
    scale: [1],
    fraction,
    decay: factor(),
    bias: hasCurrent ? within(-LIMIT, LIMIT - 1) : boundedBiases,
    initial: membrane(-1, 1),
    ...(hasCurrent && {
      current: { decay: factor(), gain: factor(), bias: boundedBiases, initial: within(-end, end - 1) },
    }),
  };
  if (isReadOut(type)) {
    const range = type === 'ReLU' && { minimum: membrane(-1, 0), ...(floor && { maximum: membrane(0, 1) }) };
    return { ...shared, ...range, handOn };
  }
  return {
    ...shared,
    threshold: membrane(0, 1),
    ...(reset === 'value' || type === 'Threshold' ? { reset: membrane(-1, 1) } : {}),
    ...(reset === 'subtract' && type !== 'Threshold' ? { subtract: membrane(-1, 1) } : {}),
    ...(hasMany ? { subtract: positive() } : {}),
    ...(floor && type !== 'Threshold' ? { minimum: membrane(-1, 0) } : {}),
  };
}

function fittingFraction(wished: number, largest: number): number {
  let fraction = wished;
  while (largest * 2 ** fraction >= LIMIT - 1) fraction--;
  return fraction;
}

/** From low to high: ends and 0 often, and all magnitudes as often as each other. */
function drawInteger(random: RandomGenerator, low: number, high: number): number {
  const ends = [low, high, 0, low + 1];
  const choice = random.nextInteger(12);
  const sign = random.nextUniform() < 0.5 ? -1 : 1;
  const drawn =
    choice < ends.length
      ? ends[choice]!
      : choice < 8
        ? sign * Math.floor(2 ** (random.nextUniform() * 31))
        : Math.floor(low + (high - low + 1) * random.nextUniform());
  return Math.max(low, Math.min(high, drawn));
}

function drawFactor(random: RandomGenerator): number {
  const ends = [32_768, 32_767, -32_767, 0, 16_384];
  const choice = random.nextInteger(10);
  return ends[choice] ?? (choice < 8 ? 28_000 + random.nextInteger(4769) : random.nextInteger(65_536) - 32_767);
}

function drawInput(random: RandomGenerator, steps: number, input: Structure['inputs'][number]): number[][] {
  const { size, maximum, density, signed } = input;
  const events: number[][] = [];
  for (let step = 0; step < steps; step++) {
    for (let index = 0; index < size; index++) {
      if (random.nextUniform() >= density) continue;
      const isSpike = maximum === 1 && !signed;
      events.push([step, index, isSpike ? 1 : drawInteger(random, -maximum, maximum)]);
    }
  }
  return events;
}

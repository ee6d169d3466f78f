import { type GraphNode, numbersOf, roundHalfEven, SpikewireError, type Tensor, tensor } from '@spikewire/models';
import type { Net, Population } from '../net/net.ts';
import { extremesAt } from './arrivals.ts';
import { BIAS, DECAY, SCALE, THRESHOLD_MANTISSA } from './chip.ts';
import { type Drive, driveOf } from './drive.ts';
import { decaysOf } from './registers.ts';
import { cannotWrap, scalesOf } from './scale.ts';
import { formatFor, type WeightFormat, weightRegister, weightUnit } from './weight-register.ts';

/** What rounding did to a population and the weights into it. */
export interface PopulationReport {
  readonly node: string;
  /** Units of the chip's membrane for 1 of the model's. */
  readonly scale: number;
  /** Largest error of a threshold, relative to it; and of the share of a membrane that a step loses. */
  readonly thresholdError: number;
  readonly decayError: number;
  readonly connections: readonly WeightReport[];
}

export interface WeightReport {
  readonly node: string;
  readonly weights: number;
  readonly format: WeightFormat;
  /** Largest error of a weight, relative to the largest weight. */
  readonly worstError: number;
}

export interface QuantizedPopulation {
  readonly report: PopulationReport;
  /** The population as a LoihiLIF, and the connections into it with the chip's weights, by name. */
  readonly changed: ReadonlyMap<string, GraphNode>;
}

/**
 * A population that is linear between spikes in Loihi's integers, with the weights into it: the finest steps with which
 * nothing can wrap.
 */
export function quantizePopulation(net: Net, population: Population, notes: string[]): QuantizedPopulation {
  const drive = driveOf(net, population, notes);
  for (const scale of scalesOf(population, drive)) {
    const connections = drive.connections.map((each) => withRegisters(net, each, scale));
    const registers = registersOf(net, population, drive, scale);
    const others = new Map(connections.map(({ index, held }) => [index, held]));
    const extremes = extremesAt(net.wiring, population.index, others);
    if (!cannotWrap(extremes, registers.decay_u, registers.bias)) continue;
    const reports = connections.map(({ report }) => report);
    return {
      report: { ...errors(population, scale), node: population.name, scale, connections: reports },
      changed: new Map([
        ...connections.map(({ report, node }) => [report.node, node] as const),
        [population.name, compartments(population, registers)],
      ]),
    };
  }
  throw new SpikewireError(
    'unsupported',
    `node "${population.name}" for Loihi`,
    'has weights beside which its threshold, bias or sums need more bits',
    'fewer inputs, or other weights',
  );
}

function withRegisters({ nodes }: Net, { index, gains, weights }: Drive['connections'][number], scale: number) {
  const { name, node } = nodes[index]!;
  const key = node.parameters.weight === undefined ? 'scale' : 'weight';
  const ideal = Float64Array.from(gains, (gain, k) => scale * gain * weights[k]!);
  const [high, low] = [Math.max(0, ...bounds(ideal)), Math.min(0, ...bounds(ideal))];
  const format = formatFor(Math.max(high, -low), high > 0 && low < 0);
  const unit = weightUnit(format);
  const held = ideal.map((each) => weightRegister(each / unit, format) + 0);
  const worst = held.reduce((most, each, k) => Math.max(most, Math.abs(each - ideal[k]!)), 0);
  const largest = Math.max(high, -low);
  const shape = numbersOf(node, key)!.shape;
  const isOne = numbersOf(node, key)!.data.length === 1 && held.length > 1;
  const written: Tensor = isOne ? tensor(held, [held.length]) : tensor(held, shape);
  const { bias: _bias, ...others } = node.parameters;
  // What a bias adds is in the compartments.
  const type = node.type === 'Affine' ? 'Linear' : node.type;
  const report: WeightReport = {
    node: name,
    weights: held.length,
    format,
    worstError: largest === 0 ? 0 : worst / largest,
  };
  const changed: GraphNode = { type, parameters: { ...others, [key]: written } };
  return { index, held, report, node: changed };
}

function bounds(numbers: Float64Array): [number, number] {
  let [low, high] = [0, 0];
  for (const each of numbers) [low, high] = [Math.min(low, each), Math.max(high, each)];
  return [low, high];
}

interface Registers extends Readonly<Record<string, Float64Array>> {
  readonly decay_u: Float64Array;
  readonly bias: Float64Array;
}

function registersOf({ model }: Net, population: Population, { bias }: Drive, scale: number): Registers {
  const { linear, neurons } = population;
  const { threshold, resetValue, refractorySteps, comparison } = population.firing!;
  // The chip spikes above its threshold: a membrane that only reaches it has to be above the mantissa before.
  const thresholdOf = (ideal: number) => Math.max(0, thresholdMantissa(ideal) - (comparison === 'ge' ? 1 : 0));
  const { membrane, current } = decaysOf(population);
  const settled = linear!.bias.map((each, n) => {
    const [lost, left] = [1 - linear!.decay[n]!, membrane![n]! / DECAY];
    // What a leak pulls to stays where it is when its share is rounded.
    const pulled = lost > 0 ? (each * left) / lost : each;
    return scale * (pulled - left * resetValue[n]! + bias[n]!);
  });
  const rounded = (of: (n: number) => number) =>
    Float64Array.from({ length: neurons }, (_, n) => roundHalfEven(scale * of(n)) + 0);
  return {
    decay_u: current ?? new Float64Array(neurons).fill(DECAY),
    decay_v: membrane!,
    v_threshold: threshold.map((each, n) => SCALE * thresholdOf(scale * (each - resetValue[n]!))),
    bias: settled.map(biasRegister),
    tau_ref: Float64Array.from(refractorySteps, (steps) => steps * model.semantics.dt),
    v_initial: rounded((n) => (linear!.initial.v?.[n] ?? 0) - resetValue[n]!),
    u_initial: rounded((n) => (linear!.initial.i?.[n] ?? 0) * linear!.gain[n]!),
  };
}

function compartments({ node, firing }: Population, registers: Registers): GraphNode {
  const parameters = Object.entries(registers).filter(([key, values]) => !isPreset(key, values));
  return {
    type: 'LoihiLIF',
    ...(firing!.comparison === 'ge' && { semantics: { threshold: 'gt' } }),
    parameters: Object.fromEntries(parameters.map(([key, values]) => [key, shortest(values, node.shape)])),
  };
}

const PRESETS: Readonly<Record<string, number>> = {
  decay_u: DECAY,
  decay_v: 0,
  bias: 0,
  tau_ref: 0,
  v_initial: 0,
  u_initial: 0,
};

function isPreset(key: string, values: Float64Array): boolean {
  return values.every((each) => each === PRESETS[key]);
}

function shortest(values: Float64Array, shape: readonly number[]): Tensor {
  return values.every((each) => each === values[0]) ? tensor(values.slice(0, 1), []) : tensor(values, shape);
}

function thresholdMantissa(threshold: number): number {
  return Math.min(THRESHOLD_MANTISSA, roundHalfEven(threshold / SCALE));
}

/** The nearest mantissa · 2^exponent, with the smallest exponent that reaches it. */
export function biasRegister(bias: number): number {
  let exponent = 0;
  while (exponent < BIAS.exponent && Math.abs(roundHalfEven(bias / 2 ** exponent)) > BIAS.mantissa) exponent++;
  const mantissa = Math.max(-BIAS.mantissa, Math.min(BIAS.mantissa, roundHalfEven(bias / 2 ** exponent)));
  return mantissa * 2 ** exponent + 0;
}

function errors(population: Population, scale: number): Pick<PopulationReport, 'thresholdError' | 'decayError'> {
  const { linear, firing } = population;
  const { membrane } = decaysOf(population);
  let [thresholdError, decayError] = [0, 0];
  firing!.threshold.forEach((each, n) => {
    const ideal = scale * (each - firing!.resetValue[n]!);
    const held = SCALE * thresholdMantissa(ideal);
    if (ideal > 0) thresholdError = Math.max(thresholdError, Math.abs(held - ideal) / ideal);
    const lost = 1 - linear!.decay[n]!;
    if (lost > 0) decayError = Math.max(decayError, Math.abs(membrane![n]! / DECAY - lost) / lost);
  });
  return { thresholdError, decayError };
}

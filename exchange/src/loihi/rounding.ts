import { type GraphNode, numbersOf, roundHalfEven, type Tensor, tensor } from '@spikewire/models';
import type { Net, Population } from '../net/net.ts';
import { extremesAt } from './arrivals.ts';
import { ARRIVING, BIAS, DECAY, LARGEST_BIAS, SCALE, STATE, THRESHOLD_MANTISSA } from './chip.ts';
import { type Drive, driveOf } from './drive.ts';
import { decaysOf } from './registers.ts';
import { constantsAt, scalesOf, sumsOf } from './scale.ts';
import { formatFor, type WeightFormat, weightRegister, weightUnit } from './weight-register.ts';

/** What rounding did to the weights of a connection. */
export interface WeightReport {
  readonly node: string;
  readonly weights: number;
  readonly format: WeightFormat;
  /** Largest error of a weight, relative to the largest weight. */
  readonly worstError: number;
}

/** A population and the weights into it at one scale, and what of them registers must hold. */
export interface Rounding {
  readonly scale: number;
  readonly connections: readonly ReturnType<typeof withRegisters>[];
  readonly registers: Registers;
  /** The largest threshold, in steps of 64, bias, sum of arrivals, and sum of current and bias. */
  readonly needs: Readonly<Record<'threshold' | 'bias' | 'arriving' | 'driven', number>>;
  readonly fits: boolean;
}

export const HELD: Rounding['needs'] = {
  threshold: THRESHOLD_MANTISSA,
  bias: LARGEST_BIAS,
  arriving: ARRIVING - 1,
  driven: STATE - 1,
};

/**
 * A population that is linear between spikes in Loihi's integers, with the weights into it: the finest steps with which
 * registers hold it and nothing can wrap, whatever spikes; where there are none, the coarsest ones.
 */
export function roundingOf(net: Net, population: Population, notes: string[]): Rounding {
  const drive = driveOf(net, population, notes);
  let rounding: Rounding | undefined;
  for (const scale of scalesOf(population, drive)) {
    rounding = roundingAt(net, population, drive, scale);
    if (rounding.fits) break;
  }
  return rounding!;
}

function roundingAt(net: Net, population: Population, drive: Drive, scale: number): Rounding {
  const connections = drive.connections.map((each) => withRegisters(net, each, scale));
  const registers = registersOf(net, population, drive, scale);
  const others = new Map(connections.map(({ index, held }) => [index, held]));
  const sums = sumsOf(extremesAt(net.wiring, population.index, others), registers.decay_u, registers.bias);
  const needs = { ...constantsAt(population, drive, scale), ...sums };
  // A scale that is made to fit may miss by the rounding of a double.
  const fits = keysOf(HELD).every((key) => needs[key] <= HELD[key] * (1 + Number.EPSILON));
  return { scale, connections, registers, needs, fits };
}

export const keysOf = (needs: Rounding['needs']) => Object.keys(needs) as (keyof Rounding['needs'])[];

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

export interface Registers extends Readonly<Record<string, Float64Array>> {
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

export function thresholdMantissa(threshold: number): number {
  return Math.min(THRESHOLD_MANTISSA, roundHalfEven(threshold / SCALE));
}

/** The nearest mantissa · 2^exponent, with the smallest exponent that reaches it. */
export function biasRegister(bias: number): number {
  let exponent = 0;
  while (exponent < BIAS.exponent && Math.abs(roundHalfEven(bias / 2 ** exponent)) > BIAS.mantissa) exponent++;
  const mantissa = Math.max(-BIAS.mantissa, Math.min(BIAS.mantissa, roundHalfEven(bias / 2 ** exponent)));
  return mantissa * 2 ** exponent + 0;
}

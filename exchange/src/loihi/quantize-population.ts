import { type GraphNode, type Tensor, tensor } from '@spikewire/models';
import type { Net, Population } from '../net/net.ts';
import { DECAY, SCALE } from './chip.ts';
import { decaysOf } from './registers.ts';
import { type Registers, roundingOf, thresholdMantissa, type WeightReport } from './rounding.ts';

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

export interface QuantizedPopulation {
  readonly report: PopulationReport;
  /** The population as a LoihiLIF, and the connections into it with the chip's weights, by name. */
  readonly changed: ReadonlyMap<string, GraphNode>;
}

/** The population as a LoihiLIF, and the connections into it with the chip's weights. */
export function quantizePopulation(net: Net, population: Population, notes: string[]): QuantizedPopulation {
  const { scale, connections, registers } = roundingOf(net, population, notes);
  const reports = connections.map(({ report }) => report);
  return {
    report: { ...errors(population, scale), node: population.name, scale, connections: reports },
    changed: new Map([
      ...connections.map(({ report, node }) => [report.node, node] as const),
      [population.name, compartments(population, registers)],
    ]),
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

import { SpikewireError } from '../error.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { Model } from '../model/model.ts';
import { resolveGraph } from '../resolve/resolve.ts';
import { weightParameter, wire } from '../resolve/wiring.ts';
import { broadcast } from '../tensor.ts';
import { realWeights } from './real-units.ts';

/** What the integer form did to the weights of one connection. */
export interface ConnectionReport {
  readonly node: string;
  readonly weights: number;
  readonly shift: number;
  /** Root of the mean squared error over the root of the mean squared weight; 0 where all weights are 0. */
  readonly relativeError: number;
  readonly largestError: number;
  /** Share of the weights other than 0 that became 0. */
  readonly lost: number;
}

/** With what precision a population computes. */
export interface NeuronReport {
  readonly node: string;
  readonly membraneBits: 16 | 32;
  readonly fraction: number;
  /** Smallest and largest threshold of its neurons in units of the membrane; undefined for read-outs. */
  readonly threshold: readonly [number, number] | undefined;
  /** Real size of one unit of the membrane, smallest and largest. */
  readonly unit: readonly [number, number];
}

export interface QuantizationReport {
  readonly connections: readonly ConnectionReport[];
  readonly neurons: readonly NeuronReport[];
}

/** Compares an integer model with the float model that it was made from. */
export function quantizationReport(model: Model, quantized: Model): QuantizationReport {
  const { quantization } = quantized;
  if (quantization === undefined) {
    throw new SpikewireError('unsupported', 'quantization report', 'got a float model', 'a model that is quantised');
  }
  const before = new Map(resolveGraph(model.graph, model.semantics).nodes.map((node) => [node.name, node]));
  const wiring = wire(resolveGraph(quantized.graph, quantized.semantics));
  const connections = wiring.graph.nodes.flatMap((resolved, index): ConnectionReport[] => {
    const constants = quantization.connections.get(resolved.name);
    if (constants === undefined) return [];
    const key = weightParameter(resolved);
    const integers = numbersOf(resolved.node, key)!.data;
    const real = realWeights(wiring, index, quantization, integers);
    const source = before.get(resolved.name);
    // A Scale that the quantiser inserted stands for weights of 1.
    const wanted = source
      ? broadcast(numbersOf(source.node, key)!, real.length)
      : new Float64Array(real.length).fill(1);
    return [{ node: resolved.name, shift: constants.shift, ...errorsOf(wanted, real) }];
  });
  const neurons = [...quantization.neurons].map(([node, { membraneBits, fraction, threshold, scale }]) => ({
    node,
    membraneBits,
    fraction,
    threshold: threshold && rangeOf(threshold),
    unit: rangeOf(scale.map((unit) => unit * 2 ** -fraction)),
  }));
  return { connections, neurons };
}

function errorsOf(wanted: Float64Array, real: Float64Array) {
  let squaredError = 0;
  let squaredWeight = 0;
  let largestError = 0;
  let present = 0;
  let lost = 0;
  for (let k = 0; k < real.length; k++) {
    const error = Math.abs(real[k]! - wanted[k]!);
    squaredError += error ** 2;
    squaredWeight += wanted[k]! ** 2;
    largestError = Math.max(largestError, error);
    if (wanted[k] === 0) continue;
    present++;
    if (real[k] === 0) lost++;
  }
  return {
    weights: real.length,
    relativeError: squaredWeight === 0 ? 0 : Math.sqrt(squaredError / squaredWeight),
    largestError,
    lost: present === 0 ? 0 : lost / present,
  };
}

function rangeOf(source: Float64Array | Int32Array): readonly [number, number] {
  const values = Array.from(source);
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

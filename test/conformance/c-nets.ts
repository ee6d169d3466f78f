import { type Model, parseModel, quantize, RandomGenerator, SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { arbitraryGraph } from './arbitrary-graph.ts';
import { cells } from './cells.ts';
import type { Stimulus } from './play.ts';

/** An integer net that a C header has, and what it is given. */
export interface NetForC {
  readonly model: Model;
  readonly steps: number;
  /** In real values, as engines take it. */
  readonly stimulus: Stimulus;
  /** The same in whole numbers. */
  readonly whole: Stimulus;
  /** Fewer events at the Output `out` would show little. */
  readonly enough: number;
  /** A population that must send more than five spikes in one step. */
  readonly many?: string;
}

/** Nets that random graphs do not have, by what they do. */
export const fixedNets = (): [string, () => NetForC][] => [
  ['rectifiers with membranes of 16 bits', () => rectifiers(16)],
  ['rectifiers with membranes of 32 bits', () => rectifiers(32)],
  ['graded values, states that are handed on, many spikes', graded],
  ['convolution, pooling, rows with matrices of their own', images],
];

const integral = ['IF', 'LIF', 'CubaLIF', 'CubaLIF 2', 'ALIF', 'ALIF 2'];

/** Random graphs of all spiking kinds and connections, with int8 and int4 weights and membranes of 16 and 32 bits. */
export function randomNets(numRuns: number): NetForC[] {
  const nets = fc.sample(arbitraryGraph(integral.map((name) => cells[name]!)), { numRuns, seed: 1 });
  return nets.flatMap(({ model, steps, stimulus }, k) => {
    const options = { bits: k % 3 === 0 ? 4 : 8, membraneBits: k % 2 === 0 ? 32 : 16 } as const;
    const whole = quantizedOrNot(model, options);
    return whole === undefined ? [] : [{ model: whole, steps, stimulus, whole: stimulus, enough: 0 }];
  });
}

/** Random graphs may be ones that have no integer form. */
function quantizedOrNot(model: Model, options: Parameters<typeof quantize>[1]): Model | undefined {
  try {
    return quantize(model, { ...options, calibration: { inputs: new Map([['in', 'spikes']]) } });
  } catch (problem) {
    if (problem instanceof SpikewireError && ['unsupported', 'graph'].includes(problem.code)) return undefined;
    throw problem;
  }
}

/** Rectifiers behind each other, the second of which is held at a ceiling. */
function rectifiers(membraneBits: 16 | 32): NetForC {
  const random = new RandomGenerator(7, 'rectifiers');
  const rows = (outputs: number, inputs: number) =>
    Array.from({ length: outputs }, () => Array.from({ length: inputs }, () => random.nextNormal()));
  const nodes = {
    in: { type: 'Input', shape: [6] },
    a: { type: 'Affine', weight: rows(9, 6), bias: rows(1, 9)[0] },
    first: { type: 'ReLU' },
    b: { type: 'Affine', weight: rows(7, 9), bias: rows(1, 7)[0] },
    second: { type: 'ReLU', ceiling: 1.5 },
    c: { type: 'Linear', weight: rows(3, 7) },
    sum: { type: 'LI', tau: 0.01 },
    out: { type: 'Output' },
  };
  const states = new Map(Object.entries({ first: 6, second: 1.5, sum: 4 }));
  const model = quantize(parseModel({ nodes, edges: chain(...Object.keys(nodes)), semantics: { dt: 0.001 } }), {
    ...{ bits: 8, membraneBits },
    calibration: { inputs: new Map([['in', 2]]), states },
  });
  const inputs = new RandomGenerator(8, 'stimulus');
  const whole = Array.from({ length: 240 }, (_, k) => [Math.floor(k / 6), k % 6, inputs.nextInteger(255) - 127]);
  const real = whole.map(([step, index, n]) => [step!, index!, (n! * 2) / 127]);
  return { model, steps: 40, stimulus: { in: real }, whole: { in: whole }, enough: 61 };
}

function graded(): NetForC {
  const input = 'in */ int x; /*';
  const weight = [
    [60, -30, 15],
    [-90, 70, 50],
  ];
  const real = parseModel({
    nodes: {
      [input]: { type: 'Input', shape: [3] },
      fc: { type: 'Affine', weight, bias: [0.3, -0.1] },
      cell: cells['CubaLIF 2']!.node,
      read: { type: 'Linear', weight: [[1, -1]] },
      state: { type: 'LI', tau: 0.02, v_leak: 0.1 },
      out: { type: 'Output' },
      both: { type: 'Output' },
    },
    edges: [...chain(input, 'fc', 'cell', 'read', 'state', 'out'), ['cell', 'both', { delay: 2 }]],
    semantics: { dt: 1e-3 },
    encoder: { [input]: { type: 'direct' } },
  });
  const model = quantize(real, { bits: 8, calibration: { states: new Map([['state', 3]]) } });
  const { scale } = model.quantization!.inputs.get(input)!;
  const whole = Array.from({ length: 300 }, (_, k) => [k, k % 3, ((k * 37) % 255) - 127]);
  const stimulus = { [input]: whole.map(([step, index, n]) => [step!, index!, n! * scale]) };
  return { model, steps: 300, stimulus, whole: { [input]: whole }, enough: 101, many: 'cell' };
}

function images(): NetForC {
  const random = new RandomGenerator(5, 'c');
  const weights = (...shape: number[]): unknown =>
    shape.length === 0
      ? random.nextNormal() + 0.3
      : Array.from({ length: shape[0]! }, () => weights(...shape.slice(1)));
  const nodes = {
    in: { type: 'Input', shape: [2, 6, 6] },
    conv: { type: 'Conv2d', weight: weights(4, 1, 3, 3), bias: weights(4), groups: 2, padding: 1 },
    lif: { type: 'LIF', tau: 0.01, r: 6, v_threshold: 1, tau_ref: 0.002 },
    pool: { type: 'AvgPool2d', kernel_size: 2, stride: 2 },
    rows: { type: 'Affine', weight: weights(4, 3, 2, 3), bias: weights(2) },
    more: { type: 'LIF', tau: 0.01, r: 6, v_threshold: 1 },
    flat: { type: 'Flatten' },
    fc: { type: 'Linear', weight: weights(5, 24) },
    if: { type: 'IF', r: 300, v_threshold: 1, semantics: { reset: 'subtract' } },
    out: { type: 'Output' },
  };
  const model = quantize(parseModel({ nodes, edges: chain(...Object.keys(nodes)), semantics: { dt: 1e-3 } }), {
    bits: 8,
  });
  const events = Array.from({ length: 100 * 72 }, (_, k) => [Math.floor(k / 72), k % 72]);
  const stimulus = { in: events.filter(() => random.nextUniform() < 0.1) };
  return { model, steps: 100, stimulus, whole: stimulus, enough: 51 };
}

/** Edges from each node to the next. */
export const chain = (...names: string[]) => names.slice(1).map((name, k) => [names[k]!, name] as const);

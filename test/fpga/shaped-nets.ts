import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import { listed } from '../conformance/arbitrary-model.ts';
import type { Stimulus } from '../conformance/play.ts';

const factors = { decay: [31_130], bias: [0], initial: [0] };

/**
 * 784-64-10 with random weights, as for MNIST: 64 LIF of 16 bits with a threshold each, and 10 read-outs of 32 bits.
 */
export function mnistShaped(seed: number): Model {
  const random = new RandomGenerator(seed, 'mnist-shaped');
  const weights = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.nextInteger(81) - 40));
  const threshold = Array.from({ length: 64 }, () => 3000 + random.nextInteger(3000));
  return parseModel({
    nodes: {
      pixels: { type: 'Input', shape: [784] },
      hidden: { type: 'Linear', weight: weights(64, 784) },
      lif: { type: 'LIF', tau: 0.02, v_threshold: 1 },
      classes: { type: 'Linear', weight: weights(10, 64) },
      li: { type: 'LI', tau: 0.02 },
      out: { type: 'Output', shape: [10] },
    },
    edges: [
      ['pixels', 'hidden'],
      ['hidden', 'lif'],
      ['lif', 'classes'],
      ['classes', 'li'],
      ['li', 'out'],
    ],
    quantization: {
      bits: 8,
      inputs: { pixels: { scale: 1, maximum: 1 } },
      connections: { hidden: { shift: 0 }, classes: { shift: 0 } },
      neurons: {
        lif: { membraneBits: 16, scale: [1], fraction: 3, ...factors, threshold, reset: [0] },
        li: { membraneBits: 32, scale: [1], fraction: 8, ...factors, handOn: 10 },
      },
    },
  });
}

/** `spikes` random elements of an Input of `size`, in each step. */
export function randomSpikes(seed: number, steps: number, size: number, spikes: number): number[][] {
  const random = new RandomGenerator(seed, 'spikes');
  const events: number[][] = [];
  for (let step = 0; step < steps; step++) {
    const active = new Set<number>();
    while (active.size < spikes) active.add(random.nextInteger(size));
    for (const index of [...active].sort((a, b) => a - b)) events.push([step, index]);
  }
  return events;
}

/** Few synapses onto 1,000 neurons, so that a row steps farther than one word can say; and a neuron that two reach. */
export function wideSparse(): { model: Model; stimulus: Stimulus } {
  const matrix = Array.from({ length: 1000 }, (_, n) => [n % 300 === 299 ? -127 : 0, n === 999 ? 127 : 0]);
  const sparse = listed(matrix, (output, input) => matrix[output]![input] !== 0);
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1, 1, 2] },
      pool: { type: 'SumPool2d', kernel_size: [1, 1], stride: [1, 1] },
      flatten: { type: 'Flatten' },
      sparse,
      n: { type: 'IF', v_threshold: 1 },
      out: { type: 'Output', shape: [1000] },
    },
    edges: [
      ['in', 'pool'],
      ['pool', 'flatten'],
      ['flatten', 'sparse'],
      ['sparse', 'n'],
      ['n', 'out'],
    ],
    quantization: {
      bits: 8,
      inputs: { in: { scale: 1, maximum: 127 } },
      connections: { sparse: { shift: 2 } },
      neurons: {
        n: {
          ...{ membraneBits: 32, scale: [1], fraction: -2, decay: [32_768], bias: [0], initial: [0] },
          ...{ threshold: [1000], reset: [-5] },
        },
      },
    },
  });
  const stimulus = {
    in: [0, 1, 2].flatMap((step) => [
      [step, 0, -100],
      [step, 1, 20 * step],
    ]),
  };
  return { model, stimulus };
}

/** A sum pooling behind weights: several synapses of one input to the same neuron. */
export function pooledBehind(): { model: Model; stimulus: Stimulus } {
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1, 1, 3] },
      convolve: { type: 'Conv2d', weight: [[[[100, 101, 127]]]], padding: [0, 1] },
      pool: { type: 'SumPool2d', kernel_size: [1, 3], stride: [1, 3] },
      n: { type: 'IF', v_threshold: 1 },
      out: { type: 'Output', shape: [1, 1, 1] },
    },
    edges: [
      ['in', 'convolve'],
      ['convolve', 'pool'],
      ['pool', 'n'],
      ['n', 'out'],
    ],
    quantization: {
      bits: 8,
      inputs: { in: { scale: 1, maximum: 127 } },
      connections: { convolve: { shift: 1 } },
      neurons: {
        n: {
          ...{ membraneBits: 32, scale: [1], fraction: 0, decay: [32_768], bias: [0], initial: [0] },
          ...{ threshold: [100_000], reset: [0] },
        },
      },
    },
  });
  const stimulus = { in: [0, 1, 2].flatMap((step) => [0, 1, 2].map((index) => [step, index, 10 * step + index - 7])) };
  return { model, stimulus };
}

// Two fixed nets over spikes of MNIST digits. Their step is v = (0.9·v + input) − previous spike, spike = v > 1: what a
// spike takes decays before it is taken, which is a reset by subtraction of 1/0.9 here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { onItsGrid } from '../infer/grid.mjs';

const [SIDE, CLASSES] = [28, 10];
const INPUTS = SIDE * SIDE;

export function contestantsIn(folder) {
  const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  const weights = weightsIn(folder);
  const nets = { mlp: denseNet(meta, weights), conv: convolutionNet(meta, weights) };
  const samples = samplesIn(folder, meta);
  const contestants = new Map();
  for (const [kind, { model, layers }] of Object.entries(nets)) {
    const repeats = kind === 'mlp' ? 20 : 2;
    const inBits = (membraneBits) => onItsGrid(model, layers, { membraneBits, taken: 1 / meta.beta });
    // All weights are multiples of a power of two, so that the engine for real numbers keeps them in a byte each.
    contestants.set(`${kind}_ours_int8_float_membrane`, contestant(model, meta, samples, repeats));
    contestants.set(`${kind}_ours_int8`, contestant(inBits(32), meta, samples, repeats));
    contestants.set(`${kind}_ours_int8_int16_membrane`, contestant(inBits(16), meta, samples, repeats));
  }
  return contestants;
}

function contestant(model, { T }, samples, repeats) {
  const network = engineNamed('clocked').load(model);
  const output = new EventBuffer(T * CLASSES);
  const run = (sample) => {
    network.resetActivity();
    output.clear();
    network.run(T, sample, output);
  };
  return {
    /** Microseconds per sample. */
    block() {
      const start = performance.now();
      for (let k = 0; k < repeats; k++) for (const sample of samples) run(sample);
      return ((performance.now() - start) * 1000) / (repeats * samples.length);
    },
    check() {
      const counts = samples.flatMap((sample) => {
        run(sample);
        return countsOf(output);
      });
      return { counts };
    },
  };
}

function countsOf(output) {
  const counts = new Array(CLASSES).fill(0);
  for (let k = 0; k < output.length; k++) counts[output.index[k]]++;
  return counts;
}

/** The packed bits as events. What is the same for all events, their node and their value, all samples share. */
function samplesIn(folder, { T, samples, words_per_step: words }) {
  const bits = new Uint32Array(new Uint8Array(readFileSync(join(folder, 'spikes.bin'))).buffer);
  const nodes = new Int32Array(T * INPUTS);
  const values = new Float64Array(T * INPUTS).fill(1);
  return Array.from({ length: samples }, (_, n) => {
    const sample = new EventBuffer(T * INPUTS);
    for (let step = 0; step < T; step++) {
      const row = (n * T + step) * 2 * words;
      for (let i = 0; i < INPUTS; i++) if ((bits[row + (i >> 5)] >>> (i & 31)) & 1) sample.push(step, 0, i, 1);
    }
    const { step, index } = sample.toList();
    const { length } = sample;
    return EventBuffer.of({ step, node: nodes.subarray(0, length), index, value: values.subarray(0, length) });
  });
}

/** The int8 weights of each layer. */
function weightsIn(folder) {
  const bytes = readFileSync(join(folder, 'weights.bin'));
  const integers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const sizes = { mlp1: INPUTS * 256, mlp2: 256 * CLASSES, conv1: 12 * 25, conv2: 32 * 12 * 25, fc: 512 * CLASSES };
  const weights = {};
  let from = 0;
  for (const [name, size] of Object.entries(sizes)) {
    weights[name] = Array.from(integers.subarray(from, from + size));
    from += size;
  }
  return weights;
}

function denseNet({ beta, shifts }, { mlp1, mlp2 }) {
  const layers = [
    layer('first', 'hidden', transposed(mlp1, 256), shifts.mlp1),
    layer('second', 'classes', transposed(mlp2, CLASSES), shifts.mlp2),
  ];
  const [first, second] = layers.map(({ weight }) => ({ type: 'Linear', weight }));
  const cell = cellWith(beta);
  const nodes = { first, hidden: cell, second, classes: cell };
  return { layers, model: chain([INPUTS], nodes) };
}

function convolutionNet({ beta, shifts }, { conv1, conv2, fc }) {
  const layers = [
    layer('first', 'edges', shaped(conv1, [12, 1, 5, 5]), shifts.conv1),
    layer('second', 'shapes', shaped(conv2, [32, 12, 5, 5]), shifts.conv2, 4),
    layer('third', 'classes', transposed(fc, CLASSES), shifts.fc, 4),
  ];
  const geometry = { stride: 1, padding: 0, dilation: 1, groups: 1 };
  const half = { type: 'AvgPool2d', kernel_size: 2, stride: 2, padding: 0 };
  const cell = cellWith(beta);
  const nodes = {
    first: { type: 'Conv2d', weight: layers[0].weight, input_shape: [SIDE, SIDE], ...geometry },
    edges: cell,
    half,
    second: { type: 'Conv2d', weight: layers[1].weight, ...geometry },
    shapes: cell,
    quarter: half,
    flat: { type: 'Flatten', start_dim: 0, end_dim: -1 },
    third: { type: 'Linear', weight: layers[2].weight },
    classes: cell,
  };
  return { layers, model: chain([1, SIDE, SIDE], nodes) };
}

/** Weights `integers`·2^−shift, of which a population sees the mean over `averaged` sources. */
function layer(connection, population, integers, shift, averaged = 1) {
  const unit = 2 ** -shift / averaged;
  const flat = integers.flat(Number.POSITIVE_INFINITY);
  return { connection, population, integers: flat, unit, weight: times(integers, 2 ** -shift) };
}

function times(values, factor) {
  return Array.isArray(values) ? values.map((value) => times(value, factor)) : values * factor;
}

function cellWith(beta) {
  return { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1, v_reset: 1 - 1 / beta };
}

/** Nodes one after the other between an Input and an Output. */
function chain(shape, nodes) {
  const names = ['in', ...Object.keys(nodes), 'out'];
  return parseModel({
    nodes: {
      in: { type: 'Input', shape },
      ...nodes,
      out: { type: 'Output', shape: [CLASSES] },
    },
    edges: names.slice(1).map((name, k) => [names[k], name]),
    semantics: { dt: 0.001, integrate: 'euler', threshold: 'gt', reset: 'subtract' },
  });
}

/** [inputs][outputs] as rows by output. */
function transposed(weights, outputs) {
  const inputs = weights.length / outputs;
  return Array.from({ length: outputs }, (_, o) => Array.from({ length: inputs }, (_, i) => weights[i * outputs + o]));
}

/** Nested arrays in row-major order. */
function shaped(values, [first, ...rest]) {
  if (rest.length === 0) return values;
  const size = values.length / first;
  return Array.from({ length: first }, (_, k) => shaped(values.slice(k * size, (k + 1) * size), rest));
}

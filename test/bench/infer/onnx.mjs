// The same net in ONNX Runtime on one thread, in three forms; each is a program of the trainer's graph, written by its
// ONNX writer.
import {
  add,
  affine,
  averagePool,
  convolve,
  filled,
  given,
  hold,
  joinOverTime,
  lowerToOnnx,
  prepared,
  programOf,
  reshape,
  scale,
  spike,
  splitOverTime,
  stored,
  subtract,
  sumOf,
  surrogates,
} from '@spikewire/trainer';
import { chainOf } from './chain.mjs';

/** Which one does not matter: nothing is learned here. */
const surrogate = prepared('surrogate', surrogates, 'arctan');

const ONE_THREAD = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
};

export const onnxForms = [
  onnx('onnx, a call per step', callPerStep),
  onnx('onnx, step by step in one call', stepByStep),
  onnx('onnx, time-batched', timeBatched),
];

function onnx(name, form) {
  return {
    name,
    numbers: 'real',
    async open(workload) {
      let library;
      try {
        library = await import('onnxruntime-node');
      } catch (error) {
        return { skipped: `onnxruntime-node cannot be loaded: ${error.message.split('\n')[0]}` };
      }
      return form({ ...workload, ...chainOf(workload) }, library);
    },
  };
}

/**
 * A graph of one step, called T times: membranes come out and go in again, in two sets of arrays that change places.
 */
async function callPerStep({ layers, steps, shape, samples, row }, library) {
  const outputs = {};
  let x = given('input', [1, ...shape]);
  for (const [index, layer] of layers.entries()) {
    const u = add(scale(given(`v${index}`, [1, ...layer.shape]), layer.decay), currentOf(layer, x));
    x = spikesIn(layer, u);
    outputs[`next${index}`] = subtract(u, scale(x, layer.threshold));
  }
  const spikes = new Float32Array(layers.at(-1).outputs);
  const session = await sessionOf(library, { ...outputs, spikes: x });
  const rows = samples.map((_, sample) =>
    Array.from({ length: steps }, (_, step) => tensorOf(library, row(sample, step), shape)),
  );
  const membranes = [0, 1].map(() => layers.map(({ outputs: size }) => new Float32Array(size)));
  const named = (side, prefix) =>
    Object.fromEntries(side.map((data, index) => [`${prefix}${index}`, tensorOf(library, data, layers[index].shape)]));
  const before = membranes.map((side) => named(side, 'v'));
  const after = membranes.map((side) => ({
    ...named(side, 'next'),
    spikes: tensorOf(library, spikes, layers.at(-1).shape),
  }));
  const counts = new Float32Array(spikes.length);
  const run = async (sample) => {
    counts.fill(0);
    for (const membrane of membranes[0]) membrane.fill(0);
    for (let step = 0; step < steps; step++) {
      const side = step % 2;
      await session.run({ input: rows[sample][step], ...before[side] }, after[1 - side]);
      for (let k = 0; k < counts.length; k++) counts[k] += spikes[k];
    }
  };
  return contestant(session, run, counts);
}

/** All steps in one graph, in each a product per layer; a current that stays is multiplied once. */
async function stepByStep({ layers, steps, shape, samples, row, held }, library) {
  const rows = Array.from({ length: held ? 1 : steps }, (_, step) => given(`input${step}`, [1, ...shape]));
  const [first, ...others] = layers;
  const currents = rows.map((each) => currentOf(first, each));
  const membranes = layers.map(() => undefined);
  let counts;
  for (let step = 0; step < steps; step++) {
    let current = currents[step % currents.length];
    for (const [index, layer] of layers.entries()) {
      const v = membranes[index];
      const u = v === undefined ? current : add(scale(v, layer.decay), current);
      const spikes = spikesIn(layer, u);
      membranes[index] = subtract(u, scale(spikes, layer.threshold));
      current = index < others.length ? currentOf(others[index], spikes) : spikes;
    }
    counts = counts === undefined ? current : add(counts, current);
  }
  const feeds = samples.map((_, sample) =>
    Object.fromEntries(rows.map((_, step) => [`input${step}`, tensorOf(library, row(sample, step), shape)])),
  );
  return oneCall(library, { counts }, feeds);
}

/** A product per layer over the rows of all steps, then the scan over the steps; a current that stays is one row. */
async function timeBatched({ layers, steps, shape, inputs, samples, row, held }, library) {
  const rows = held ? 1 : steps;
  let x = given('input', [rows, ...shape]);
  for (const [index, layer] of layers.entries()) {
    x = spikesIn(layer, currentOf(layer, x), { steps, held: held && index === 0 });
  }
  const counts = sumOf(splitOverTime(x, steps));
  const feeds = samples.map((_, sample) => {
    const input = new Float32Array(rows * inputs);
    for (let step = 0; step < rows; step++) input.set(row(sample, step), step * inputs);
    return { input: tensorOf(library, input, shape) };
  });
  return oneCall(library, { counts }, feeds);
}

function currentOf({ maps }, x) {
  return maps.reduce((from, map) => {
    if (map.kind === 'pooling') return averagePool(from, map.size);
    if (map.kind === 'shape') return reshape(from, [from.shape[0], ...map.shape]);
    const operation = map.kind === 'convolution' ? convolve : affine;
    return operation(from, stored(map.weights, map.weightShape), stored(map.bias, [map.bias.length]));
  }, x);
}

/** Spikes over `steps` steps from membranes at 0; of one step: where the current is above the threshold. */
function spikesIn({ decay, threshold }, current, { steps = 1, held = false } = {}) {
  let v;
  const spikes = (held ? hold(current, steps) : splitOverTime(current, steps)).map((input) => {
    const u = v === undefined ? input : add(scale(v, decay), input);
    const s = spike(u, filled([], threshold), { comparison: 'gt', surrogate });
    v = subtract(u, scale(s, threshold));
    return s;
  });
  return joinOverTime(spikes);
}

function sessionOf(library, outputs) {
  return library.InferenceSession.create(lowerToOnnx(programOf(outputs)), ONE_THREAD);
}

/** Rows of `shape`. */
function tensorOf(library, data, shape) {
  const size = shape.reduce((product, length) => product * length, 1);
  return new library.Tensor('float32', data, [data.length / size, ...shape]);
}

async function oneCall(library, { counts }, feeds) {
  const session = await sessionOf(library, { counts });
  const answer = new Float32Array(counts.shape[1]);
  const fetches = { counts: tensorOf(library, answer, [answer.length]) };
  return contestant(session, (sample) => session.run(feeds[sample], fetches), answer);
}

function contestant(session, run, counts) {
  return {
    run,
    counts: (sample) => run(sample).then(() => Array.from(counts)),
    close: () => session.release(),
  };
}

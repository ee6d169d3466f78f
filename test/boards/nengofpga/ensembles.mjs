import { parseModel, RandomGenerator, readLearned, writeModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';

/**
 * An ensemble whose neurons are at a few hundred Hz for inputs of −1 … 1. With `learningRate` (κ) it learns by PES;
 * with `spiking` an IF turns rates into spikes; `feedback` is the time constant of a low-pass that leads back to the
 * input one step later.
 *
 * @param {{ inputs: number, outputs: number, neurons: number, learningRate?: number, spiking?: boolean,
 *   feedback?: number }} shape
 * @returns {import('@spikewire/models').Model}
 */
export function ensembleModel({ inputs, outputs, neurons, learningRate, spiking, feedback }) {
  const random = new RandomGenerator(5, 'ensemble');
  const hertz = spiking ? 200 : 0.2;
  const drawn = (rows, columns, size) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => size * random.nextNormal()));
  const population = spiking ? 'spikes' : 'neurons';
  const loop = {
    back: { type: 'Linear', weight: drawn(inputs, neurons, 0.05) },
    delay: { type: 'Lowpass', tau: feedback, semantics: { integrate: 'exact' } },
  };
  const loopEdges = [
    [population, 'back'],
    ['back', 'delay'],
    ['delay', 'encode', { delay: 1 }],
  ];
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [inputs] },
      encode: { type: 'Affine', weight: drawn(neurons, inputs, hertz), bias: drawn(1, neurons, hertz)[0] },
      neurons: { type: 'ReLU' },
      ...(spiking && { spikes: { type: 'IF', r: 1, v_threshold: 1 } }),
      decode: { type: 'Linear', weight: drawn(outputs, neurons, 0.5) },
      ...(feedback && loop),
      out: { type: 'Output', shape: [outputs] },
    },
    edges: [
      ['in', 'encode'],
      ['encode', 'neurons'],
      ...(spiking ? [['neurons', 'spikes']] : []),
      [population, 'decode'],
      ...(feedback ? loopEdges : []),
      ['decode', 'out'],
    ],
    ...(learningRate && { learning: { decode: { rule: 'pes', learningRate, tauPre: 0 } } }),
    semantics: { dt: 0.001, threshold: 'ge', reset: 'subtract', spikesPerStep: 'many' },
  });
}

/**
 * Steps with inputs that change, and after each a lesson, on a board and on the engine `reference`, which gets the same
 * inputs and the same errors. The errors are those of the board's answers, as in a control loop: it learns −x, and x².
 *
 * @param {import('spikewire/accelerators').ExecutorSource} source
 * @param {import('@spikewire/models').Model} model
 * @param {number} steps
 */
export async function playCourse(source, model, steps) {
  const executor = await source.open(writeModel(model));
  const reference = engineNamed('reference').load(model);
  const [inputs, outputs] = ['in', 'out'].map((name) => model.graph.nodes.get(name).parameters.shape.data[0]);
  const learns = model.learning.size > 0;
  const [connection] = model.learning.keys();
  const [times, errors] = [[], []];
  const differences = [];
  let [largest, error] = [0, new Float64Array(outputs)];
  for (let step = 0; step < steps; step++) {
    const x = Float64Array.from({ length: inputs }, (_, k) => Math.sin(step / (17 + 8 * k)));
    const teach = learns && step > 0 ? [{ connection, signal: error }] : [];
    const began = performance.now();
    const { output } = await executor.run({ steps: 1, input: eventsOf(x), teach });
    times.push(performance.now() - began);
    for (const { connection, signal } of teach) reference.teach(connection, signal);
    const expected = new EventBuffer(outputs);
    reference.run(1, EventBuffer.of(eventsOf(x)), expected);
    const [found, wanted] = [vectorOf(output, outputs), vectorOf(expected.toList(), outputs)];
    for (const [j, value] of found.entries()) {
      differences[step] = Math.max(differences[step] ?? 0, Math.abs(value - wanted[j]));
      largest = Math.max(largest, Math.abs(wanted[j]));
    }
    error = found.map((value, j) => value + (j % 2 === 0 ? x[0] : x[0] ** 2));
    errors.push(error.reduce((sum, each) => sum + Math.abs(each), 0) / outputs);
  }
  // What came twice or late is in doubt until some more packets have come; errors of 0 change nothing.
  const quiet = { steps: 1, input: eventsOf([]), teach: [{ connection, signal: new Float64Array(outputs) }] };
  for (let k = 0; learns && k < 20; k++) await executor.run(quiet);
  const counts = { ...executor.counts };
  const learned = learns ? await learnedDifference(executor, reference.saveLearned(), connection) : 0;
  await executor.close();
  const mean = (part) => part.reduce((sum, each) => sum + each, 0) / part.length;
  const tenth = Math.ceil(steps / 10);
  return {
    /** Differences of answers, relative to the largest answer: all, the largest one, and how many are above 1e−4. */
    differences: differences.map((difference) => difference / largest),
    worst: differences.reduce((most, each) => Math.max(most, each), 0) / largest,
    wrong: differences.filter((difference) => difference > 1e-4 * largest).length,
    /** The median of the last tenth. */
    usualAtEnd: differences.slice(-tenth).sort((a, b) => a - b)[tenth >> 1] / largest,
    /** The same of the weights that the driver saves. */
    learned,
    /** D as the engine has learned it: what the board should have, too. */
    decoders: learns ? decodersOf(reference.saveLearned().get(connection), model.semantics.dt) : [],
    /** @type {import('@spikewire/devices/nengofpga').BoardCounts} */
    counts,
    /** Milliseconds of each step. */
    times,
    /** Mean size of the error in the first hundredth, and in the last tenth. */
    errors: [mean(errors.slice(0, Math.ceil(steps / 100))), mean(errors.slice(-tenth))],
  };
}

const decodersOf = ({ weights }, dt) => Array.from(weights, (weight) => weight * dt);

async function learnedDifference(executor, expected, connection) {
  const [{ weights }, { weights: wanted }] = [readLearned(await executor.save()), expected].map((each) =>
    each.get(connection),
  );
  const differences = Array.from(wanted, (weight, k) => Math.abs(weight - weights[k]));
  return Math.max(...differences) / Math.max(...Array.from(wanted, Math.abs));
}

/** One step of input. */
export function eventsOf(x) {
  const events = Array.from(x, (value, k) => [k, value]).filter(([, value]) => value !== 0);
  return {
    step: Int32Array.from(events, () => 0),
    node: Int32Array.from(events, () => 0),
    index: Int32Array.from(events, ([k]) => k),
    value: Float64Array.from(events, ([, value]) => value),
  };
}

/** The numbers of one step of output. */
export function vectorOf({ index, value }, size) {
  const vector = new Float64Array(size);
  for (const [k, at] of index.entries()) vector[at] += value[k];
  return vector;
}

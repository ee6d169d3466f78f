import { parseModel, quantize, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { Bench } from 'tinybench';

export const title = '784-256-10 LIF, T = 25, batch 1: microseconds per sample';

const [INPUTS, HIDDEN, CLASSES] = [784, 256, 10];
const STEPS = 25;
const SAMPLES = 32;
/** Spikes per element and step, of the input and of the hidden layer. */
const ACTIVITY = 0.1;
/** Weights are multiples of this, so that sums in float32 are exact in any order. */
const GRID = 2 ** -12;

/** What is timed: a net of some engine, and a name for the others to be compared with. */
const contestants = [
  { name: 'int8 clocked wasm', engine: 'clocked', kernels: 'wasm', integer: true },
  { name: 'float32 clocked wasm', engine: 'clocked', kernels: 'wasm', integer: false },
  { name: 'int8 clocked typescript', engine: 'clocked', kernels: 'typescript', integer: true },
  { name: 'float32 clocked typescript', engine: 'clocked', kernels: 'typescript', integer: false },
  { name: 'int8 reference', engine: 'integer', integer: true },
  { name: 'float64 reference', engine: 'reference', integer: false },
];

export async function run({ quick = false } = {}) {
  const model = balancedModel();
  const integerModel = quantize(model, { bits: 8 });
  const samples = randomSamples(new RandomGenerator(2, 'samples'));
  const nets = contestants.map(({ name, engine, kernels, integer }) => ({
    name,
    integer,
    net: engineNamed(engine).load(integer ? integerModel : model, kernels === undefined ? {} : { kernels }),
  }));
  const equality = compareCounts(nets, samples);
  const bench = new Bench({ time: quick ? 100 : 1000, warmupTime: quick ? 20 : 200 });
  for (const { name, net } of nets) bench.add(name, sampleAfterSample(net, samples));
  await bench.run();
  const results = bench.tasks.map(({ name, result }) => describe(name, result.latency));
  const [first] = results;
  return {
    activity: measuredActivity(nets[0].net, samples),
    equality,
    results: results.map((each) => ({ ...each, ratio: round(each.median / first.median) })),
  };
}

export function table({ activity, equality, results }) {
  const rows = results.map(
    ({ name, median, low, high, ratio }) =>
      `  ${name.padEnd(28)} ${median.toFixed(1).padStart(9)} µs   ${low.toFixed(1)} … ${high.toFixed(1)}`.padEnd(66) +
      `${ratio.toFixed(1)} ×\n`,
  );
  const { input, hidden } = activity;
  const layers = `  activity per neuron and step: input ${input.toFixed(3)}, hidden ${hidden.toFixed(3)}\n`;
  const counts = Object.entries(equality).map(
    ([name, { equal, of }]) => `  equal output counts, ${name}: ${equal} of ${of}\n`,
  );
  return [layers, ...counts, ...rows].join('');
}

function describe(name, { p50, min, p75, samplesCount }) {
  // tinybench counts in milliseconds.
  return { name, median: round(p50 * 1000), low: round(min * 1000), high: round(p75 * 1000), runs: samplesCount };
}

function round(value) {
  return Math.round(value * 100) / 100;
}

/** Runs the next sample at each call, from a fresh start. */
function sampleAfterSample(net, samples) {
  const output = new EventBuffer(STEPS * CLASSES);
  let next = 0;
  return () => {
    net.resetActivity();
    output.clear();
    net.run(STEPS, samples[next], output);
    next = (next + 1) % samples.length;
  };
}

/** Output spikes of all samples, by class. */
function countsOf(net, samples) {
  const output = new EventBuffer(STEPS * CLASSES);
  return samples.map((sample) => {
    const counts = new Array(CLASSES).fill(0);
    net.resetActivity();
    output.clear();
    net.run(STEPS, sample, output);
    for (let k = 0; k < output.length; k++) counts[output.index[k]] += output.value[k];
    return counts.join();
  });
}

/** The integer forms must agree; so must the real ones, of which float32 rounds membranes. */
function compareCounts(nets, samples) {
  const compare = (group) => {
    const [first, ...others] = group.map(({ net }) => countsOf(net, samples));
    const equal = first.filter((counts, k) => others.every((other) => other[k] === counts)).length;
    return { equal, of: samples.length };
  };
  const integer = compare(nets.filter((each) => each.integer));
  const real = compare(nets.filter((each) => !each.integer));
  if (integer.equal < integer.of) throw new Error('the integer engines give different counts');
  return { integer, real };
}

function measuredActivity(net, samples) {
  const before = net.counters.spikes;
  const output = new EventBuffer(STEPS * CLASSES);
  let [arrived, left] = [0, 0];
  for (const sample of samples) {
    net.resetActivity();
    output.clear();
    net.run(STEPS, sample, output);
    arrived += sample.length;
    left += output.length;
  }
  const steps = STEPS * samples.length;
  return {
    input: arrived / steps / INPUTS,
    hidden: (net.counters.spikes - before - left) / steps / HIDDEN,
    output: left / steps / CLASSES,
  };
}

function randomSamples(random) {
  const place = 0;
  return Array.from({ length: SAMPLES }, () => {
    const sample = new EventBuffer(STEPS * INPUTS);
    for (let step = 0; step < STEPS; step++) {
      for (let index = 0; index < INPUTS; index++) {
        if (random.nextUniform() < ACTIVITY) sample.push(step, place, index, 1);
      }
    }
    return sample;
  });
}

/** Spreads the weights of each layer until it fires as often as wanted. */
function balancedModel() {
  const samples = randomSamples(new RandomGenerator(1, 'balance')).slice(0, 4);
  const spread = [0, 0];
  for (const [layer, wanted] of [ACTIVITY, 0.15].entries()) {
    let [low, high] = [0, 2];
    for (let round = 0; round < 12; round++) {
      spread[layer] = (low + high) / 2;
      const { hidden, output } = measuredActivity(engineNamed('clocked').load(modelWith(spread)), samples);
      if ([hidden, output][layer] < wanted) low = spread[layer];
      else high = spread[layer];
    }
  }
  return modelWith(spread);
}

function modelWith(spread) {
  const random = new RandomGenerator(3, 'weights');
  const weights = (rows, columns, deviation) =>
    Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => Math.round((deviation * random.nextNormal()) / GRID) * GRID),
    );
  // τ and R such that v ← 0.9·v + input.
  const cell = { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1, v_reset: 0 };
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      first: { type: 'Linear', weight: weights(HIDDEN, INPUTS, spread[0]) },
      hidden: cell,
      second: { type: 'Linear', weight: weights(CLASSES, HIDDEN, spread[1]) },
      classes: cell,
      out: { type: 'Output', shape: [CLASSES] },
    },
    edges: [
      ['in', 'first'],
      ['first', 'hidden'],
      ['hidden', 'second'],
      ['second', 'classes'],
      ['classes', 'out'],
    ],
    semantics: { dt: 0.001, reset: 'subtract' },
  });
}

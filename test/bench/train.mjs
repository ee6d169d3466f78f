import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RandomGenerator, readParameters } from '@spikewire/models';
import {
  given,
  matrixProduct,
  methods,
  netFor,
  onnxRuntime,
  planOf,
  programOf,
  trainingProgram,
} from '@spikewire/trainer';
import { Bench } from 'tinybench';

export const title = '784-256-10 LIF, T = 25, batch 128: samples per second of a whole step of training';

const [INPUTS, HIDDEN, CLASSES] = [784, 256, 10];
const STEPS = 25;
const BATCH = 128;
const ROWS = STEPS * BATCH;

/** What is timed, all on the same library with the same threads. */
const contestants = [
  { name: 'stbp, spikes as input', program: () => stepWith('bernoulli'), limit: 'its matrix products alone' },
  { name: 'its matrix products alone', program: () => products(ROWS) },
  { name: 'stbp, direct current', program: () => stepWith('direct'), limit: 'its matrix products alone, direct' },
  { name: 'its matrix products alone, direct', program: () => products(BATCH) },
];

export async function run({ quick = false } = {}) {
  const backend = onnxRuntime();
  const bench = new Bench({ time: quick ? 200 : 3000, warmupTime: quick ? 50 : 500 });
  const executables = [];
  for (const { name, program } of contestants) {
    const built = program();
    const executable = await backend.compile(built);
    executables.push(executable);
    const inputs = arraysOf(built.inputs, new RandomGenerator(1, name));
    const outputs = arraysOf(built.outputs);
    bench.add(name, () => executable.run(inputs, outputs));
  }
  await bench.run();
  for (const executable of executables) await executable.close();
  const results = bench.tasks.map(({ name, result: { latency } }) => ({
    name,
    milliseconds: round(latency.p50),
    low: round(latency.min),
    high: round(latency.p75),
    samplesPerSecond: Math.round((1000 * BATCH) / latency.p50),
    runs: latency.samplesCount,
  }));
  const torch = torchLoops(quick ? 0.5 : 3);
  const rateOf = (name) => results.find((each) => each.name === name).samplesPerSecond;
  const shares = contestants
    .filter(({ limit }) => limit !== undefined)
    .map(({ name, limit }) => ({ name, shareOfLimit: round(rateOf(name) / rateOf(limit)) }));
  return { batch: BATCH, steps: STEPS, results: [...results, ...torch], shares, torch: torch.length > 0 };
}

/**
 * The same step, spikes as input, by torch: a product in each step of the loop, and one over all steps. Empty where it
 * is missing.
 */
function torchLoops(seconds) {
  // Debian's packages belong to Debian's Python, which another one on the path may hide.
  const python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, ['-c', 'import torch']).status === 0);
  if (python === undefined) return [];
  const script = fileURLToPath(new URL('train-torch.py', import.meta.url));
  return [[], ['batched']].map((more) => {
    const { status, stdout, stderr } = spawnSync(python, [script, String(seconds), ...more], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the torch loop ended with ${status}: ${stderr.trim().split('\n').at(-1)}`);
    const { milliseconds, low, high, runs, threads } = JSON.parse(stdout);
    return {
      name: more.length === 0 ? 'torch loop' : 'torch loop, first product over all steps',
      milliseconds: round(milliseconds),
      low: round(low),
      high: round(high),
      samplesPerSecond: Math.round((1000 * BATCH) / milliseconds),
      runs,
      threads,
    };
  });
}

export function table({ results, shares, torch }) {
  const rows = results.map(
    ({ name, milliseconds, low, high, samplesPerSecond }) =>
      `  ${name.padEnd(40)} ${String(samplesPerSecond).padStart(8)} samples/s   ${milliseconds} ms (${low} … ${high})\n`,
  );
  const lines = shares.map(
    ({ name, shareOfLimit }) => `  ${name}: ${Math.round(100 * shareOfLimit)} % of its matrix products' speed\n`,
  );
  const note = torch ? [] : ['  no torch for Python on this machine: its loop is left out\n'];
  return [...rows, ...lines, ...note].join('');
}

function stepWith(encoder) {
  const { parameters: table } = methods.find(({ name }) => name === 'stbp');
  const chosen = { arch: [INPUTS, HIDDEN, CLASSES].join('-'), steps: STEPS, encoder };
  const classes = Array.from({ length: CLASSES }, (_, index) => String(index));
  const data = { name: 'rows', classes, samples: [new Float32Array(INPUTS)], labels: Int32Array.of(0) };
  const net = netFor({ data, seed: 1 }, readParameters('stbp', chosen, table));
  return trainingProgram(planOf(net.model, net), BATCH);
}

/**
 * The products that a step cannot do without: forward and weights' gradients of both layers, input's gradient of the
 * second.
 */
function products(firstRows) {
  const x = given('x', [firstRows, INPUTS]);
  const currents = given('currents', [firstRows, HIDDEN]);
  const first = given('first', [HIDDEN, INPUTS]);
  const spikes = given('spikes', [ROWS, HIDDEN]);
  const answers = given('answers', [ROWS, CLASSES]);
  const second = given('second', [CLASSES, HIDDEN]);
  const transposed = (transposeA, transposeB) => ({ transposeA, transposeB });
  return programOf({
    firstForward: matrixProduct(x, first, transposed(false, true)),
    firstWeights: matrixProduct(currents, x, transposed(true, false)),
    secondForward: matrixProduct(spikes, second, transposed(false, true)),
    secondWeights: matrixProduct(answers, spikes, transposed(true, false)),
    secondInput: matrixProduct(answers, second),
  });
}

/** Arrays for values by name: a tenth of ones, as spikes are, where numbers are wanted. */
function arraysOf(values, random) {
  return Object.fromEntries(
    [...values].map(([name, { shape }]) => {
      const array = new Float32Array(shape.reduce((product, size) => product * size, 1));
      if (random !== undefined) for (let i = 0; i < array.length; i++) array[i] = numberFor(name, random);
      return [name, array];
    }),
  );
}

function numberFor(name, random) {
  if (name.endsWith('/square')) return 1;
  const uniform = random.nextUniform();
  return name.includes('weight') ? 0.2 * (uniform - 0.5) : uniform < 0.1 ? 1 : 0;
}

function round(value) {
  return Math.round(value * 100) / 100;
}

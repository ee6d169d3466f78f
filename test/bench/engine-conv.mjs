import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convolutionWorkload, layers } from './convolution/network.mjs';
import { chainOf } from './infer/chain.mjs';
import { compare, comparisonTable } from './infer/comparison.mjs';
import { engines } from './infer/engines.mjs';
import { onnxForms } from './infer/onnx.mjs';
import { bitsOf, bytesOf, cPrograms, torchLoop } from './infer/processes.mjs';

export const title = '12C5-P2-32C5-P2-10 LIF, T = 25, 10 % activity, batch 1, one thread: microseconds per sample';

/** A block takes some ten milliseconds. */
const ROUNDS = { rounds: 60, repeats: 1 };
const QUICK_ROUNDS = { rounds: 10, repeats: 1 };
const LARGEST_INT16 = 32767;

/** The engine against event-driven C, ONNX Runtime and torch loops. */
export async function run({ quick = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-conv-'));
  try {
    return await compare(contestantsIn(folder), convolutionWorkload(), quick ? QUICK_ROUNDS : ROUNDS);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const table = comparisonTable;

/** Files that other programs need go into `folder`. */
export function contestantsIn(folder) {
  return [
    ...engines.slice(0, 2),
    ...cPrograms('conv', folder, netForC),
    torchLoop('torch, step by step', folder),
    torchLoop('torch, step by step, without oneDNN', folder, 'without-onednn'),
    ...onnxForms,
  ];
}

/** The net in units of its integers; conv.c says in what order. */
function netForC(workload) {
  const { steps, samples, integers } = workload;
  const { inputs, layers: resolved } = chainOf(workload);
  layers.forEach(expectSumsToFit(integers));
  const parts = [
    Int32Array.of(steps, samples.length),
    Float32Array.of(resolved[0].decay),
    Float32Array.from(layers, ({ shift, averaged }, k) => resolved[k].threshold * averaged * 2 ** shift),
    ...integers,
    bitsOf(workload, inputs),
  ];
  return Buffer.concat(parts.map(bytesOf));
}

/** conv.c adds in 16 bits: no sum of an output may leave them, whatever spikes. */
function expectSumsToFit(integers) {
  return ({ connection, shape: [outputs], averaged }, k) => {
    const taps = integers[k].length / outputs;
    for (let output = 0; output < outputs; output++) {
      const weights = integers[k].subarray(output * taps, (output + 1) * taps);
      const largest = averaged * weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
      if (largest > LARGEST_INT16)
        throw new Error(`${connection}: a sum may reach ${largest}, expected ${LARGEST_INT16}`);
    }
  };
}

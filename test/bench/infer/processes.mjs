// Contestants that are programs of their own: C that is compiled in the run, and a torch loop.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileC, converse, vectorWidths } from '../baselines/c-program.mjs';
import { chainOf } from './chain.mjs';

const CLASSES = 10;

/**
 * `baselines/<name>.c` with the vectors that WebAssembly has, and with the widest of this machine; `netFor(workload)`
 * is what it reads, and files go into `folder`.
 */
export function cPrograms(name, folder, netFor) {
  return vectorWidths.map(([title, flags]) => ({
    name: title,
    async open(workload) {
      // Without fused products, so that membranes are rounded as everywhere else.
      const program = compileC(name, folder, [...flags, '-ffp-contract=off']);
      if (program === undefined) return { skipped: 'there is no C compiler' };
      return speakTo(program, [], join(folder, `${name}.bin`), netFor(workload));
    },
  }));
}

/** A step loop in torch; `word` is a further argument of baselines/chain-torch.py. */
export function torchLoop(name, folder, ...word) {
  return {
    name,
    isSlow: true,
    async open(workload) {
      const python = ['python3', '/usr/bin/python3'].find(
        (candidate) => spawnSync(candidate, ['-c', 'import torch']).status === 0,
      );
      if (python === undefined) return { skipped: 'python3 has no torch' };
      const script = fileURLToPath(new URL('../baselines/chain-torch.py', import.meta.url));
      return speakTo(python, [script], join(folder, 'net-torch.bin'), netForTorch(workload), word);
    },
  };
}

/** The inputs of each sample and step as bits of 64-bit words. */
export function bitsOf({ samples, steps }, inputs) {
  const words = Math.ceil(inputs / 64);
  const bits = new Uint32Array(2 * words * steps * samples.length);
  samples.forEach(({ length, step, index }, n) => {
    for (let k = 0; k < length; k++) {
      bits[2 * words * (n * steps + step[k]) + (index[k] >> 5)] |= 1 << (index[k] & 31);
    }
  });
  return bits;
}

export function bytesOf({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function speakTo(program, args, file, net, word = []) {
  writeFileSync(file, net);
  const { ask, close } = converse(program, [...args, file, ...word]);
  let all;
  return {
    block: async (repeats) => (await ask(String(repeats))).us,
    async counts(sample) {
      all ??= (await ask('counts')).counts;
      return all.slice(CLASSES * sample, CLASSES * (sample + 1));
    },
    close,
  };
}

function netForTorch(workload) {
  const { samples, steps } = workload;
  const { shape, layers, row } = chainOf(workload);
  const [{ decay, threshold }] = layers;
  const described = layers.map(({ maps }) =>
    maps.map(({ kind, size, weightShape, shape }) => {
      if (kind === 'pooling') return { kind, size };
      return kind === 'shape' ? { kind, shape } : { kind, weight: weightShape };
    }),
  );
  const head = { steps, samples: samples.length, decay, threshold, shape, layers: described };
  const rows = samples.flatMap((_, sample) => Array.from({ length: steps }, (_, step) => row(sample, step)));
  const parts = [...layers.map(({ weights }) => weights), ...rows];
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...parts.map(bytesOf)]);
}

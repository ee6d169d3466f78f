import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { converse } from './baselines/c-program.mjs';

const script = fileURLToPath(new URL('contestant.mjs', import.meta.url));
const [STEPS, SAMPLES, WORDS] = [25, 2, 13];
const [INPUTS, HIDDEN, CLASSES] = [784, 256, 10];
const shifts = { mlp1: 9, mlp2: 7, conv1: 6, conv2: 7, fc: 8 };

describe('contestant.mjs infer', () => {
  it('speaks the protocol, and counts the spikes of the fixed nets', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-contestant-'));
    const { weights, bits } = writeInputs(folder);
    const { ask, next, close } = converse(process.execPath, [script, 'infer', folder]);
    try {
      const { ready } = await next();
      expect(ready).toEqual(
        expect.arrayContaining(['mlp_ours_int8_float_membrane', 'mlp_ours_int8', 'conv_ours_int8']),
      );
      const expected = countsOfDenseNet(weights, bits);
      expect(Math.max(...expected)).toBeGreaterThan(0);
      expect(await ask('check mlp_ours_int8_float_membrane')).toEqual({ counts: expected });
      for (const name of ready) {
        const { counts } = await ask(`check ${name}`);
        expect(counts).toHaveLength(SAMPLES * CLASSES);
      }
      expect(await ask('block mlp_ours_int8')).toEqual({ value: expect.any(Number) });
    } finally {
      close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('contestant.mjs train', () => {
  it('trains on the digits of the other comparison, or on noise, and says how many a second', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-contestant-'));
    const { ask, next, close } = converse(process.execPath, [script, 'train', folder]);
    try {
      expect((await next()).ready).toEqual(['stbp_1_thread', 'stbp_2_threads']);
      const block = await ask('block stbp_1_thread');
      expect(block).toEqual({ value: expect.any(Number), per_cpu_second: expect.any(Number) });
      expect(block.value).toBeGreaterThan(0);
      expect(await ask('check stbp_1_thread')).toEqual({ gradient_relative_difference: null });
    } finally {
      close();
      rmSync(folder, { recursive: true });
    }
  });
});

/** The files of the other comparison, with fewer samples and random spikes. */
function writeInputs(folder: string) {
  const random = new RandomGenerator(1, 'contestant');
  const sizes = [INPUTS * HIDDEN, HIDDEN * CLASSES, 12 * 25, 32 * 12 * 25, 512 * CLASSES];
  const total = sizes.reduce((sum, size) => sum + size);
  const weights = Int8Array.from({ length: total }, () => Math.round(20 * random.nextNormal()));
  const bits = new Uint32Array(SAMPLES * STEPS * WORDS * 2);
  for (let row = 0; row < SAMPLES * STEPS; row++) {
    for (let i = 0; i < INPUTS; i++) {
      if (random.nextUniform() < 0.1) bits[row * WORDS * 2 + (i >> 5)]! |= 1 << (i & 31);
    }
  }
  writeFileSync(join(folder, 'weights.bin'), weights);
  writeFileSync(join(folder, 'spikes.bin'), bits);
  const meta = { T: STEPS, samples: SAMPLES, words_per_step: WORDS, beta: 0.9, shifts };
  writeFileSync(join(folder, 'meta.json'), JSON.stringify(meta));
  return { weights, bits };
}

/** v = (0.9·v + input) − previous spike, spike = v > 1, as the other comparison says it, in float32. */
function countsOfDenseNet(weights: Int8Array, bits: Uint32Array): number[] {
  const all: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const layers = [
      populationOf(weights, HIDDEN, shifts.mlp1),
      populationOf(weights.subarray(INPUTS * HIDDEN), CLASSES, shifts.mlp2),
    ];
    const counts = new Array<number>(CLASSES).fill(0);
    for (let step = 0; step < STEPS; step++) {
      const row = (sample * STEPS + step) * WORDS * 2;
      let active = Array.from({ length: INPUTS }, (_, i) => i).filter((i) => (bits[row + (i >> 5)]! >>> (i & 31)) & 1);
      for (const layer of layers) active = layer(active);
      for (const index of active) counts[index]!++;
    }
    all.push(...counts);
  }
  return all;
}

function populationOf(weights: Int8Array, size: number, shift: number): (active: readonly number[]) => number[] {
  const v = new Float32Array(size);
  const spiked = new Uint8Array(size);
  const left = Math.fround(0.9);
  return (active) => {
    for (let j = 0; j < size; j++) {
      const input = active.reduce((sum, i) => sum + weights[i * size + j]!, 0) / 2 ** shift;
      v[j] = Math.fround(Math.fround(left * v[j]!) + input) - spiked[j]!;
    }
    for (let j = 0; j < size; j++) spiked[j] = Number(v[j]! > 1);
    return Array.from(spiked.keys()).filter((j) => spiked[j] === 1);
  };
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Model, nextReadingModel, parseModel, quantize, writeModel } from '@spikewire/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('allocated-bytes.mjs', import.meta.url));

/** An image through a convolution and a pooling to two neurons that look back. */
const image = parseModel({
  nodes: {
    in: { type: 'Input', shape: [1, 8, 8] },
    convolve: {
      type: 'Conv2d',
      weight: [0, 1, 2].map((c) => [[0, 1, 2].map((y) => [0, 1, 2].map((x) => (c + y - x) / 10))]),
    },
    features: { type: 'LIF', tau: 0.01, r: 4, v_threshold: 1, tau_ref: 0.002 },
    pool: { type: 'SumPool2d', kernel_size: 2, stride: 2 },
    flatten: { type: 'Flatten' },
    decide: {
      type: 'Affine',
      weight: [0, 1].map((row) => Array.from({ length: 27 }, (_, k) => ((k + row) % 5) / 20)),
      bias: [0.1, 0.2],
    },
    cells: { type: 'LIF', tau: 0.02, r: 2, v_threshold: 1 },
    back: {
      type: 'Linear',
      weight: [
        [0, -0.5],
        [-0.5, 0],
      ],
    },
    out: { type: 'Output', shape: [2] },
  },
  edges: [
    ['in', 'convolve'],
    ['convolve', 'features'],
    ['features', 'pool'],
    ['pool', 'flatten'],
    ['flatten', 'decide'],
    ['decide', 'cells'],
    ['cells', 'back', { delay: 2 }],
    ['back', 'cells'],
    ['cells', 'out'],
  ],
});
const predictor = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 60 });

describe('the bytes that a net of the clocked engine says it takes', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spikewire-bytes-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const models: [string, Model][] = [
    ['an image in float32', image],
    ['an image in int8', quantize(image, { bits: 8 })],
    ['an image in int4, 16-bit membranes', quantize(image, { bits: 4, membraneBits: 16 })],
    ['a predictor that learns in float32', predictor],
    ['a predictor that learns in int16', quantize(predictor, { bits: 8, headroom: 8 })],
  ];
  it.each(models)('are those of all buffers that it holds: %s', (name, model) => {
    const file = join(folder, `${name}.spike`);
    writeFileSync(file, writeModel(model));
    const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', PROGRAM, file, 'clocked']);
    expect(stderr.toString()).toBe('');
    const { held, bytes } = JSON.parse(stdout.toString());
    expect(bytes).toBe(held);
    expect(held).toBeGreaterThan(65536 - 1);
  });
});

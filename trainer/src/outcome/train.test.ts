import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readParameters } from '@spikewire/models';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { named } from '../kinds/kind.ts';
import { methods } from '../methods/methods.ts';
import { RunFolder } from './run-folder.ts';
import { train } from './train.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-train-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Given = Readonly<Record<string, number | string>>;

/** What is said of a training on clouds. */
async function saidOf(method: string, given: Given): Promise<string[]> {
  const lines: string[] = [];
  await train({
    folder: new RunFolder(join(folder, 'net.run')),
    configuration: {
      method,
      parameters: readParameters(method, given, named('method', methods, method).parameters),
      data: 'csv:clouds.csv',
      seed: 2,
      out: join(folder, 'net.spike'),
    },
    data: clouds(300),
    backend: onnxRuntime(1),
    resume: false,
    overwrite: true,
    warn: (line) => lines.push(line),
  });
  return lines;
}

it.each<[string, number, Given]>([
  ['bp-stdp', 10, { arch: '3-24-3', batch: 8, learningRate: 0.02, epochs: 4 }],
  ['spikeprop', 100, { epochs: 2 }],
])(
  'a net of %s that a learning rate of %d has made useless is called so, and no other',
  async (method, rate, given) => {
    const useless = /^the net names (no class|"[abc]") for each of 60 test samples; expected a lower --learning-rate/;
    expect(await saidOf(method, { ...given, learningRate: rate })).toContainEqual(expect.stringMatching(useless));
    expect((await saidOf(method, given)).join('\n')).not.toMatch(useless);
  },
);

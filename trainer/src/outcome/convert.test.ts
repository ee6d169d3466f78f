import { access, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModel } from '@spikewire/models';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { parametersOf } from '../conversion/method.ts';
import { rueckauer } from '../conversion/methods/rueckauer.ts';
import { samplesFor, twoLayers } from '../conversion/nets.test-data.ts';
import { type ConvertModelOptions, convertModel } from './convert.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-convert-'));
});
afterEach(() => rm(folder, { recursive: true }));

function converted(onStage: (line: string) => void, more: Partial<ConvertModelOptions> = {}) {
  const labels = Int32Array.from({ length: 60 }, (_, k) => k % 3);
  return convertModel(twoLayers, {
    data: { name: 'numbers', classes: ['a', 'b', 'c'], samples: samplesFor(twoLayers, 60), labels },
    method: { method: rueckauer, parameters: parametersOf(rueckauer) },
    steps: 4,
    backend: interpreter,
    sweep: [],
    out: join(folder, 'net.spike'),
    page: join(folder, 'net.html'),
    onStage,
    ...more,
  });
}

it('keeps the model where its page cannot be written any more, and says so', async () => {
  const [out, page] = [join(folder, 'net.spike'), join(folder, 'net.html')];
  let made: Promise<unknown> | undefined;
  // Once the conversion has begun, so that nothing is known of it before.
  const problem = converted((stage) => {
    if (stage === 'layers') made = mkdir(page);
  });
  await expect(problem).rejects.toThrow(
    `${page}: is a folder; expected a file that can be written; the model was written: ${out}`,
  );
  await made;
  expect(readModel(await readFile(out)).sample.steps).toBe(4);
});

it('writes neither where the model cannot be written', async () => {
  const out = join(folder, 'net.spike');
  let made: Promise<unknown> | undefined;
  const problem = converted((stage) => {
    if (stage === 'layers') made = mkdir(out);
  });
  await expect(problem).rejects.toThrow(`${out}: is a folder; expected a file that can be written`);
  await made;
  await expect(access(join(folder, 'net.html'))).rejects.toThrow('ENOENT');
});

it('has the membranes of the board for which it is made', async () => {
  await converted(() => {}, { bits: 8, membraneBits: 16 });
  const { quantization, provenance } = readModel(await readFile(join(folder, 'net.spike')));
  expect(new Set([...quantization!.neurons.values()].map(({ membraneBits }) => membraneBits))).toEqual(new Set([16]));
  expect(provenance.quantization).toMatchObject({ bits: 8, membraneBits: 16 });
});

it('is refused where it has no room on a board, before its worth is found out', async () => {
  const stages: string[] = [];
  const expectFit = () => Promise.reject(new Error('no room'));
  await expect(converted((stage) => stages.push(stage), { expectFit })).rejects.toThrow('no room');
  expect(stages.filter((stage) => stage.startsWith('T = '))).toEqual([]);
  await expect(access(join(folder, 'net.spike'))).rejects.toThrow('ENOENT');
});

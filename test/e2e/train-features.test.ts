import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator, readModel } from '@spikewire/models';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answersOf } from './answers.ts';
import { resultOf } from './command.ts';

const [BLOCK, RATE] = [128, 1280];
const TONES: Readonly<Record<string, number>> = { slow: 70, fast: 330 };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-train-features-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A tone in noise, of any strength and phase: only its frequency tells what it is. */
function block(label: string, random: RandomGenerator): number[] {
  const [strength, phase] = [1 + random.nextUniform(), random.nextUniform()];
  return Array.from(
    { length: BLOCK },
    (_, k) => strength * Math.sin(2 * Math.PI * ((TONES[label]! * k) / RATE + phase)) + 0.5 * random.nextNormal(),
  );
}

it('trains on features that it chooses of a recording, and the model takes raw samples', async () => {
  const random = new RandomGenerator(1, 'test');
  const head = { format: 'spikewire-recorded', version: 1, channels: ['vibration'], numbers: BLOCK };
  const readings = Array.from({ length: 240 }, (_, k) => {
    const label = Math.floor(k / 20) % 2 === 0 ? 'slow' : 'fast';
    return { t: (1000 * BLOCK * k) / RATE, label, values: block(label, random) };
  });
  await writeFile(join(folder, 'r.jsonl'), [head, ...readings].map((line) => `${JSON.stringify(line)}\n`).join(''));
  const result = (...words: string[]) => resultOf(words, folder);
  const words = ['train', '--data', 'recorded:r.jsonl', '--features', 'auto', '--epochs', '20', '--batch', '8'];
  const trained = await result(...words, '--out', 'm.spike');
  expect(trained).toMatchObject({ samples: 48, evalData: expect.stringMatching(/^csv:/) });
  expect(trained.accuracy).toBeGreaterThan(0.95);
  expect((await result('eval', 'm.spike', '--data', trained.evalData)).accuracy).toBe(trained.accuracy);
  const whole = await result('eval', 'm.spike', '--data', 'recorded:r.jsonl');
  expect(whole.samples).toBe(240);
  expect(whole.accuracy).toBeGreaterThan(0.95);
  expect(await result('inspect', 'm.spike')).toMatchObject({ selfTests: 3, selfTestsRun: 3 });
  const model = readModel(await readFile(join(folder, 'm.spike')));
  expect(model).toMatchObject({ channels: [{ name: 'vibration' }], provenance: { features: 'auto' } });
  expect([...model.decoder.values()][0]!.type).toBe('teachable');

  const shown = Array.from({ length: 20 }, (_, k) => (k % 3 === 0 ? 'slow' : 'fast'));
  const heard = shown.map((label) => ({ vibration: block(label, random) }));
  const answers = await answersOf('m.spike', folder, heard, random);
  expect(shown.filter((label, k) => label === answers[k]).length).toBeGreaterThanOrEqual(18);
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { Recording } from 'spikewire/recorded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFields } from '../field.ts';
import { reply } from '../nets/infer.ts';
import { Nets } from '../nets/nets.ts';
import { type NetSettings, ownNetFields, ownNetSettings } from '../nets/settings.ts';
import { recordingsIn } from '../record/recordings.ts';
import { ClassTraining } from './class-training.ts';
import { Classifier } from './classifier.ts';
import { classifierBytes } from './classifier-model.ts';
import { trainHere } from './train-here.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-train-here-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Noise around a level. */
async function record(label: string, name: string, level: number, count = 40): Promise<void> {
  await mkdir(join(folder, label), { recursive: true });
  const path = join(folder, label, `${name}.jsonl`);
  const recording = new Recording({ path, label, limit: 1e6, isNew: true });
  const random = new RandomGenerator(1, path.slice(folder.length));
  for (let k = 0; k < count; k++)
    await recording.add(new TextEncoder().encode(JSON.stringify({ x: level + 0.1 * random.nextNormal() })));
  await recording.close();
}

async function train(signal = new AbortController().signal) {
  const progress: number[] = [];
  const recordings = await recordingsIn(folder);
  const modelFor = async (shape: Parameters<typeof classifierBytes>[0]) =>
    classifierBytes(shape, { takes: 'features', rate: undefined });
  const onProgress = (share: number) => void progress.push(share);
  return {
    ...(await trainHere({ recordings, modelFor, device: 'clocked', threads: 0, signal, onProgress })),
    progress,
  };
}

describe('a net that is taught with recordings', () => {
  it('is tried on every fourth of a class, which it has not learned', async () => {
    for (let k = 0; k < 8; k++) {
      // Those that are held out show what the other class shows.
      const isTried = k % 4 === 3;
      await record('low', `${k}`, isTried ? 1 : -1);
      await record('high', `${k}`, isTried ? -1 : 1);
    }
    const { figures, progress } = await train();
    expect(figures).toMatchObject({
      by: 'device',
      classes: ['high', 'low'],
      tested: 160,
      recordings: 4,
      majority: 0.5,
    });
    expect(figures.accuracy).toBeLessThan(0.05);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('is tried on the last of fewer, and counts their frequencies', async () => {
    for (const [label, level] of [
      ['low', -1],
      ['high', 1],
    ] as const)
      for (let k = 0; k < 3; k++) await record(label, `${k}`, level, k === 2 && label === 'low' ? 120 : 40);
    const { figures } = await train();
    expect(figures).toMatchObject({ tested: 160, recordings: 2, majority: 0.75 });
    expect(figures.accuracy).toBeGreaterThan(0.95);
  });

  it('ends when it is told to', async () => {
    for (const label of ['a', 'b']) for (const name of ['1', '2']) await record(label, name, 1);
    await expect(train(AbortSignal.abort())).rejects.toThrow();
  });
});

it('a net that a file holds learns on the device, whether there is a trainer or not, and goes on', async () => {
  for (const [label, level] of [
    ['low', -1],
    ['high', 1],
  ] as const)
    for (let k = 0; k < 3; k++) await record(label, `${k}`, level);
  const model = join(folder, 'mine.spike');
  const shape = { channels: ['x'], numbers: 1 };
  await writeFile(model, classifierBytes(shape, { takes: 'features', rate: undefined }));
  const own = ownNetSettings(readFields({ worker: false }, ownNetFields), 'node', join(folder, '.nodes'));
  const make = (settings: NetSettings) => new Nets(settings, { warn: () => {} });
  const classifier = new Classifier({ ...own, model, takes: 'features', rate: undefined }, make, () => {});
  try {
    const training = new ClassTraining(
      classifier,
      { folder, samples: undefined, by: 'trainer', isBusy: () => false },
      () => {},
    );
    expect(training.state.trainer).toBe(true);
    expect(await training.start()).toMatchObject({ by: 'device', accuracy: 1 });
    const message = { payload: { x: 1 } };
    const answer = await reply(await classifier.netsFor(message), message, async () => undefined);
    expect(answer.message.payload).toBe('high');
  } finally {
    await classifier.close();
  }
});

describe('recordings', () => {
  it.each([
    [[], /are of nothing; expected two classes or more, two recordings of each$/],
    [['a/1', 'a/2'], /are of a; expected two classes/],
    [['a/1', 'a/2', 'b/1'], /have only one of "b"; expected two classes/],
    [['a/1', '.a/1', 'b/x.txt'], /are of a; expected/],
  ])('of %j are too few', async (names, line) => {
    for (const name of names) {
      await mkdir(join(folder, name.split('/')[0]!), { recursive: true });
      await writeFile(join(folder, name.endsWith('.txt') ? name : `${name}.jsonl`), '');
    }
    await expect(recordingsIn(folder)).rejects.toMatchObject({ code: 'input', message: expect.stringMatching(line) });
  });
});

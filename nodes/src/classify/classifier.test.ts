import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classifierModel, featureCandidates, writeModel } from 'spikewire';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readFields } from '../field.ts';
import { Nets } from '../nets/nets.ts';
import { ownNetFields, ownNetSettings } from '../nets/settings.ts';
import { Classifier } from './classifier.ts';

let folder: string;
let classifier: Classifier;

function start(make = (settings: ConstructorParameters<typeof Nets>[0]) => new Nets(settings, { warn: () => {} })) {
  const own = ownNetSettings(readFields({ worker: false }, ownNetFields), 'node', folder);
  return new Classifier({ ...own, model: undefined, takes: 'readings', rate: undefined }, make, () => {});
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-classifier-'));
});

afterEach(async () => {
  await classifier.close().catch(() => {});
  await rm(folder, { recursive: true });
});

/** A net for blocks of a channel. */
function trained(block: number): Uint8Array {
  const features = featureCandidates({ block })[0]!.stages;
  const standardise = { mean: 0, deviation: 1 };
  const channels = [{ name: 'x', unit: '' }];
  return writeModel(classifierModel({ channels, features, standardise, running: false, neurons: 8 }));
}

const shapePath = () => join(folder, 'spikewire', 'node', 'shape.json');

it.each([
  ['single readings', 'blocks', { channels: ['x'], numbers: 1 }, { channels: ['x'], numbers: 32 }, 32],
  ['blocks', 'single readings', { channels: ['x'], numbers: 32 }, { channels: ['x'], numbers: 1 }, 1],
] as const)(
  'runs a net that was trained for other readings, %s before and %s now, where power failed before the shape was kept',
  async (_, __, former, shape, numbers) => {
    classifier = start();
    await classifier.load(trained(32), former);
    const before = await readFile(shapePath());
    await classifier.load(trained(32), shape);
    await classifier.close();
    await writeFile(shapePath(), before);

    classifier = start();
    const message = { payload: { x: numbers === 1 ? 0.5 : Array.from({ length: numbers }, (_, k) => k % 3) } };
    const nets = await classifier.netsFor(message);
    const taken = await nets.use(
      nets.keyOf(undefined),
      async (_, read) => ({
        reading: read(new TextEncoder().encode(JSON.stringify(message.payload))),
        lesson: undefined,
      }),
      (desk, { reading }) => desk.feed('flow', reading!),
    );
    expect(taken).toBeDefined();
  },
);

it('goes on with the next message where nets could not be closed', async () => {
  const made: Nets[] = [];
  const failing = () => ({ keyOf: () => '', close: () => Promise.reject(new Error('disk full')) }) as unknown as Nets;
  classifier = start(() => made[made.push(failing()) - 1]!);
  expect(await classifier.netsFor({ payload: { a: 1 } })).toBe(made[0]);
  await expect(classifier.forget()).rejects.toThrow('disk full');
  expect(await classifier.knowsShape()).toBe(false);
  expect(await classifier.netsFor({ payload: { b: 1 } })).toBe(made[1]);
});

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { quantize, readParameters } from '@spikewire/models';
import { conversionMethods, conversionSite, methods, onnxRuntime, spikingModel } from '@spikewire/trainer';
import { calibrate, engineNamed } from 'spikewire';
import { type DataSet, evaluate, type LabelledSamples, windowsOf } from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';
import { expect, it } from 'vitest';
import { needsRecorded } from './data.ts';

const [CHANNELS, LENGTH] = [6, 128];
/** Steps of the sensor's numbers in a deviation, about: acceleration and rotation. */
const SCALES = [300, 300, 300, 2000, 2000, 2000];
/** Experiments of users that are learned, and of others that test. */
const [LEARNED, TESTED] = [
  ['exp01_user01', 'exp05_user03', 'exp09_user05', 'exp11_user06'],
  ['exp15_user08', 'exp29_user14', 'exp31_user15'],
];
const ACTIVITIES = ['walking', 'upstairs', 'downstairs', 'sitting', 'standing', 'laying'];

/** Windows of the labelled segments of recordings, channel by channel. */
function windowsIn(folder: string, names: readonly string[]): LabelledSamples {
  const segments = readFileSync(`${folder}labels.txt`, 'utf8').trim().split('\n');
  const found = names.flatMap((name) => {
    const bytes = gunzipSync(readFileSync(`${folder}${name}.i16.gz`));
    const own = segments.map((line) => line.split(' ').map(Number) as [number, number, number, number, number]);
    return own.flatMap(([experiment, , activity, first, last]) => {
      if (experiment !== Number(name.slice(3, 5)) || activity > ACTIVITIES.length) return [];
      return Array.from({ length: Math.floor((last - first + 1) / LENGTH) }, (_, w) => ({
        label: activity - 1,
        window: Float32Array.from({ length: CHANNELS * LENGTH }, (_, k) => {
          const [channel, at] = [Math.floor(k / LENGTH), first - 1 + w * LENGTH + (k % LENGTH)];
          return bytes.readInt16LE(2 * (CHANNELS * at + channel)) / SCALES[channel]!;
        }),
      }));
    });
  });
  return { samples: found.map(({ window }) => window), labels: Int32Array.from(found, ({ label }) => label) };
}

async function trained(data: DataSet) {
  const stbp = methods.find(({ name }) => name === 'stbp')!;
  const choices = { neuron: 'relu', steps: 1, loss: 'membrane', batch: 16, epochs: 6 };
  const parameters = readParameters('stbp', { ...choices, arch: 'bn-16C5=-P2-bn-32C5=-P2-bn-64-6' }, stbp.parameters);
  const run = await stbp.start({ data, seed: 1, backend: onnxRuntime(1) }, parameters);
  while (!run.finished) await run.step();
  const model = { ...run.model(run.save()), labels: data.classes };
  await run.close();
  return model;
}

it('keeps within a point in 8 bits and 16 steps what convolutions tell of activities of people they have not seen', async (context) => {
  const folder = needsRecorded(context, 'hapt');
  const training = windowsIn(folder, LEARNED);
  const data = { name: 'hapt', classes: ACTIVITIES, shape: [CHANNELS, LENGTH], training, ...windowsIn(folder, TESTED) };
  const analogue = await trained(data);
  const site = await conversionSite(analogue, { data, steps: 16, backend: onnxRuntime(1) });
  const deng = conversionMethods.find(({ name }) => name === 'deng')!;
  const balance = await deng.balance(site, readParameters('deng', {}, deng.parameters));
  const spiking = spikingModel(site.net, balance, 16);
  const every = training.samples.filter((_, k) => k % 8 === 0);
  const calibration = calibrate(spiking, windowsOf(spiking, { samples: every }));
  const whole = quantize(spiking, { bits: 8, membraneBits: 32, calibration });
  const [known, kept] = [await accuracyOf(analogue, data), await accuracyOf(whole, data)];
  expect(known).toBeGreaterThan(0.6);
  expect(kept, `of ${known}`).toBeGreaterThan(known - 0.01);
});

async function accuracyOf(model: Parameters<typeof evaluate>[0], data: DataSet): Promise<number> {
  return (await evaluate(model, new InProcessExecutor(engineNamed('clocked'), model), data)).accuracy;
}

import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readFields } from '../field.ts';
import { reply } from '../nets/infer.ts';
import { Nets } from '../nets/nets.ts';
import { ownNetFields, ownNetSettings } from '../nets/settings.ts';
import { ClassDesk } from './class-desk.ts';
import { ClassTraining } from './class-training.ts';
import { Classifier } from './classifier.ts';

let folder: string;
let classifier: Classifier;
let desk: ClassDesk;

/** One net for each topic. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-desk-'));
  const own = ownNetSettings(readFields({ per: 'topic', worker: false }, ownNetFields), 'node', folder);
  const about = { folder, samples: undefined, by: 'device', isBusy: () => false } as const;
  classifier = new Classifier(
    { ...own, model: undefined, takes: 'features', rate: undefined },
    (settings) => new Nets(settings, { warn: () => {} }),
    () => {},
  );
  desk = new ClassDesk(classifier, new ClassTraining(classifier, about, () => {}));
});

afterEach(async () => {
  await classifier.close();
  await rm(folder, { recursive: true });
});

/** Until there is an answer. */
async function read(topic: string): Promise<void> {
  for (let k = 0; k < 1000; k++) {
    const message = { topic, payload: { a: k % 7, b: k % 5 } };
    const { message: answer, output } = await reply(await classifier.netsFor(message), message, async () => undefined);
    if (output === 'result') return desk.answered(answer);
  }
  expect.unreachable();
}

it('means the net that was heard of last, where nobody says which', async () => {
  await read('pump');
  expect(await desk.teach('idle', undefined, 60)).toBe('applied');
  expect([desk.heldFor('pump'), desk.heldFor('fan')]).toEqual(['idle', undefined]);
  expect(await desk.state()).toMatchObject({ topic: 'pump', classes: ['idle'] });
  expect(await desk.takeBack()).toBe('took the last lesson back');
});

it('says of a lesson whether it is saved', async () => {
  const tell = async (label: string) => {
    const message = { topic: 'pump' };
    return (await reply(await classifier.netsFor(message), message, async () => label)).message;
  };
  await read('pump');
  expect(await tell('idle')).toMatchObject({ payload: 'applied', spikewire: { learned: true, saved: true } });
  await rename(join(folder, 'spikewire'), join(folder, 'gone'));
  expect(await tell('busy')).toMatchObject({ payload: 'applied', spikewire: { learned: true, saved: false } });
  expect(await desk.teach('idle')).toBe('unsaved');
  await rename(join(folder, 'gone'), join(folder, 'spikewire'));
});

it('holds nothing over what comes where the label was refused', async () => {
  await expect(desk.teach('idle', undefined, 60)).rejects.toMatchObject({ code: 'input' });
  expect(desk.heldFor('pump')).toBeUndefined();
  await read('pump');
  await expect(desk.teach('x'.repeat(1e5), 'pump', 60)).rejects.toMatchObject({ code: 'input' });
  expect(desk.heldFor('pump')).toBeUndefined();
});

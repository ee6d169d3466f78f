import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFields } from '../field.ts';
import { modelBytes } from './model-bytes.ts';
import { Nets } from './nets.ts';
import { netFields, netSettings } from './settings.ts';

let folder: string;
let nets: Nets;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-nets-'));
  await writeModel('first');
  const fields = readFields({ model: 'net.spike', worker: false, per: 'topic' }, netFields);
  nets = new Nets(netSettings(fields, 'net', folder), { warn: () => {} });
});

afterEach(async () => {
  await nets.close();
  await rm(folder, { recursive: true });
});

async function writeModel(channel: string): Promise<void> {
  const channels = [{ name: channel, unit: '' }];
  await writeFile(join(folder, 'net.spike'), await modelBytes({ kind: 'next-reading', channels, rangeWarmUp: 2 }));
}

describe('nets whose model is replaced', () => {
  it('read the file anew after any number of requests that came at once', async () => {
    const asked = [nets.replaceModel()];
    for (let k = 0; k < 10; k++) {
      await delay(2); // some come while one that runs has put its bytes in the place of the file
      asked.push(nets.replaceModel());
    }
    await Promise.all(asked);
    await writeModel('second');
    expect(await nets.replaceModel()).toBe('runs the model for second');
  });

  it('refuse more requests than may wait, and all once they are closed', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 100 }, () => nets.replaceModel()));
    const refused = asked.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused).toHaveLength(84);
    expect(refused[0]!.reason).toMatchObject({ code: 'budget' });
    await nets.close();
    await expect(nets.replaceModel()).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('have no net for a topic that is longer than a name may be', () => {
    expect(nets.keyOf('x'.repeat(1024))).toHaveLength(1024);
    expect(() => nets.keyOf('x'.repeat(1025))).toThrow('has 1025 characters; expected at most 1024');
  });

  it('say in a short line what is no topic, whatever it is', () => {
    const ring: { of?: unknown } = {};
    ring.of = ring;
    for (const topic of [ring, 1n, Array(1e5).fill(7), undefined])
      try {
        nets.keyOf(topic);
        expect.unreachable();
      } catch (problem) {
        expect(problem).toMatchObject({ code: 'input' });
        expect((problem as Error).message.length).toBeLessThan(400);
      }
  });
});

it('say the same again of a model that does not fit the form of messages, and hold no store meanwhile', async () => {
  const fields = readFields({ model: 'net.spike', worker: false, paths: 'second=a.b' }, netFields);
  let time = 0;
  const misfits = new Nets(netSettings(fields, 'misfits', folder), { warn: () => {}, clock: () => time });
  for (const attempt of [1, 2, 3]) {
    time = attempt * 5000;
    await expect(misfits.open()).rejects.toMatchObject({ code: 'usage' });
  }
  await misfits.close();
});

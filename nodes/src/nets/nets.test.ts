import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Host } from 'spikewire/host';
import type { NetShape } from 'spikewire/session';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readFields } from '../field.ts';
import { reply } from './infer.ts';
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

  it('answer each message once, in order, whenever the model is read anew', async () => {
    const answers: Promise<unknown>[] = [];
    const asked: Promise<unknown>[] = [];
    for (let k = 1; k <= 300; k++) {
      const message = { payload: [k], topic: 'a' };
      answers.push(reply(nets, message, async () => undefined).then(({ message: { spikewire } }) => spikewire));
      if (k % 60 === 0) asked.push(nets.replaceModel());
      if (k % 5 === 0) await delay(1);
    }
    const figures = (await Promise.all(answers)) as readonly { seq: number }[];
    await Promise.all(asked);
    expect(figures.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, k) => k + 1));
  });

  it('read each message for the model that answers it, however shortly before the other it comes', async () => {
    const answered: string[] = [];
    const message = async () =>
      void (await reply(nets, { payload: { first: 1, second: 2 }, topic: 'a' }, async () => undefined));
    await message();
    await nets.look((desk) =>
      desk.observe((_key, { session }, { reading }) => {
        answered.push(`${session.model.channels[0]!.name}: ${reading[0]}`);
      }),
    );
    const replace = Host.prototype.replaceModel;
    const asked: Promise<void>[] = [];
    try {
      for (let turns = 0; turns < 12; turns++) {
        vi.spyOn(Host.prototype, 'replaceModel').mockImplementation(function (this: Host, model, replacement = {}) {
          const prepare = async (shape: NetShape) => {
            asked.push(message());
            for (let turn = 0; turn < turns; turn++) await undefined;
            return replacement.prepare?.(shape);
          };
          return replace.call(this, model, { ...replacement, prepare });
        });
        await writeModel(turns % 2 === 0 ? 'second' : 'first');
        await nets.replaceModel();
        await Promise.all(asked);
      }
    } finally {
      vi.restoreAllMocks();
    }
    expect(answered).toHaveLength(12);
    for (const each of answered) expect(['first: 1', 'second: 2']).toContain(each);
  });

  it('go on with the former one where another is none, or no message says its readings', async () => {
    const answer = () => reply(nets, { payload: [1], topic: 'a' }, async () => undefined);
    await answer();
    await expect(nets.replaceModel({ kind: 'made', make: async () => Uint8Array.of(1) })).rejects.toThrow();
    const fields = readFields({ model: 'net.spike', worker: false, per: 'topic', paths: 'first=a' }, netFields);
    const picky = new Nets(netSettings(fields, 'picky', folder), { warn: () => {} });
    await picky.open();
    const other = { kind: 'next-reading', channels: [{ name: 'other', unit: '' }], rangeWarmUp: 2 } as const;
    await expect(picky.replaceModel(other)).rejects.toMatchObject({ code: 'usage' });
    expect(picky.channels).toEqual(['first']);
    const { message } = await reply(picky, { payload: { a: 1 }, topic: 'a' }, async () => undefined);
    expect(message.spikewire).toMatchObject({ seq: 1 });
    await picky.close();
    expect((await answer()).message.spikewire).toMatchObject({ seq: 2 });
  });

  it('go on with the last numbers of channels where the other model has the same', async () => {
    const fields = readFields({ model: 'net.spike', worker: false, per: 'topic', missing: 'hold' }, netFields);
    const holding = new Nets(netSettings(fields, 'holding', folder), { warn: () => {} });
    const made = (names: readonly string[], rangeWarmUp: number) =>
      holding.replaceModel({ kind: 'next-reading', channels: names.map((name) => ({ name, unit: '' })), rangeWarmUp });
    const answer = async (payload: object) =>
      (await reply(holding, { payload, topic: 'a' }, async () => undefined)).output;
    await made(['first', 'second'], 2);
    expect(await answer({ first: 1, second: 2 })).toBe('result');
    await made(['first', 'second'], 3);
    expect(await answer({ first: 3 })).toBe('result');
    await made(['second', 'first'], 2);
    expect(await answer({ first: 4 })).toBe('none');
    await holding.close();
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

  it('say in a short line what is not a topic, whatever it is', () => {
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

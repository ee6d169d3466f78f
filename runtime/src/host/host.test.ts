import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceEngine } from '@spikewire/engine';
import type { ExecutorSource } from '@spikewire/engine/executor';
import { declaredPlacement, inProcess } from '@spikewire/engine/executor';
import { nextReadingModel, SpikewireError, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostConfiguration } from './configuration.ts';
import { Host } from './host.ts';
import type { Surroundings } from './surroundings.ts';

const channels = [{ name: 'level', unit: 'm' }];
const bytes = writeModel(nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } }));
const reading = (k: number) => ({ time: k, values: Float64Array.of(Math.sin(k)) });

let folder: string;
let open: Host[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-host-'));
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((host) => host.close()));
  await rm(folder, { recursive: true });
});

async function openHost(configuration: HostConfiguration, surroundings: Surroundings = {}): Promise<Host> {
  const host = await Host.open(
    { bytes, name: 'pump.spike' },
    { device: 'reference', threads: 0, ...configuration },
    surroundings,
  );
  open.push(host);
  return host;
}

/** A source that counts what of it is open. */
function countedSource(): ExecutorSource & { readonly opened: number; readonly closed: number } {
  const inner = inProcess(referenceEngine);
  const counts = { opened: 0, closed: 0 };
  return {
    name: inner.name,
    abilities: inner.abilities,
    get opened() {
      return counts.opened;
    },
    get closed() {
      return counts.closed;
    },
    async open(...args) {
      counts.opened++;
      const executor = await inner.open(...args);
      const close = executor.close.bind(executor);
      executor.close = () => {
        counts.closed++;
        return close();
      };
      return executor;
    },
    close: () => {
      throw new Error('closed by who has not opened it');
    },
  };
}

describe('a host without a stream', () => {
  it('feeds nets through its desk, and goes on from its store', async () => {
    const store = { directory: join(folder, 'learned') };
    const first = await openHost({ store });
    for (let k = 1; k <= 5; k++) await first.desk.feed('a', reading(k));
    await first.desk.feed('b', reading(1));
    expect(first.figures).toMatchObject({ engine: 'reference', nets: { open: 2 } });
    await first.close();
    const again = await openHost({ store });
    expect((await again.desk.feed('a', reading(6))).sequence).toBe(6);
    expect((await again.desk.feed('b', reading(2))).sequence).toBe(2);
  });

  it('has one net that may be asked before its first reading, where the configuration names it', async () => {
    const host = await openHost({ net: 'pump' });
    await host.desk.command('pump', 'freeze');
    expect((await host.desk.status('pump')).learning).toBe(false);
    const many = await openHost({});
    await expect(many.desk.command('pump', 'freeze')).rejects.toMatchObject({ code: 'input' });
  });

  it('lets others ask only what its rules let in', async () => {
    const host = await openHost({ net: '', rules: { commands: ['status'], lessons: false } });
    await expect(host.desk.command('', 'freeze')).rejects.toMatchObject({ code: 'access' });
    const lesson = { kind: 'target', values: Float64Array.of(1), time: undefined } as const;
    await expect(host.desk.teach('', lesson)).rejects.toMatchObject({ code: 'access' });
  });

  it('says once for all nets what of its settings is wrong, by its key', async () => {
    await expect(openHost({ warmUp: 9 })).rejects.toMatchObject({ code: 'usage', where: 'warmUp' });
    await expect(openHost({ monitors: { nobody: {} } })).rejects.toMatchObject({ code: 'usage', where: 'monitors' });
    await expect(openHost({ stream: { in: 'a', out: 'a' } })).rejects.toThrow(
      'stream.out a: can be a topic of stream.in',
    );
  });
});

describe('a host with topics and no broker', () => {
  it('has a stream to which its owner attaches a link', async () => {
    const host = await openHost({ stream: { in: 'tank/+', out: 'state/+' } });
    const published: string[] = [];
    const link = { publish: async (topic: string) => void published.push(topic), counters: { dropped: {} } };
    host.stream!.attach(link as never);
    for (const k of [1, 2]) await host.stream!.feed('north', reading(k));
    expect(published).toEqual(['state/north', 'state/north']);
    expect(host.figures).toMatchObject({ published: 2, nets: { open: 1 } });
  });
});

describe('what a host opens', () => {
  it('is closed where the rest cannot be opened, and the first failure is told', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const source = countedSource();
    const store = { directory: join(folder, 'learned') };
    const configuration = { net: '', store, page: { host: '127.0.0.1', port } };
    try {
      await expect(openHost(configuration, { source })).rejects.toMatchObject({ code: 'link' });
    } finally {
      server.close();
    }
    expect(source.opened).toBeGreaterThan(0);
    expect(source.closed).toBe(source.opened);
    // The store is free again.
    await openHost({ net: '', store }, { source });
  });

  it('does not close a source that it shares', async () => {
    const source = countedSource();
    const [one, other] = [await openHost({}, { source }), await openHost({}, { source })];
    await one.desk.feed('a', reading(1));
    await other.desk.feed('a', reading(1));
    await one.close();
    expect((await other.desk.feed('a', reading(2))).sequence).toBe(2);
  });
});

it('follows nothing until its signal, where there is no sensor', async () => {
  const ending = new AbortController();
  const host = await openHost({ net: '' }, { signal: ending.signal });
  let followed = false;
  const following = host.follow().then(() => {
    followed = true;
  });
  await host.desk.feed('', reading(1));
  expect(followed).toBe(false);
  ending.abort();
  await following;
});

describe('a host whose model is replaced', () => {
  const other = (name: string) =>
    writeModel(nextReadingModel({ channels: [{ name, unit: 'm' }], neurons: 5, rangeWarmUp: 3 }));

  it('goes on with the other one, whose name stands in front of what is wrong with it', async () => {
    const host = await openHost({ net: '' });
    await host.desk.feed('', reading(1));
    await host.replaceModel({ bytes: other('height'), name: 'other.spike' });
    expect(host.pool.model.channels).toMatchObject([{ name: 'height' }]);
    expect((await host.desk.feed('', reading(2))).sequence).toBe(1);
    const broken = host.replaceModel({ bytes: Uint8Array.of(1), name: 'broken.spike' });
    await expect(broken).rejects.toThrow(/^broken\.spike: /);
    expect((await host.desk.feed('', reading(3))).sequence).toBe(2);
  });

  it('only warns of what fails once the other one has taken its place', async () => {
    const warnings: string[] = [];
    let isGone = false;
    const gone = new SpikewireError('unsupported', 'board', 'is gone');
    const inner = countedSource();
    const source: ExecutorSource = {
      ...inner,
      open: async (...args) => (isGone ? Promise.reject(gone) : inner.open(...args)),
      placement: async (model) => (isGone ? Promise.reject(gone) : declaredPlacement(inner, model)),
    };
    const surroundings = { source, say: () => {}, warn: (line: string) => warnings.push(line) };
    const host = await openHost({ stream: { in: 'tank', out: 'state' } }, surroundings);
    host.stream!.attach(undefined);
    host.pool.observeReplaced(() => {
      isGone = true;
    });
    await host.replaceModel({ bytes: other('height'), name: 'other.spike' });
    expect(host.pool.model.channels).toMatchObject([{ name: 'height' }]);
    expect(warnings).toEqual([
      'other.spike: board: is gone; the new model runs anyway',
      'board: is gone; the new model runs anyway',
    ]);
    isGone = false;
    expect((await host.stream!.feed('', reading(1))).sequence).toBe(1);
  });

  it('refuses one whose readings messages do not say', async () => {
    const stream = { in: 'tank', out: 'state' };
    const host = await openHost({ stream, messages: { channels: 'level=a.b' } });
    await expect(host.replaceModel({ bytes: other('height') })).rejects.toMatchObject({ code: 'usage' });
    expect(host.pool.model.channels).toMatchObject(channels);
  });

  it('waits for who gives readings otherwise, and refuses where they do', async () => {
    const host = await openHost({ net: '' });
    await host.desk.feed('', reading(1));
    const refusing = host.replaceModel({ bytes: other('height') }, { prepare: () => Promise.reject(Error('not now')) });
    await expect(refusing).rejects.toThrow('not now');
    expect((await host.desk.feed('', reading(2))).sequence).toBe(2);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextReadingModel, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Host } from '../host/host.ts';
import { ModelReload } from './model-reload.ts';

const modelOf = (seed: number) =>
  writeModel(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 5, rangeWarmUp: 4, seed }));

let folder: string;
let path: string;
let host: Host;
let lines: string[];
let ending: AbortController;
let reload: ModelReload;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-model-reload-'));
  path = join(folder, 'level.spike');
  await writeFile(path, modelOf(2));
  [lines, ending] = [[], new AbortController()];
  const note = (line: string) => void lines.push(line.replaceAll(path, 'level.spike'));
  reload = new ModelReload(path, 1e9, { say: note, warn: note, signal: ending.signal });
  host = await Host.open({ bytes: modelOf(1) }, { device: 'reference', threads: 0, net: '' });
});
afterEach(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

/** Lets each replacement wait in the host until it is told what becomes of it. */
function holdReplacements(): { readonly begun: number; end(failure?: Error): void } {
  const ends: ((failure?: Error) => void)[] = [];
  const replace = host.replaceModel.bind(host);
  host.replaceModel = async (...args) => {
    await new Promise<void>((resolve, reject) => {
      ends.push((failure) => (failure === undefined ? resolve() : reject(failure)));
    });
    await replace(...args);
  };
  return {
    get begun() {
      return ends.length;
    },
    end: (failure) => ends.at(-1)!(failure),
  };
}

describe('a model that is read anew', () => {
  it('says what it is busy with to whoever asks meanwhile, and is read once more for all of them', async () => {
    const held = holdReplacements();
    reload.ask(); // before there is a host
    reload.begin(host);
    await expect.poll(() => held.begun).toBe(1);
    expect(lines).toEqual([]);
    for (let k = 0; k < 2; k++) reload.ask();
    const line = 'spikewire: still reading level.spike; it will be read once more after that';
    expect(lines.splice(0)).toEqual([line, line]);
    held.end();
    await expect.poll(() => lines).toEqual(['model: level.spike runs already']);
    expect(held.begun).toBe(1);
  });

  it('says what is wrong with it, unless all ends meanwhile', async () => {
    const held = holdReplacements();
    reload.begin(host);
    reload.ask();
    await expect.poll(() => held.begun).toBe(1);
    held.end(new Error('no memory'));
    await expect.poll(() => lines).toEqual(['spikewire: no memory; the old model keeps running']);
    reload.ask();
    await expect.poll(() => held.begun).toBe(2);
    ending.abort();
    reload.ask();
    held.end(new Error('all is closed'));
    await new Promise(setImmediate);
    expect(lines).toHaveLength(1);
    expect(held.begun).toBe(2);
  });
});

import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModel } from '@spikewire/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { irisClassifier, readIris } from './iris-classifier.ts';

const IRIS = new URL('../data/iris/iris.csv', import.meta.url);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-device-'));
  const [, ...rows] = (await readFile(IRIS, 'utf8')).trim().split(/\r?\n/);
  await writeFile(join(folder, 'iris.spike'), writeModel(irisClassifier(readIris(rows))));
  await copyFile(IRIS, join(folder, 'iris.csv'));
  const nodes = {
    in: { type: 'Input', shape: [1] },
    lif: { type: 'LIF', tau: 0.02, v_threshold: 1, spike_shape: [3] },
    out: { type: 'Output' },
  };
  const edges = [
    ['in', 'lif'],
    ['lif', 'out'],
  ];
  await writeFile(join(folder, 'cell.json'), JSON.stringify({ nodes, edges, semantics: { dt: 0.001 } }));
  await writeFile(join(folder, 'in.csv'), Array.from({ length: 200 }, (_, k) => 1.5 + Math.sin(k / 20)).join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const SIMULATE = ['simulate', 'cell.json', '--input', 'in.csv', '--record', 'spikes,v', '--last', '150'];

describe('a command at the address of a worker', () => {
  it.each([
    SIMULATE,
    ['eval', 'iris.spike', '--data', 'csv:iris.csv', '--limit', '20'],
    ['inspect', 'iris.spike', '--data', 'csv:iris.csv', '--limit', '20'],
  ])('%s: says what it says of the engine in its own thread', async (...words) => {
    const [there, here] = await Promise.all(
      ['clocked+worker', 'clocked'].map(async (device) => {
        const { code, stdout, stderr } = await runCommand([...words, '--device', device, '--json'], folder);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const { seconds, placement, ...answer } = JSON.parse(stdout);
        return answer;
      }),
    );
    expect(there).toEqual(here);
  });

  it('refuses to record what an executor does not hand out', async () => {
    const words = [
      'simulate',
      'cell.json',
      '--input',
      'in.csv',
      '--record',
      'refractory',
      '--device',
      'clocked+worker',
    ];
    const expected =
      'spikewire: cell.json: recorded refractory: are not handed out, or not all, by clocked (worker); ' +
      'expected less to record, or an engine of this thread\n';
    expect(await runCommand(words, folder)).toMatchObject({ code: 1, stdout: '', stderr: expected });
  });
});

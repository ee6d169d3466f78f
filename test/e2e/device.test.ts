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

describe('the old words for where a net computes', () => {
  const commands = [
    SIMULATE,
    ['eval', 'iris.spike', '--data', 'csv:iris.csv', '--limit', '20'],
    ['inspect', 'iris.spike', '--data', 'csv:iris.csv', '--limit', '20'],
  ];
  const said = async (words: readonly string[]) => {
    const { code, stdout, stderr } = await runCommand([...words, '--json'], folder);
    const { seconds, ...answer } = JSON.parse(stdout);
    return { code, answer, stderr };
  };

  it.each(commands)('%s: mean what the new ones mean, and a line says what to write', async (...words) => {
    const expected = await said([...words, '--device', 'clocked']);
    expect(expected).toMatchObject({ code: 0, stderr: '' });
    for (const old of ['--engine clocked', '--device clocked+worker']) {
      const stderr = `spikewire ${words[0]}: ${old} is an old name; write --device clocked\n`;
      expect(await said([...words, ...old.split(' ')])).toEqual({ ...expected, stderr });
    }
  });

  it.each(['run', 'simulate', 'eval', 'inspect'])('are in no help of %s', async (command) => {
    const { stdout } = await runCommand([command, '--help'], folder);
    expect(stdout).toContain('--device <address>');
    expect(stdout).not.toMatch(/--engine|--in-process|\+worker/);
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from '@spikewire/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';

const ZOO = fileURLToPath(new URL('../../models/zoo/', import.meta.url));
const DIGITS = `${ZOO}mnist-784-64-10.spike`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-for-'));
  const weight = [
    [1, -0.5],
    [0.5, 1],
  ];
  const model = {
    nodes: {
      in: { type: 'Input', shape: [2] },
      w: { type: 'Linear', weight },
      cells: { type: 'LIF', tau: 0.01, r: 4, v_threshold: 1 },
      back: { type: 'Linear', weight },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'w'],
      ['w', 'cells'],
      ['cells', 'back'],
      ['back', 'cells', { delay: 1 }],
      ['cells', 'out'],
    ],
    semantics: { dt: 1e-3, reset: 'value' },
  };
  await writeFile(join(folder, 'm.json'), JSON.stringify(model));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...words: string[]) => runCommand(words, folder);

describe('spikewire inspect --for', () => {
  it('tells node by node what a board has, what is missed, by how much, and who says so', async () => {
    const { code, stdout } = await run('inspect', DIGITS, '--for', 'truenorth');
    expect(code).toBe(0);
    expect(stdout).toMatch(/for truenorth \(IBM TrueNorth, one chip\): violates 2 of 7 limits/);
    expect(stdout).toMatch(
      /layer1\.neurons +fan-in of a neuron +784 +256 +violates \(3\.06 times\) +Akopyan.*abstract\)/,
    );
    expect(stdout).toMatch(/seconds of a step .*\(recalled\)/);
  });

  it('has a line for each board, and the whole as JSON', async () => {
    const { stdout } = await run('inspect', DIGITS, '--for', 'xylo,fpga:up5k');
    expect(stdout).toMatch(/xylo:audio2 +violates +\d of 8 .*channels of an Input; needs: 784; board: 16 +49 times/);
    expect(stdout).toMatch(/fpga:up5k +meets +8 of 8/);
    const all = JSON.parse((await run('inspect', DIGITS, '--for', 'all', '--json')).stdout);
    expect(all.boards.length).toBeGreaterThan(12);
    const missed = all.boards
      .flatMap(({ limits }: { limits: { fits: boolean }[] }) => limits)
      .filter(({ fits }: { fits: boolean }) => !fits);
    for (const each of missed) expect(each).toMatchObject({ missedBy: expect.any(String), source: expect.anything() });
  });

  it.each([
    [
      ['--for', 'nothing'],
      /^spikewire inspect --for: "nothing" is not a known board; expected the word all, or one of fpga:up5k/,
    ],
    [
      ['--for', 'loihi', '--device', 'clocked'],
      /^spikewire inspect --for: compares limits only, and runs no net; expected no --device with it/,
    ],
    [
      ['--device', 'fpga:up5k'],
      /^spikewire: fpga:up5k: is not a board address; .*, or --for fpga:up5k, which needs no attached/,
    ],
    [
      ['--device', 'loihi'],
      /^spikewire: device "loihi": is not an engine; .*, or --for loihi, which needs no attached/,
    ],
  ])('refuses %j in a line', async (words, line) => {
    const { code, stderr } = await run('inspect', DIGITS, ...words);
    expect(code).not.toBe(0);
    expect(stderr.split('\n')[0]).toMatch(line);
  });
});

describe('spikewire quantize --for loihi', () => {
  it('writes integers that run here, and tells what they lose', async () => {
    const { code, stdout } = await run('quantize', 'm.json', '--for', 'loihi', '--out', 'q.spike', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      board: 'loihi',
      loss: { spikes: [expect.any(Number), expect.any(Number)] },
    });
    const { graph } = readModel(await readFile(join(folder, 'q.spike')));
    expect(graph.nodes.get('cells')!.type).toBe('LoihiLIF');
    expect((await run('inspect', 'q.spike', '--for', 'loihi')).stdout).toMatch(/meets all \d+ published limits/);
  });

  it('writes NIR, which comes back as the same integers', async () => {
    expect(await run('quantize', 'm.json', '--for', 'loihi', '--out', 'q.nir')).toMatchObject({ code: 0 });
    expect(await run('import', 'q.nir', '--out', 'r.spike')).toMatchObject({ code: 0 });
    expect(await run('quantize', 'r.spike', '--for', 'loihi', '--out', 'again.spike')).toMatchObject({ code: 0 });
    const [first, again] = await Promise.all(
      ['q.spike', 'again.spike'].map(async (name) => readModel(await readFile(join(folder, name))).graph.nodes),
    );
    for (const name of ['w', 'back', 'cells'])
      expect(again!.get(name)!.parameters).toEqual(first!.get(name)!.parameters);
  });

  it('refuses what the chip does not hold', async () => {
    const { code, stderr } = await run('quantize', DIGITS, '--for', 'loihi', '--out', 'd.spike');
    expect(code).toBe(1);
    expect(stderr).toMatch(/node "layer1\.neurons" for Loihi: reset: by subtraction \(all of its 64 neurons\)/);
  });
});

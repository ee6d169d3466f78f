import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { describe, expect, it, type TestContext } from 'vitest';
import { chain } from '../chain.ts';
import { runCommand } from '../e2e/command.ts';
import { irisClassifier, readIris } from '../e2e/iris-classifier.ts';
import { needsBoard } from './simulated-fpga.ts';

const IRIS = new URL('../data/iris/iris.csv', import.meta.url);

/** A folder with models in 8 bits, and the command in it, which finds a simulated board. */
async function prepare(context: TestContext) {
  const program = needsBoard(context, { line: 'bytes' });
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-fpga-'));
  context.onTestFinished(() => rm(folder, { recursive: true }));
  const [, ...rows] = (await readFile(IRIS, 'utf8')).trim().split(/\r?\n/);
  const iris = { ...irisClassifier(readIris(rows)), learning: new Map() };
  await writeFile(join(folder, 'iris.spike'), writeModel(quantize(iris, { bits: 8 })));
  await copyFile(IRIS, join(folder, 'iris.csv'));
  const float = parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      fc: {
        type: 'Linear',
        weight: [
          [0.4, -0.2],
          [0.3, 0.5],
        ],
      },
      cells: { type: 'LIF', tau: 0.02, r: 3, v_threshold: 1 },
      out: { type: 'Output', shape: [2] },
    },
    edges: chain('in', 'fc', 'cells', 'out'),
    semantics: { dt: 0.001 },
  });
  const calibration = { inputs: new Map([['in', 'spikes' as const]]) };
  await writeFile(join(folder, 'cells.spike'), writeModel(quantize(float, { bits: 8, calibration })));
  await writeFile(join(folder, 'levels.csv'), levels().join('\n'));
  const input = Array.from({ length: 300 }, (_, k) => [k >> 1, k & 1]).filter(([step]) => step! % 7 !== 3);
  await writeFile(join(folder, 'input.json'), JSON.stringify({ steps: 150, input: { in: input } }));
  return (...words: string[]) => runCommand(words, folder, { SPIKEWIRE_FPGA_SIMULATOR: program });
}

/** Two levels that differ between three states, as a CSV file. */
function levels(): string[] {
  const random = new RandomGenerator(4, 'levels');
  const rows = Array.from({ length: 40 }, (_, k) => `${20 + 8 * (k % 3) + random.nextNormal()},${1 + (k % 2) * 0.5}`);
  return ['a,b', ...rows];
}

/** A program of this name that writes what it is called with to a file, and ends so. */
async function fakeTool(context: TestContext, name: string, code: number, file = 'core.bin') {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-tool-'));
  context.onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), `#!/bin/sh\necho "$@" > ${folder}/words\nexit ${code}\n`, { mode: 0o755 });
  const bits = join(folder, file);
  await writeFile(bits, 'bits');
  const flash = (...words: string[]) =>
    runCommand(['devices', '--flash', ...words], folder, { PATH: `${folder}:${process.env.PATH}` });
  return { flash, bits, words: () => readFile(join(folder, 'words'), 'utf8') };
}

describe('the command with an FPGA board', () => {
  it('lists it', async (context) => {
    const command = await prepare(context);
    expect((await command('devices')).stdout).toMatch(/\n {2}fpga:sim +simulated board +1024 neurons, 131072 synapses/);
  });

  it.for([
    ['simulate', 'cells.spike', '--input', 'input.json', '--record', 'spikes,v'],
    ['eval', 'iris.spike', '--data', 'csv:iris.csv', '--limit', '40'],
  ])('%s gives on it what it gives in whole numbers here', async (words, context) => {
    const command = await prepare(context);
    const answer = async (device: string) => {
      const { code, stdout, stderr } = await command(...words, '--device', device, '--json');
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const { seconds, engine, ...said } = JSON.parse(stdout);
      return said;
    };
    expect(await answer('fpga:sim')).toEqual(await answer('integer'));
  });

  it('tries its line, its memory, and a net with known answers', async (context) => {
    const command = await prepare(context);
    const { code, stdout, stderr } = await command('devices', '--test', 'fpga:sim');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(
        /^core: version \d+, 65536 words of memory, 1024 of activity memory, 256 of program, 1024 n/,
      ),
      expect.stringMatching(
        /^line: [\d.]+ ms per answer, [\d.]+ kB\/s to the board; \d+ frames of \d+ bytes in flight$/,
      ),
      'memory: all 65536 words hold what is written',
      expect.stringMatching(/^faults: \d+ broken frames, \d+ of \d+ requests sent again$/),
      expect.stringMatching(
        /^net: 30 windows of 16 steps, 981 spikes, the same as on the engine integer; [\d.]+ windows\/s$/,
      ),
      '',
    ]);
    const { findings, sameAs, windows } = JSON.parse((await command('devices', '--test', 'fpga:sim', '--json')).stdout);
    expect([findings.length, sameAs, windows]).toEqual([4, 'integer', 30]);
  });

  it('runs the net of a new classifier on it, and gives the answers that it gives here', async (context) => {
    const command = await prepare(context);
    const words = [
      'new',
      'classifier',
      '--channels',
      'a,b',
      '--labels',
      'low,high',
      '--neurons',
      '40',
      '--warm-up',
      '10',
    ];
    expect(await command(...words, '--bits', '8', '--out', 'c.spike')).toMatchObject({ code: 0, stderr: '' });
    expect((await command(...words, '--bits', '3', '--out', 'd.spike')).stderr).toMatch(
      /--bits: is "3"; expected 8 or 4/,
    );
    const run = async (...words: string[]) => {
      const ended = await command('run', 'c.spike', '--sensor', 'csv:levels.csv?rate=100', ...words);
      expect(ended.code).toBe(0);
      return ended.stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
    };
    const answers = async (device: string) =>
      (await run('--device', device)).map(({ seq, result, spikes }) => ({ seq, result, spikes }));
    const [board, here] = [await answers('fpga:sim'), await answers('integer')];
    expect(board.length).toBeGreaterThan(2);
    expect(Math.min(...board.map(({ spikes }) => spikes))).toBeGreaterThan(10);
    expect(board).toEqual(here);
    expect(await run('--device', 'fpga:sim', '--json')).toMatchObject([{ engine: 'fpga sim' }]);
  });

  it('says what to do where there is no such board', async (context) => {
    const command = await prepare(context);
    const wrong = async (device: string) =>
      (await command('eval', 'iris.spike', '--data', 'csv:iris.csv', '--device', device)).stderr;
    expect(await wrong('fpga:/dev/ttyNONE')).toMatch(/\/dev\/ttyNONE: is not there \(ENOENT\)/);
    expect(await wrong('fpga:uart')).toMatch(
      /fpga:uart: is not a board address; expected fpga:\/dev\/tty…, fpga:spi:\/dev\/spidev… or fpga:sim/,
    );
    expect((await command('devices', '--test', 'fpga:/dev/ttyNONE')).stderr).toMatch(/\/dev\/ttyNONE: is not there/);
    expect(await wrong('fpga:/dev/null?speed=3')).toMatch(/has the setting "speed=3"; expected baud=<number>/);
  });

  it('says what to do where the simulator is missing', async () => {
    const wrong = async (program: string) =>
      (await runCommand(['devices', '--test', 'fpga:sim'], undefined, { SPIKEWIRE_FPGA_SIMULATOR: program })).stderr;
    const expected =
      '; expected the program that node devices/rtl/simulation/build.mjs <folder> makes from the sources\n';
    expect(await wrong('')).toBe(`spikewire: fpga:sim: needs a simulated board in SPIKEWIRE_FPGA_SIMULATOR${expected}`);
    expect(await wrong('/nowhere/board')).toBe(`spikewire: /nowhere/board: cannot be started (ENOENT)${expected}`);
    expect(await wrong('/bin/true')).toBe(`spikewire: /bin/true: is not a simulated board${expected}`);
  });

  it.for([
    ['fpga:up5k-icebreaker', 'iceprog', '<file>'],
    ['fpga:up5k-pico-ice', 'dfu-util', '--device 1209:b1c0 --alt 0 --download <file> --reset'],
    ['fpga:ecp5-ulx3s', 'openFPGALoader', '--board ulx3s --write-flash <file>'],
    ['fpga:ecp5-orangecrab', 'dfu-util', '--device 1209:5af0 --alt 0 --download <file>'],
  ] as const)('flashes %s by %s, and prints how', async ([board, program, pattern], context) => {
    const { flash, bits, words } = await fakeTool(context, program, 0);
    const line = pattern.replace('<file>', bits);
    const { code, stdout, stderr } = await flash(board, bits);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${program} ${line}\n${board}: done\n`, stderr: '' });
    expect(await words()).toBe(`${line}\n`);
  });

  it('prints a line that a shell takes, whatever the name of the file', async (context) => {
    const { flash, bits, words } = await fakeTool(context, 'iceprog', 0, "my core's.bin");
    const { stdout } = await flash('fpga:up5k-icebreaker', bits);
    expect(await words()).toBe(`${bits}\n`);
    const [line] = stdout.split('\n');
    const [, quoted] = /^iceprog (.*)$/.exec(line!)!;
    expect(execFileSync('sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })).toBe(bits);
  });

  it('says why a board was not flashed', async (context) => {
    const { flash, bits } = await fakeTool(context, 'iceprog', 3);
    expect(await flash('fpga:up5k-icebreaker', bits)).toMatchObject({
      code: 1,
      stderr: 'spikewire: iceprog: ended with 3; expected a board in its USB port\n',
    });
    const said = async (...words: string[]) => (await flash(...words)).stderr;
    expect(await said('fpga:up5k-icebreaker', `${bits}.none`)).toMatch(
      /none: cannot be read \(ENOENT\); expected a bit/,
    );
    expect(await said('fpga:sim', bits)).toMatch(
      /^spikewire: fpga:sim: is not a known kind of board; expected fpga:up5k-ice/,
    );
    expect(await said('fpga:up5k-icebreaker')).toMatch(/--flash: has no file; expected --flash <driver:board> <file>/);
    expect(await said('fpga:up5k-icebreaker', bits, '--test', 'fpga:sim')).toBe(
      'spikewire devices: has both --test and --flash; expected one of them\n',
    );
    expect(await said('steam:1', bits)).toMatch(
      /^spikewire: device "steam:1": is nothing to flash; expected one of fpga:<boa/,
    );
    const { stderr } = await runCommand(['devices', '--flash', 'fpga:ecp5-ulx3s', bits], undefined, {
      PATH: '/nowhere',
    });
    expect(stderr).toBe('spikewire: openFPGALoader: is not installed; install by: sudo apt install openfpgaloader\n');
  });
});

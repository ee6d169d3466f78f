import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseModel, quantize, writeModel } from '@spikewire/models';
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
  const input = Array.from({ length: 300 }, (_, k) => [k >> 1, k & 1]).filter(([step]) => step! % 7 !== 3);
  await writeFile(join(folder, 'input.json'), JSON.stringify({ steps: 150, input: { in: input } }));
  return (...words: string[]) => runCommand(words, folder, { SPIKEWIRE_FPGA_SIMULATOR: program });
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

  it('says what to do where there is no such board', async (context) => {
    const command = await prepare(context);
    const wrong = async (device: string) =>
      (await command('eval', 'iris.spike', '--data', 'csv:iris.csv', '--device', device)).stderr;
    expect(await wrong('fpga:/dev/ttyNONE')).toMatch(/\/dev\/ttyNONE: is not there \(ENOENT\)/);
    expect(await wrong('fpga:uart')).toMatch(
      /fpga:uart: is no board; expected fpga:\/dev\/tty…, fpga:spi:\/dev\/spidev… or fpga:sim/,
    );
    expect(await wrong('fpga:/dev/null?speed=3')).toMatch(/has the setting "speed=3"; expected baud=<number>/);
  });
});

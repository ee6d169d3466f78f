import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatModel, nextReadingModel } from '@spikewire/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';

/** A board that runs nothing, but says what it could. */
const abilities = {
  neurons: 64,
  nets: 2,
  fanIn: 0,
  weightBits: [32],
  parameters: { LIF: { tau: { maximum: 0.01 } } },
  states: 'learned',
  late: 300,
  tolerance: { membrane: 0.01, spikes: 0.002 },
  runs: 'windows',
};
const DRIVERS = `
const abilities = ${JSON.stringify(abilities)};
const open = async () => { throw new Error('cannot'); };
const source = { name: 'shy', abilities, open, close: async () => {} };
const list = async () => [{ address: 'shy:0', name: 'shy board', abilities }];
export const acceleratorDrivers = [{ scheme: 'shy', summary: 'a shy board', list, open: async () => source }];
`;
const DESCRIBED =
  '64 neurons, any synapses; nets at a time: 2; fan-in: 0; bits of weights: 32; ' +
  'states hold: what was learned; steps late: 300; errors of membranes and spikes: 1 %, 0.2 %';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-boards-'));
  const description = { name: 'shy', version: '1.0.0', type: 'module', spikewire: { drivers: './drivers.js' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(description));
  await writeFile(join(folder, 'drivers.js'), DRIVERS);
  const model = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 20 });
  await writeFile(join(folder, 'model.json'), formatModel(model).json);
});
afterAll(() => rm(folder, { recursive: true }));

const outputOf = (...words: string[]) => runCommand(words, folder, { SPIKEWIRE_PACKAGES: folder });

describe('a package of boards that cannot be loaded', () => {
  it('is told where one of its boards is tried or flashed', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'spikewire-boards-'));
    try {
      const description = { name: 'odd', version: '1.0.0', type: 'module', spikewire: { drivers: './drivers.js' } };
      await writeFile(join(broken, 'package.json'), JSON.stringify(description));
      await writeFile(join(broken, 'drivers.js'), 'throw new Error("lacks its library");');
      const stderrOf = async (...words: string[]) =>
        (await runCommand(['devices', ...words], broken, { SPIKEWIRE_PACKAGES: broken })).stderr;
      expect(await stderrOf('--test', 'odd:0')).toMatch(
        /^spikewire: odd: .*lacks its library.*\n.*unknown driver "odd"/,
      );
      expect(await stderrOf('--flash', 'odd:0', 'drivers.js')).toMatch(
        /^spikewire: device "odd:0": is nothing to flash; expected .*; not usable: odd: .*lacks its library/,
      );
    } finally {
      await rm(broken, { recursive: true });
    }
  });
});

describe('the abilities of a board', () => {
  it('are listed by devices', async () => {
    expect((await outputOf('devices')).stdout).toContain(`\n  shy:0  shy board  ${DESCRIBED}\n`);
    const { boards } = JSON.parse((await outputOf('devices', '--json')).stdout);
    expect(boards).toEqual([{ address: 'shy:0', name: 'shy board', abilities }]);
  });

  it('are told by doctor', async () => {
    const { findings } = JSON.parse((await outputOf('doctor', '--json')).stdout);
    expect(findings).toContainEqual({ check: 'boards', state: 'ok', found: `shy:0: shy board, ${DESCRIBED}` });
  });

  it('are what inspect holds a model against', async () => {
    const { code, stdout } = await outputOf('inspect', 'model.json', '--device', 'shy:0');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^model\.json on shy:\nsamples of \d+ steps; it answers 300 steps late\n/);
    expect(stdout).toMatch(
      /\n {2}reading\/neurons +LIF +has tau 0\.\d+; it takes 0\.01 or less; has a fan-in of 1; it takes 0\n/,
    );
    expect(stdout.endsWith(`\n\nshy: ${DESCRIBED}\n`)).toBe(true);
    const { placement, abilities: said } = JSON.parse(
      (await outputOf('inspect', 'model.json', '--device', 'shy:0', '--json')).stdout,
    );
    expect(placement.fits).toBe(false);
    expect(said).toEqual(abilities);
  });
});

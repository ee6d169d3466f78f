import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RuleDifference } from '@spikewire/exchange/fidelity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';

const TIE = fileURLToPath(new URL('../golden/data/nir-wild/sj-threshold-tie.nir', import.meta.url));

interface Run {
  readonly dt: number;
  readonly steps: number;
  readonly input: Readonly<Record<string, { readonly events: readonly (readonly number[])[] }>>;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-report-'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...words: string[]) => runCommand(['import', ...words], folder);

describe('spikewire import --report', () => {
  it('compares the step rule of --from with that of every other framework', async () => {
    const words = [TIE, '--from', 'spikingjelly', '--out', 'a.json', '--report', 'r.html', '--json'];
    const { code, stdout } = await run(...words);
    expect(code).toBe(0);
    const { fidelity } = JSON.parse(stdout) as { fidelity: { chosen: string; differences: RuleDifference[] } };
    expect(fidelity.chosen).toBe('spikingjelly');
    const rules = fidelity.differences.map(({ rule }) => rule);
    expect(rules).toEqual(['norse', 'snntorch', 'sinabs', 'rockpool', 'nengo', 'lava', 'spyx', 'spinnaker2']);
    const page = await readFile(join(folder, 'r.html'), 'utf8');
    for (const rule of rules) expect(page).toContain(`<h2>${rule} instead of spikingjelly</h2>`);
    expect(page).not.toMatch(/<script|src=|href=/);
  });

  it('takes the input of a file, on which a tie parts v ≥ θ from v > θ', async () => {
    const golden = await readFile(TIE.replace('.nir', '.json'), 'utf8');
    const [{ dt, steps, input }] = (JSON.parse(golden) as { runs: [Run] }).runs;
    const events = Object.fromEntries(Object.entries(input).map(([node, given]) => [node, given.events]));
    await writeFile(join(folder, 'in.json'), JSON.stringify({ dt, steps, input: events }));
    const words = ['--dt', String(dt), '--out', 'b.json', '--report', 'r.html', '--input', 'in.json', '--json'];
    const { code, stdout, stderr } = await run(TIE, '--from', 'spikingjelly', ...words);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { differences, steps: stepsDone } = (
      JSON.parse(stdout) as { fidelity: { steps: number; differences: RuleDifference[] } }
    ).fidelity;
    expect(stepsDone).toBe(steps);
    expect(differences.find(({ rule }) => rule === 'spinnaker2')!.first).not.toBeNull();
  });

  it.each([
    [[TIE, '--out', 'c.json', '--input', 'in.json'], 'spikewire import --input: is the input of the report'],
    [
      ['a.json', '--out', 'd.json', '--report', 'r.html'],
      'defines its own step rule; expected a file of another format',
    ],
    [['.', '--out', 'e', '--report', 'r.html'], 'spikewire import --report: compares the steps of one net'],
  ])('%j is refused', async (words, message) => {
    const { code, stderr } = await run(...words);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});

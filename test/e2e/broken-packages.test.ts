import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { killAll, type RunningCommand, startCommand } from './command.ts';

/** Lets Node wait a hundredth of what a program asks for. */
const HURRY = `const slow = setTimeout;
globalThis.setTimeout = (then, time, ...words) => slow(then, time / 100, ...words);`;
const hurried = `--import=data:text/javascript,${encodeURIComponent(HURRY)}`;

let folder: string;
let commands: RunningCommand[];
beforeEach(async () => {
  commands = [];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-broken-packages-'));
});
afterEach(async () => {
  await killAll(commands);
  await rm(folder, { recursive: true });
});

/** Writes a package with one module and runs spikewire beside it. */
async function runBeside(module: string, words: readonly string[]): Promise<[number | null, string, string]> {
  await mkdir(join(folder, 'bad'));
  const brings = { sensors: './index.js', commands: './index.js', formats: './index.js' };
  await writeFile(
    join(folder, 'bad/package.json'),
    JSON.stringify({ name: 'bad', version: '1.0.0', type: 'module', spikewire: brings }),
  );
  await writeFile(join(folder, 'bad/index.js'), module);
  const running = startCommand(words, folder, { SPIKEWIRE_PACKAGES: './bad', NODE_OPTIONS: hurried });
  commands.push(running);
  const code = await running.ended;
  return [code, running.stdout(), running.stderr()];
}

describe('a package that never ends to load', () => {
  const line = 'spikewire: bad: ./index.js: cannot be loaded: takes more than 30 s; expected a module that loads\n';
  it.each([
    [['devices'], 0, /^sensors:/, line],
    [['--help'], 0, /^spikewire: learns what is usual/, line],
    [['fly'], 2, /^$/, 'bad: ./index.js: cannot be loaded: takes more than 30 s'],
  ])('keeps spikewire %j from nothing', async (words, expected, output, problem) => {
    const [code, stdout, stderr] = await runBeside('await new Promise(() => {});', words);
    expect(stderr).toContain(problem);
    expect(stdout).toMatch(output);
    expect(code).toBe(expected);
  });
});

it('a format that never ends to read is named after a minute', async () => {
  const format = "{ name: 'endless', summary: 'waits', extensions: ['.wait'], sniff: () => true, read }";
  const module = `const read = () => new Promise(() => {});
export const [sensorDrivers, commands, formats] = [[], [], [${format}]];`;
  await writeFile(join(folder, 'model.wait'), '?');
  const [code, stdout, stderr] = await runBeside(module, ['inspect', 'model.wait']);
  const line = 'bad: format "endless": read takes more than 60 s; expected a model or an error';
  expect([code, stdout, stderr]).toEqual([1, '', `spikewire: model.wait: ${line}\n`]);
});

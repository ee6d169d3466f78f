import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCommand } from './command.ts';
import { importWithHooks } from './module-hooks.ts';

/** Prints the address of every module that Node loads. */
const LISTING = importWithHooks(`export function load(url, context, next) {
  process._rawDebug('loads ' + url);
  return next(url, context);
}`);

/** Of all packages, as they are listed. */
const COMMANDS = [...(await runCommand(['--help'])).stdout.matchAll(/^ {2}([a-z][a-z-]*) +\S/gm)].map(
  ([, name]) => name!,
);

/** The address of a module, and the sources that the build merged into it, by its source map. */
function sourcesIn(url: string): string[] {
  const map = `${fileURLToPath(url)}.map`;
  if (!existsSync(map)) return [url];
  const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { readonly sources: readonly string[] };
  return [url, ...sources.map((source) => source.replace(/^(\.\.\/)+/, ''))];
}

afterEach(() => void vi.unstubAllEnvs());

it('who leaves all nets to a worker thread does not load what reads models, or an engine', () => {
  const words = ['--import', LISTING, '--input-type=module', '--eval', "import 'spikewire/executor';"];
  const { stderr } = spawnSync(process.execPath, words, {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  });
  const loaded = [...stderr.matchAll(/^loads (file:.*)$/gm)].flatMap(([, url]) => sourcesIn(url!));
  expect(loaded).toContain('src/executor/worker-executor.ts');
  expect(loaded.filter((source) => /^src\/(file|graph|clocked|event|reference)\//.test(source))).toEqual([]);
});

describe('a short command', () => {
  it.each([
    [['--help'], 0],
    [['--version'], 0],
    [['fly'], 2],
    [['run', '--help'], 0],
    [['doctor', '--help'], 0],
    [['devices'], 0],
  ])('%j loads neither the MQTT client nor the page', async (words, code) => {
    vi.stubEnv('NODE_OPTIONS', `--import ${LISTING}`);
    const ended = await runCommand(words);
    expect(ended.code).toBe(code);
    const loaded = [...ended.stderr.matchAll(/^loads (file:.*)$/gm)].flatMap(([, url]) => sourcesIn(url!));
    expect(loaded).toContain('src/cli/main.ts');
    expect(loaded.filter((source) => /node_modules\/mqtt\/|^src\/dashboard\//.test(source))).toEqual([]);
  });

  it('lists the commands of all packages', async () => {
    const { code, stdout, stderr } = await runCommand(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const some = ['demo', 'run', 'simulate', 'eval', 'inspect', 'import', 'export', 'new', 'doctor', 'devices'];
    expect(COMMANDS).toEqual(expect.arrayContaining(some));
    expect((await runCommand([])).stdout).toBe(stdout);
  });

  it('says its version', async () => {
    const { stdout } = await runCommand(['--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const words of [['-v'], ['run', '-v'], ['new', '--version']])
      expect(await runCommand(words)).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('explains itself and each command however that is asked', async () => {
    const [overview, explained] = [await runCommand(['--help']), await runCommand(['eval', '--help'])];
    expect([await runCommand(['-h']), await runCommand(['help'])]).toEqual([overview, overview]);
    expect([await runCommand(['eval', '-h']), await runCommand(['help', 'eval'])]).toEqual([explained, explained]);
    expect(explained.stdout).toMatch(/^spikewire eval: /);
  });

  it.each(COMMANDS)('%s explains itself', async (name) => {
    const { code, stdout } = await runCommand([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^spikewire ${name}: (?:.+\n){1,2}\nUsage: spikewire ${name}`));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

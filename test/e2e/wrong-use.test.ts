import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { killAll, type RunningCommand, runCommand, startCommand } from './command.ts';

const cell = {
  nodes: {
    in: { type: 'Input', shape: [1] },
    fc: { type: 'Linear', weight: [[1]] },
    lif: { type: 'LIF', tau: 0.01, v_threshold: 0.5 },
    out: { type: 'Output' },
  },
  edges: [
    ['in', 'fc'],
    ['fc', 'lif'],
    ['lif', 'out'],
  ],
  semantics: { dt: 0.001 },
};

/** Its rule uses post spikes, and its target has none. */
const spikeless = {
  ...cell,
  nodes: { ...cell.nodes, lif: { type: 'LI', tau: 0.01 } },
  learning: { fc: { rule: 'stdp', aPlus: 0.01, aMinus: 0.01 } },
  encoder: { in: { type: 'direct' } },
  decoder: { out: { type: 'linear' } },
};

/** Nobody listens on port 1, and no command here may come so far as to try. */
const STREAM = ['--mqtt', 'mqtt://127.0.0.1:1', '--in', 'a', '--out', 'b'];

let folder: string;
let commands: RunningCommand[];

beforeEach(async () => {
  commands = [];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-wrong-use-'));
  await mkdir(join(folder, 'folder.spike'));
  const files = {
    'cell.json': cell,
    'spikeless.json': spikeless,
    'coded.json': { ...cell, encoder: { in: { type: 'direct' } }, decoder: { out: { type: 'count' } } },
    'in.json': { steps: 3, dense: { in: [[1], [1], [1]] } },
    'wide.json': { steps: 1, dense: { in: [[1, 2]] } },
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
  await writeFile(join(folder, 'rows.csv'), '1,a\n2,b\n'.repeat(20));
  await writeFile(join(folder, 'pairs.csv'), '1,2,a\n2,3,b\n'.repeat(20));
  await writeFile(join(folder, 'garbage.csv'), '1,\u0001\u0002PNG\n');
  await writeFile(join(folder, 'seen.bin'), new Uint8Array(5));
});
afterEach(async () => {
  await killAll(commands);
  await rm(folder, { recursive: true });
});

/** What a command that must fail says: one line, and nothing of where in the code it happened. */
async function refusal(...words: string[]) {
  const command = startCommand(words, folder);
  commands.push(command);
  const code = await command.ended;
  const [stdout, stderr] = [command.stdout(), command.stderr()];
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/unexpected error|^spikewire: spikewire/);
  return { code, line: stderr.trimEnd() };
}

describe('one line says what was wrong', () => {
  it.each([
    [['inspect', 'folder.spike'], 'spikewire: folder.spike: is a folder; expected a model file'],
    [['simulate', 'cell.json', '--input', 'none.json'], 'spikewire: none.json: does not exist; expected an input file'],
    [
      ['simulate', 'cell.json', '--input', 'wide.json'],
      'spikewire: wide.json: dense["in"][0]: has 2 values; expected 1',
    ],
    [
      ['simulate', 'cell.json', '--input', 'in.json', '--out', 'none/out.json'],
      'spikewire: none/out.json: is in a folder that does not exist; expected a file that can be written',
    ],
    [
      ['simulate', 'cell.json', '--input', 'in.json', '--out', 'folder.spike'],
      'spikewire: folder.spike: is a folder; expected a file that can be written',
    ],
    [
      ['simulate', 'spikeless.json', '--input', 'in.json', '--learn'],
      'spikewire: spikeless.json: learning of "fc": uses post spikes (stdp), and the connection leads to the ' +
        'LI "lif"; expected a single target, a neuron that spikes',
    ],
    [
      ['quantize', 'coded.json', '--data', 'csv:pairs.csv', '--out', 'out.spike'],
      'spikewire: pairs.csv: has samples of 2 numbers; expected 1, as the model takes for Input "in" of shape [1]',
    ],
    [
      ['simulate', 'cell.json', '--input', 'garbage.csv'],
      'spikewire: garbage.csv: cannot be read (CSV line 1, column 2: is "??PNG"; expected a finite number)',
    ],
    [
      ['run', 'coded.json', ...STREAM, '--store', 'rows.csv/store'],
      'spikewire: --store "rows.csv/store": lies below a file; expected a folder',
    ],
    [
      ['simulate', 'cell.json', '--input', 'garbage.csv', '--record', 'v:lif2'],
      'spikewire: record of node "lif2": finds no such node; expected one of in, fc, lif, out',
    ],
    [
      ['run', 'cell.json', ...STREAM, '--memory', '3'],
      `spikewire: cell.json: has ${JSON.stringify(cell).length} bytes; expected at most 3 (--memory)`,
    ],
    [
      ['restore', 'garbage.csv', '--store', 'restored'],
      'spikewire: garbage.csv: format: is not that of a backup; expected a file that spikewire backup has written',
    ],
    [
      ['agent', 'restore', 'garbage.csv', '--folder', 'restored'],
      'spikewire: garbage.csv: format: is not that of a backup; expected a file that "spikewire fleet devices fetch-backup" has ' +
        'written',
    ],
    [
      ['quantize', 'cell.json', '--out', 'folder.spike'],
      'spikewire: folder.spike: is a folder; expected a file that can be written',
    ],
  ])('%j', async (words, line) => {
    expect(await refusal(...words)).toEqual({ code: 1, line });
  });

  it.each([
    [['simulate', 'cell.json'], 'spikewire simulate: --input is missing; expected an input file'],
    [
      ['simulate', 'cell.json', '--input', 'seen.bin', '--learn'],
      'spikewire simulate --learn: needs time steps, but the recording of an event camera is computed in continuous time; expected ' +
        '--device <engine>, which computes it in steps',
    ],
    [
      ['run', 'coded.json', ...STREAM, '--client-id', 'mill\u001b7'],
      'spikewire: client id: is "mill\\u001b7"; expected a name without control characters, of at most 65535 bytes',
    ],
    [
      ['run', 'coded.json', ...STREAM, '--client-id', 'm'.repeat(65_536)],
      `spikewire: client id: is "${'m'.repeat(62)}…; expected a name without control characters, of at most 65535 ` +
        'bytes',
    ],
    [
      ['run', 'coded.json', '--mqtt', 'mqtt://u%00:s3cret@127.0.0.1:1', '--in', 'a', '--out', 'b'],
      'spikewire: broker address: user or password with control characters; expected ' +
        'mqtt://[user[:password]@]host[:port], or mqtts, ws, wss',
    ],
    [
      ['run', 'coded.json', ...STREAM, '--in-process', '--threads', '2'],
      'spikewire run --in-process: cannot be combined with --threads; expected only --threads; --threads 0 is the ' +
        'old --in-process',
    ],
    [
      ['run', 'coded.json', ...STREAM, '--threads', '65'],
      'spikewire run --threads: is "65"; expected a whole number from 0 to 64',
    ],
    [
      ['eval', 'cell.json', '--data', 'csv:rows.csv', '--limit', '-1'],
      'spikewire eval --limit: is "-1"; expected a whole number from 1',
    ],
    [
      ['train', '--data', 'csv:none.csv', '--out', 'm.nir'],
      'spikewire train --out: has the extension ".nir"; expected .spike',
    ],
    [['demo', '--labels', '0.1'], 'spikewire demo --labels: has no effect without --classify; expected --classify'],
    [['eval', 'cell.json', '--limit', '--json'], 'spikewire eval --limit: is followed by "--json"; expected <n>'],
  ])('of usage: %j', async (words, line) => {
    expect(await refusal(...words)).toEqual({ code: 2, line });
  });

  it('before a net is trained for a file that cannot be written', async () => {
    const words = ['train', '--data', 'csv:rows.csv', '--arch', '1-2', '--epochs', '1', '--out', 'folder.spike'];
    const line = 'spikewire: folder.spike: is a folder; expected a file that can be written';
    expect(await refusal(...words)).toEqual({ code: 1, line });
    expect(await readdir(folder)).not.toContain('folder.run');
  });
});

it('train says when it can hardly learn', async () => {
  const words = ['train', '--data', 'csv:rows.csv', '--arch', '1-2', '--epochs', '3', '--out', 'net.spike'];
  const { code, stdout } = await runCommand(words, folder);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^warning: the weights change only 9 times in all; a smaller --batch or more --epochs/m);
});

it('eval names the data that does not fit', async () => {
  await runCommand(['train', '--data', 'csv:rows.csv', '--arch', '1-2', '--epochs', '1', '--out', 'net.spike'], folder);
  await writeFile(join(folder, 'pairs.csv'), '1,1,a\n2,2,b\n');
  expect(await refusal('eval', 'net.spike', '--data', 'csv:pairs.csv')).toEqual({
    code: 1,
    line: 'spikewire: pairs.csv: has samples of 2 numbers; expected 1, as the model takes for Input "in" of shape [1]',
  });
});

it('inspect says what the model file is, and which net wins whatever it does', async () => {
  const { stdout } = await runCommand(['inspect', 'cell.json'], folder);
  expect(stdout).toMatch(/^cell\.json: 1 neuron, 1 synapse, 1 weight of 32 bits\n/);
  expect(stdout).toContain('the dense net needs less at any activity');
  const line = await refusal('inspect', 'spikeless.json').then((refused) => refused.line);
  expect(line).toMatch(/^spikewire: spikeless\.json: learning of "fc"/);
});

describe('spikewire run does not start', () => {
  it.each([
    ['a model without codes', 'cell.json', [], 'node "in" (Input): has no encoder'],
    ['a rule that cannot act', 'spikeless.json', [], 'learning of "fc": uses post spikes (stdp)'],
    ['a file as store', 'coded.json', ['--store', 'in.json'], '--store "in.json": is a file; expected a folder'],
  ])('with %s', async (_name, model, more, said) => {
    for (const input of ['a', 'a/+']) {
      const stream = [...STREAM.slice(0, -3), input, '--out', input.replace('a', 'b')];
      const { code, line } = await refusal('run', model, ...stream, ...more);
      expect(code).toBe(1);
      expect(line).toContain(said);
    }
  });
});

describe('a model that this device computes wrongly', () => {
  const line =
    'selfTests[0] on clocked, output "out": gave [0, 0, 1] as event 1 of 1; expected [1, 0, 1] as event 1 of 1';
  beforeEach(async () => {
    const selfTests = [{ steps: 2, input: { in: [[0, 0, 9]] }, output: { out: [[1, 0, 1]] } }];
    const coded = { encoder: { in: { type: 'direct' } }, decoder: { out: { type: 'count' } } };
    await writeFile(join(folder, 'tested.json'), JSON.stringify({ ...cell, ...coded, selfTests }));
  });

  it.each([[[]], [['--threads', '0']], [['--in', 'a/+', '--out', 'b/+']], [['--device', 'clocked']]])(
    'is refused by run at the start, %j',
    async (more) => {
      const told = await refusal('run', 'tested.json', ...STREAM, ...more);
      const way = 'this device computes the model wrongly, --no-self-test starts it anyway';
      expect(told).toEqual({ code: 1, line: `spikewire: tested.json: ${line}; ${way}` });
    },
  );

  it('is refused by eval', async () => {
    const told = await refusal('eval', 'tested.json', '--data', 'csv:rows.csv');
    expect(told).toEqual({ code: 1, line: `spikewire: tested.json: ${line}` });
  });

  it('starts with --no-self-test', async () => {
    const command = startCommand(['run', 'tested.json', ...STREAM, '--no-self-test'], folder);
    commands.push(command);
    await command.says(/running tested\.json on auto \(measuring\): a → b/);
  });
});

describe.skipIf(process.platform !== 'linux')('what Linux has places for', () => {
  it.each([
    ['a full disk under the output', 'inspect cell.json > /dev/full', 'spikewire: stdout: cannot be written (ENOSPC)'],
    [
      'a store where nothing can be made',
      'doctor --store /proc/spikewire/store --json > /dev/null',
      'spikewire: doctor: 1 of \\d+ checks failed; expected none',
    ],
    [
      'a file where none can be made',
      'quantize cell.json --out /proc/cell.spike > /dev/null',
      'spikewire: /proc/cell.spike: cannot be created in that folder; expected a file that can be written',
    ],
  ])('%s', (_what, words, line) => {
    const bin = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
    const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${bin}" ${words}`], { cwd: folder });
    expect(stderr.toString()).toMatch(new RegExp(`^${line.replaceAll('(', '\\(').replaceAll(')', '\\)')}\n$`));
    expect(status).toBe(1);
  });

  it('a reader that leaves is not a failure', () => {
    const bin = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
    const words = `set -o pipefail; "${process.execPath}" "${bin}" inspect cell.json | head -n 1`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', words], { cwd: folder });
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
    expect(stdout.toString().split('\n')).toHaveLength(2);
  });
});

it('run says that there is nothing to learn', async () => {
  const command = startCommand(['run', 'coded.json', ...STREAM, '--learn'], folder);
  commands.push(command);
  await command.says(/running coded\.json/);
  expect(command.stderr()).toContain('spikewire: coded.json: has no learning rule; --learn sets ranges only\n');
});

it('doctor finds a model that no engine runs', async () => {
  const { code, stdout } = await runCommand(['doctor', 'spikeless.json'], folder);
  expect(code).toBe(1);
  expect(stdout).toMatch(/BAD +model +spikeless\.json: learning of "fc": uses post spikes/);
});

it('doctor does not ask to train what was written by hand', async () => {
  const { code, stdout } = await runCommand(['doctor', 'cell.json'], folder);
  expect(code).toBe(0);
  expect(stdout).toMatch(/note +model +cell\.json: runs on reference, .*; has no self-test vectors\n/);
  expect(stdout).toContain('recordSelfTests');
});

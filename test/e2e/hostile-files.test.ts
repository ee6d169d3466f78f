import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { runCommand } from './command.ts';

/** MB of V8's heap: a command that takes what these files ask for is ended by V8, with another code than 1. */
const HEAP = '--max-old-space-size=96';
const GRAPH = '"nodes":{"i":{"type":"Input","shape":[1]},"o":{"type":"Output"}},"edges":[["i","o"]]';
const MODEL = JSON.stringify({
  nodes: {
    i: { type: 'Input', shape: [1] },
    fc: { type: 'Linear', weight: [[1], [2]] },
    n: { type: 'IF', r: 1000, v_threshold: 1 },
    o: { type: 'Output' },
  },
  edges: chain('i', 'fc', 'n', 'o'),
  semantics: { dt: 0.001 },
  encoder: { i: { type: 'direct', range: [0, 1] } },
  decoder: { o: { type: 'count' } },
  sample: { steps: 1, between: 'reset' },
  labels: ['a', 'b'],
});

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-hostile-'));
  const write = (name: string, content: string) => writeFile(join(folder, name), content);
  await write('model.json', MODEL);
  await write('lists.json', `{${GRAPH},"provenance":{"a":[${'[1],'.repeat(3_700_000)}0]}}`);
  await write('huge.spike', '');
  await truncate(join(folder, 'huge.spike'), 2 ** 36);
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  await write('rows.csv', '0,a\n1,b\n'.repeat(1_500_000));
  await write('line.csv', '');
  await truncate(join(folder, 'line.csv'), 600_000_000);
  await write('line.jsonl', '{"format":"spikewire-recorded","version":1,"channels":["x"],"numbers":1}\n');
  await truncate(join(folder, 'line.jsonl'), 600_000_000);
  await write('steps.csv', '0\n1\n'.repeat(1_000_000));
  await write('steps.json', `{"steps":1,"input":{"i":[${'[],'.repeat(3_000_000)}[0,0]]}}`);
});
afterAll(() => rm(folder, { recursive: true }));

const eval_ = (data: string) => ['eval', 'model.json', '--limit', '1', '--data', data];

describe('a command that is given a file of more than memory holds, or without an end', () => {
  it.each<[readonly string[], RegExp]>([
    [
      ['inspect', 'lists.json', '--memory', '64M'],
      /lists\.json: model: takes up to \d+ MB to read; expected at most 67/,
    ],
    [['inspect', 'huge.spike', '--memory', '64M'], /huge\.spike: has 68719476736 bytes; expected at most 67108864/],
    [['inspect', '/dev/zero'], /\/dev\/zero: is not a regular file; expected a model file/],
    [['inspect', 'fifo'], /fifo: is not a regular file; expected a model file/],
    [['inspect', '.'], /\.: is a folder; expected a model file/],
    [eval_('csv:rows.csv'), /rows\.csv: takes more than [\d.]+ MB of memory; expected a smaller set of data/],
    [eval_('csv:line.csv'), /line\.csv, line 1: has more than 4194304 bytes; expected a shorter line/],
    [eval_('csv:/dev/zero'), /\/dev\/zero: is not a regular file; expected a CSV file/],
    [eval_('recorded:line.jsonl'), /line\.jsonl: ends with a line of more than 4194304 bytes/],
    [['simulate', 'model.json', '--input', 'steps.csv', '--memory', '32M'], /steps\.csv: CSV: has 2000000 numbers/],
    [['simulate', 'model.json', '--input', 'steps.json', '--memory', '128M'], /steps\.json: input: takes up to \d+ MB/],
  ])('%j refuses it in one line', { timeout: 60_000 }, async (args, line) => {
    const { code, stdout, stderr } = await runCommand([...args], folder, { NODE_OPTIONS: HEAP });
    expect(stderr).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

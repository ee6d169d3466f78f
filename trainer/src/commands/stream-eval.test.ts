import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandArguments, CommandConsole } from 'spikewire/cli';
import { beforeEach, expect, it, vi } from 'vitest';
import { gasDriftFolder } from '../tasks/folders.test-data.ts';
import { command } from './stream-eval.ts';

let results: { document: unknown; text: string }[];
beforeEach(() => {
  results = [];
});

async function run(given: Readonly<Record<string, string | boolean>>, progress = () => {}) {
  const args: Partial<CommandArguments> = {
    text: (option) => given[option] as string,
    flag: (option) => given[option] === true,
    number: (option) => (given[option] === undefined ? undefined : Number(given[option])),
  };
  const console: Partial<CommandConsole> = {
    progress,
    signal: new AbortController().signal,
    result: (document, text) => void results.push({ document, text: [text()].flat().join('\n') }),
  };
  await command.run(args as CommandArguments, console as CommandConsole);
  return results[0]!;
}

it('evaluates a folder, and writes the document and the page', async () => {
  const folder = gasDriftFolder(2, 30);
  try {
    const report = join(folder, 'report.html');
    const { document, text } = await run({ task: 'gas-drift', data: `gas-drift:${folder}`, learn: true, report });
    expect(document).toMatchObject({ task: 'gas-drift', labels: 0.1, samples: 90, learn: true });
    expect(text).toMatch(/spiking +\d/);
    expect(readFileSync(report, 'utf8')).toMatch(/<h1>stream-eval gas-drift<\/h1>[\s\S]*<polyline/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('says what it has found before it writes the page, and refuses what cannot be a page before it begins', async () => {
  const folder = gasDriftFolder(2, 30);
  const asked = { task: 'gas-drift', data: `gas-drift:${folder}`, learn: true };
  try {
    const progress = vi.fn();
    await expect(run({ ...asked, report: folder }, progress)).rejects.toThrow(`${folder}: is a folder`);
    expect(progress).not.toHaveBeenCalled();
    const report = join(folder, 'report.html');
    // Somebody puts a folder there meanwhile.
    const given = run({ ...asked, report }, () => mkdirSync(report, { recursive: true }));
    await expect(given).rejects.toThrow(`${report}: is a folder`);
    expect(results[0]!.document).toMatchObject({ task: 'gas-drift', samples: 90 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('makes no folder for the page where there is no data', async () => {
  const folder = gasDriftFolder(2, 30);
  try {
    const [data, report] = [`gas-drift:${join(folder, 'none')}`, join(folder, 'deep/report.html')];
    await expect(run({ task: 'gas-drift', data, report })).rejects.toThrow(/none: cannot be read/);
    expect(existsSync(join(folder, 'deep'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  [{}, /--task is missing; expected one of gas-drift, /],
  [{ task: 'gas' }, /task "gas": does not exist; expected gas-drift, /],
  [{ task: 'hapt' }, /--data is missing; expected hapt:DIR/],
  [{ task: 'hapt-turned', data: 'fsdd:x' }, /--data fsdd:x: is not the data of this task; expected hapt:DIR/],
  [{ task: 'hapt', data: 'hapt:' }, /is not the data of this task/],
])('refuses wrong use %#', async (given, message) => {
  await expect(run(given)).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
});

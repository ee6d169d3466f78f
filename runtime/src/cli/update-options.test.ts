import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { Journal } from '../agent/update/journal.ts';
import { parseArguments } from './arguments.ts';
import type { CommandArguments, CommandConsole } from './command.ts';
import { command as run } from './commands/run.ts';
import { openAgent } from './update-options.ts';

it('says in one line that the root cannot be read', async () => {
  const options: Record<string, string> = { update: '/nowhere', store: 'learned', 'update-root': '/nowhere/root.json' };
  const args = { text: (name: string) => options[name], positionals: ['pump.spike'] } as unknown as CommandArguments;
  const opened = openAgent(args, undefined, {} as CommandConsole, 1e6);
  await expect(opened).rejects.toMatchObject({ code: 'usage', where: '--update-root /nowhere/root.json' });
});

it('refuses a first start without a root, before anything else is done', async () => {
  const words = ['pump.spike', '--in', 'a', '--out', 'b', '--store', '/nowhere/learned', '--update', '/nowhere'];
  const opened = openAgent(parseArguments(run, words), undefined, {} as CommandConsole, 1e6);
  await expect(opened).rejects.toMatchObject({ code: 'usage', where: 'spikewire run --update-root' });
});

it('lets the model run at later starts, even where the root is lost or cannot be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-update-options-'));
  const warn = vi.fn();
  const start = async () => {
    const words = ['pump.spike', '--in', 'a', '--out', 'b', '--store', join(folder, 'learned'), '--update', folder];
    const agent = await openAgent(parseArguments(run, words), undefined, { warn } as unknown as CommandConsole, 1e8);
    await agent?.close();
  };
  const journal = await Journal.open(join(folder, 'learned-update', 'journal'));
  await journal.write({ reason: 'a first entry' });
  await journal.close();
  await expect(start()).resolves.toBeUndefined();
  await rm(join(folder, 'learned-update'), { recursive: true });
  await writeFile(join(folder, 'learned-update'), 'a file in its place');
  await expect(start()).resolves.toBeUndefined();
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('learned-update'), 'update');
  await rm(folder, { recursive: true });
});

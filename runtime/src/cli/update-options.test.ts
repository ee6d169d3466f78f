import { expect, it } from 'vitest';
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

it('refuses options of updates where there are none, and takes their defaults', async () => {
  const open = (...words: string[]) => {
    const args = parseArguments(run, ['pump.spike', '--in', 'a', '--out', 'b', ...words]);
    return openAgent(args, undefined, {} as CommandConsole, 1e6);
  };
  expect(await open()).toBeUndefined();
  await expect(open('--update-every', '60')).rejects.toThrow(
    'spikewire run --update-every: has no effect without --update; expected --update <url>',
  );
});

it('refuses a first start without a root, before anything else is done', async () => {
  const words = ['pump.spike', '--in', 'a', '--out', 'b', '--store', '/nowhere/learned', '--update', '/nowhere'];
  const opened = openAgent(parseArguments(run, words), undefined, {} as CommandConsole, 1e6);
  await expect(opened).rejects.toMatchObject({ code: 'usage', where: 'spikewire run --update-root' });
});

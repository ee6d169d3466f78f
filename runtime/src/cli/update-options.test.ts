import { expect, it } from 'vitest';
import type { CommandArguments, CommandConsole } from './command.ts';
import { openAgent } from './update-options.ts';

it('says in one line that the root cannot be read', async () => {
  const options: Record<string, string> = { update: '/nowhere', store: 'learned', 'update-root': '/nowhere/root.json' };
  const args = { text: (name: string) => options[name], positionals: ['pump.spike'] } as unknown as CommandArguments;
  const opened = openAgent(args, undefined, {} as CommandConsole, 1e6);
  await expect(opened).rejects.toMatchObject({ code: 'usage', where: '--update-root /nowhere/root.json' });
});

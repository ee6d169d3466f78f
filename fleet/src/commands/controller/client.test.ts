import { join } from 'node:path';
import type { CommandArguments } from 'spikewire/cli';
import { expect, it } from 'vitest';
import { ControllerClient } from './client.ts';

const clientWith = (options: Readonly<Record<string, string>>) =>
  ControllerClient.of({ text: (name) => options[name] } as CommandArguments);

it('says where a token comes from if nobody has named its file', async () => {
  await expect(clientWith({})).rejects.toMatchObject({
    code: 'usage',
    message:
      'token file controller/administrator.token: does not exist; expected the folder in which "spikewire fleet serve" ' +
      'runs, or --token-file <file>',
  });
  const file = join(import.meta.dirname, 'absent.token');
  await expect(clientWith({ 'token-file': file })).rejects.toMatchObject({
    message: `token file ${file}: does not exist; expected an existing file`,
  });
});

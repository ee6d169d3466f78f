import { readFile } from 'node:fs/promises';

/** Shells of accounts that nobody can log in to, and of those that only halt the machine or write out its files. */
const NO_LOGIN = /\/(nologin|false|sync|halt|shutdown)$/;

/**
 * Whether somebody else than the user of this process and root can log in to this machine, by its list of accounts.
 * Accounts of a directory service are not in it. Where there is no such list, somebody can.
 */
export async function hasOtherUsers(list = '/etc/passwd', user = process.getuid?.()): Promise<boolean> {
  const lines = await readFile(list, 'utf8').then(
    (text) => text.split('\n'),
    () => undefined,
  );
  if (lines === undefined || process.platform !== 'linux') return true;
  return lines.some((line) => {
    const [name = '', , id = '', , , , shell = ''] = line.trimEnd().split(':');
    if (name === '' || name.startsWith('#')) return false;
    return ![0, user].includes(Number(id)) && !NO_LOGIN.test(shell);
  });
}

import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SpikewireError } from '@spikewire/models';

const LARGEST = 1 << 16;
const LARGEST_OF_A_LINE = 1 << 12;
/** Permissions of anybody but the owner. */
const OTHERS = 0o077;
/** What systemd hands to a service it lets that read by an access list, which shows as a right of the group. */
const OTHERS_OF_A_CREDENTIAL = 0o037;

/**
 * The text of a small file that nobody but its owner may read. Throws `usage`.
 * @param what how an error names the file, such as `secret file`
 */
export async function readOwnersFile(path: string, what: string, largest = LARGEST): Promise<string> {
  const where = `${what} ${path}`;
  const present = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`;
    throw new SpikewireError('usage', where, problem, 'an existing file', cause);
  });
  if (!present.isFile() || present.size > largest) {
    throw new SpikewireError('usage', where, 'is not a small file', `a file of at most ${largest} bytes`);
  }
  if (process.platform !== 'win32' && (present.mode & othersOf(path)) !== 0) {
    const mode = (present.mode & 0o777).toString(8).padStart(4, '0');
    throw new SpikewireError('usage', where, `is accessible to other users (mode ${mode})`, 'mode 0600 or 0400');
  }
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SpikewireError('usage', where, `cannot be read (${cause.code})`, 'a file that this user may read', cause);
  });
}

function othersOf(path: string): number {
  const credentials = process.env.CREDENTIALS_DIRECTORY;
  return credentials !== undefined && dirname(path) === credentials ? OTHERS_OF_A_CREDENTIAL : OTHERS;
}

/** The first line of such a file. Throws `usage`. */
export async function readOwnersLine(path: string, what: string): Promise<string> {
  const text = await readOwnersFile(path, what, LARGEST_OF_A_LINE);
  return text.split(/\r?\n/, 1)[0]!;
}

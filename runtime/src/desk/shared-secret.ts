import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/** Long enough that nobody finds it by trying. */
const SHORTEST = 16;
const LARGEST_FILE = 4096;
/** Permissions of anybody but the owner. */
const OTHERS = 0o077;

/**
 * A word that sender and receiver know. Only its digest is kept, and how long a comparison takes says nothing about it.
 */
export class SharedSecret {
  readonly #digest: Uint8Array;

  /** @param where what it came from, for the error; @throws SpikewireError `usage` where it is too short */
  constructor(secret: string, where: string) {
    if (secret.length < SHORTEST) {
      throw new SpikewireError(
        'usage',
        where,
        `has a secret of ${secret.length} characters`,
        `${SHORTEST} or more, such as those of "openssl rand -hex 16"`,
      );
    }
    this.#digest = digest(secret);
  }

  matches(given: unknown): boolean {
    return typeof given === 'string' && timingSafeEqual(digest(given), this.#digest);
  }
}

/** The secret in the first line of a file that nobody but its owner may read. Throws `usage`. */
export async function readSecretFile(path: string): Promise<SharedSecret> {
  return new SharedSecret(await readSecretWord(path), `secret file ${path}`);
}

/** The same in words, for one who has to say it. Throws `usage`. */
export async function readSecretWord(path: string): Promise<string> {
  const where = `secret file ${path}`;
  const present = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new SpikewireError('usage', where, `cannot be read (${cause.code})`, 'a file with the secret', cause);
  });
  if (!present.isFile() || present.size > LARGEST_FILE) {
    throw new SpikewireError('usage', where, 'is no small file', 'a file with one line');
  }
  if (process.platform !== 'win32' && (present.mode & OTHERS) !== 0) {
    const mode = (present.mode & 0o777).toString(8).padStart(4, '0');
    throw new SpikewireError('usage', where, `may be used by others (mode ${mode})`, 'mode 0600 or 0400');
  }
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SpikewireError('usage', where, `cannot be read (${cause.code})`, 'a file that this user may read', cause);
  });
  return text.split(/\r?\n/, 1)[0]!;
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

import { createHash, timingSafeEqual } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import { readOwnersLine } from '../owners-file.ts';

/** Long enough that nobody finds it by trying. */
const SHORTEST = 16;

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
        `has ${secret.length} characters`,
        `${SHORTEST} or more, such as the output of "openssl rand -hex 16"`,
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
export function readSecretWord(path: string): Promise<string> {
  return readOwnersLine(path, 'secret file');
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

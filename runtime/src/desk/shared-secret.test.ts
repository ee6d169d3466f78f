import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecretFile, SharedSecret } from './shared-secret.ts';

const word = '0123456789abcdef';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-secret-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function file(text: string, mode = 0o600): Promise<string> {
  const path = join(folder, 'secret');
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

describe('shared secret', () => {
  it('is matched by itself and by nothing else', () => {
    const secret = new SharedSecret(word, 'test');
    expect(secret.matches(word)).toBe(true);
    fc.assert(fc.property(fc.anything(), (given) => secret.matches(given) === (given === word)));
    for (const near of [`${word} `, word.slice(1), word.toUpperCase(), [word], Buffer.from(word)]) {
      expect(secret.matches(near)).toBe(false);
    }
  });

  it('is not shown, neither by an error nor by what is printed of it', () => {
    expect(() => new SharedSecret('too short', 'test')).toThrow(/^test: has 9 characters; expected 16/);
    expect(JSON.stringify(new SharedSecret(word, 'test'))).toBe('{}');
  });

  it('is the first line of a file of its owner', async () => {
    expect((await readSecretFile(await file(`${word}\r\nmore`))).matches(word)).toBe(true);
    expect((await readSecretFile(await file(word, 0o400))).matches(word)).toBe(true);
  });

  it.each([0o640, 0o604, 0o660, 0o610])('is not taken from a file of mode %o', async (mode) => {
    await expect(readSecretFile(await file(word, mode))).rejects.toThrow(
      `is accessible to other users (mode 0${mode.toString(8)}); expected mode 0600 or 0400`,
    );
  });

  it('is not taken from what is not a file, or a large one', async () => {
    await expect(readSecretFile(folder)).rejects.toThrow('is not a small file');
    await expect(readSecretFile(await file('x'.repeat(5000)))).rejects.toThrow('is not a small file');
    await expect(readSecretFile(join(folder, 'absent'))).rejects.toThrow('does not exist; expected an existing file');
  });
});

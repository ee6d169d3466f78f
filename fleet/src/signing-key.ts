import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { keyId, keyTree, type PublicKey } from 'spikewire/agent';
import { readOwnersFile } from 'spikewire/cli';

/** An Ed25519 key that signs, from a file of its owner. */
export interface SigningKey extends PublicKey {
  /** Its file. */
  readonly path: string;
  /** 64 bytes in hex. */
  sign(message: Uint8Array): string;
}

const ENDING = '.pem';
/** Bytes of an Ed25519 public key, at the end of its DER form. */
const KEY_BYTES = 32;

/**
 * Makes a key and keeps it in a file of its own, `<folder>/<name>.pem`, readable only by its owner: PKCS #8, encrypted
 * where there is a passphrase. Rejects with `file` where the file exists.
 */
export async function createKey(folder: string, name: string, passphrase?: string): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  const path = join(folder, name + ENDING);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = privateKey.export({ format: 'pem', type: 'pkcs8', ...encryption });
  await writeFile(path, text, { flag: 'wx', mode: 0o600 }).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === 'EEXIST' ? 'exists already' : `cannot be written (${cause.code})`;
    throw new SpikewireError('file', `key ${path}`, problem, 'a new file', cause);
  });
  return signingKey(path, privateKey);
}

/**
 * All keys of a folder, by name of their file. Rejects with `usage` where there are none or one cannot be read.
 * @param passesOverEncrypted leaves out keys whose passphrase is not given
 */
export async function readKeys(
  folder: string,
  passphrase?: string,
  passesOverEncrypted = false,
): Promise<readonly SigningKey[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') return [];
    const expected = `the folder with the keys of "spikewire fleet init", such as targets-1${ENDING}`;
    throw new SpikewireError('usage', `--keys ${folder}`, 'does not exist', expected, cause);
  });
  const files = names.filter((name) => name.endsWith(ENDING)).sort();
  if (files.length === 0) {
    throw new SpikewireError(
      'usage',
      `--keys ${folder}`,
      'has no keys',
      `a folder with files such as targets-1${ENDING}`,
    );
  }
  const keys = await Promise.all(files.map((name) => readKey(join(folder, name), passphrase, passesOverEncrypted)));
  return keys.filter((key) => key !== undefined);
}

async function readKey(
  path: string,
  passphrase: string | undefined,
  passesOverEncrypted: boolean,
): Promise<SigningKey | undefined> {
  const text = await readOwnersFile(path, 'key');
  const isEncrypted = text.includes('ENCRYPTED');
  if (isEncrypted && passphrase === undefined) {
    if (passesOverEncrypted) return undefined;
    throw new SpikewireError('usage', `key ${path}`, 'is encrypted', 'its passphrase with --passphrase-file');
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, ...(isEncrypted && { passphrase }) });
  } catch (cause) {
    const problem = isEncrypted ? 'cannot be decrypted with this passphrase' : 'is not a private key';
    throw new SpikewireError('usage', `key ${path}`, problem, 'an Ed25519 key in PEM', cause);
  }
  if (key.asymmetricKeyType === 'ed25519') return signingKey(path, key);
  throw new SpikewireError('usage', `key ${path}`, `is of the type ${key.asymmetricKeyType}`, 'Ed25519');
}

function signingKey(path: string, key: KeyObject): SigningKey {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const bytes = der.subarray(-KEY_BYTES).toString('hex');
  return {
    path,
    bytes,
    id: keyId(keyTree(bytes), `key ${path}`),
    sign: (message) => sign(null, message, key).toString('hex'),
  };
}

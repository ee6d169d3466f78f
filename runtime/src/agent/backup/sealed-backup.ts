import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import { deviceId } from '../fleet/signed-request.ts';
import { isSignedBy, rawPublicKey } from '../repository/keys.ts';

/*
 * A sealed backup is what a device gives to its controller: encrypted for a recovery key (X25519) that only the
 * operator has, and signed by the device. Little-endian:
 *
 *   offset  size  field
 *        0     8  magic "SPIKBKUP"
 *        8     4  format version
 *       12     4  length n of the encrypted content with its tag, in bytes
 *       16    32  public key of the device (Ed25519)
 *       48    32  public recovery key (X25519)
 *       80    32  public key that was made for this backup (X25519)
 *      112     n  the content by AES-256-GCM, with its tag in the last 16 bytes; the header is authenticated with it
 *    112+n    64  signature of the device (Ed25519) over {@link signedText}
 *
 * Key and nonce are the first 32 and the next 12 bytes of HKDF-SHA-256 of what both X25519 keys agree on, without a
 * salt, with "spikewire backup 1" and the header as information. So each key is used once, and a backup of one device
 * cannot be passed off as that of another one.
 */
const MAGIC = 'SPIKBKUP';
const FORMAT_VERSION = 1;
const VERSION_AT = 8;
const LENGTH_AT = 12;
const DEVICE_AT = 16;
const RECOVERY_AT = 48;
const ONCE_AT = 80;
const CONTENT_AT = 112;
const TAG_BYTES = 16;
const SIGNATURE_BYTES = 64;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const CONTEXT = 'spikewire backup 1';

/** Of a sealed backup, in bytes: all that a device keeps of its machines. */
export const LARGEST_BACKUP = 2 ** 22;
/** What sealing adds to a content. */
export const SEALING_BYTES = CONTENT_AT + TAG_BYTES + SIGNATURE_BYTES;

/** Whose backup it is, and by which key it is signed. */
export interface Sealer {
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  readonly key: KeyObject;
}

/** @param recovery public X25519 key of the operator */
export function sealBackup(content: Uint8Array, device: Sealer, recovery: KeyObject): Buffer {
  const once = generateKeyPairSync('x25519');
  const sealed = Buffer.alloc(SEALING_BYTES + content.byteLength);
  sealed.write(MAGIC, 'latin1');
  sealed.writeUInt32LE(FORMAT_VERSION, VERSION_AT);
  sealed.writeUInt32LE(content.byteLength + TAG_BYTES, LENGTH_AT);
  sealed.write(device.publicKey, DEVICE_AT, 'hex');
  rawPublicKey(recovery).copy(sealed, RECOVERY_AT);
  rawPublicKey(once.publicKey).copy(sealed, ONCE_AT);
  const header = sealed.subarray(0, CONTENT_AT);
  const { key, nonce } = secretsOf(diffieHellman({ privateKey: once.privateKey, publicKey: recovery }), header);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(header);
  const at = CONTENT_AT + cipher.update(content).copy(sealed, CONTENT_AT);
  const end = at + cipher.final().copy(sealed, at);
  cipher.getAuthTag().copy(sealed, end);
  const signature = sign(null, signedText(sealed.subarray(0, -SIGNATURE_BYTES)), device.key);
  signature.copy(sealed, sealed.length - SIGNATURE_BYTES);
  return sealed;
}

/**
 * The content of a backup that the device has made, unchanged. Throws `file` where it is damaged or of another version,
 * and `access` where it is another device's or for another recovery key. Any bytes give a content or one of these.
 *
 * @param device id of the device whose backup is expected
 * @param recovery private X25519 key of the operator
 */
export function openBackup(bytes: Uint8Array, device: string, recovery: KeyObject): Uint8Array {
  const sealed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expectWhole(sealed);
  const publicKey = sealed.toString('hex', DEVICE_AT, RECOVERY_AT);
  const id = deviceId(publicKey);
  if (id !== device) throw new SpikewireError('access', 'backup', `is that of the device ${id}`, `of ${device}`);
  const signed = sealed.subarray(0, -SIGNATURE_BYTES);
  if (!isSignedBy({ id, bytes: publicKey }, signedText(signed), sealed.toString('hex', signed.length)))
    throw new SpikewireError('file', 'backup', 'was changed after its device had made it', 'the file as it was');
  if (!rawPublicKey(recovery).equals(sealed.subarray(RECOVERY_AT, ONCE_AT)))
    throw new SpikewireError(
      'access',
      'backup',
      'was encrypted for another recovery key',
      'the private part of that key',
    );
  try {
    return decrypted(signed, recovery);
  } catch (cause) {
    throw new SpikewireError('file', 'backup', 'cannot be decrypted', 'one that a device has made', cause);
  }
}

function expectWhole(sealed: Buffer): void {
  if (sealed.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new SpikewireError('file', 'backup', 'does not begin like a backup of a device', `"${MAGIC}"`);
  const least = `at least ${SEALING_BYTES}`;
  if (sealed.length < SEALING_BYTES)
    throw new SpikewireError('file', 'backup', `is truncated: it has ${sealed.length} bytes`, least);
  const version = sealed.readUInt32LE(VERSION_AT);
  if (version !== FORMAT_VERSION)
    throw new SpikewireError('file', 'backup', `has the format version ${version}`, `${FORMAT_VERSION}`);
  const length = CONTENT_AT + sealed.readUInt32LE(LENGTH_AT) + SIGNATURE_BYTES;
  if (sealed.length === length) return;
  const problem = sealed.length < length ? 'is truncated: it has' : 'has';
  throw new SpikewireError('file', 'backup', `${problem} ${sealed.length} bytes`, `${length}`);
}

function decrypted(signed: Buffer, recovery: KeyObject): Uint8Array {
  const header = signed.subarray(0, CONTENT_AT);
  const once = createPublicKey({ key: jwk(signed.subarray(ONCE_AT, CONTENT_AT)), format: 'jwk' });
  const { key, nonce } = secretsOf(diffieHellman({ privateKey: recovery, publicKey: once }), header);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(header);
  decipher.setAuthTag(signed.subarray(-TAG_BYTES));
  const content = decipher.update(signed.subarray(CONTENT_AT, -TAG_BYTES));
  decipher.final(); // throws where anything is not as it was
  return new Uint8Array(content);
}

function secretsOf(agreed: Uint8Array, header: Uint8Array) {
  const information = Buffer.concat([Buffer.from(CONTEXT), header]);
  const bytes = Buffer.from(hkdfSync('sha256', agreed, '', information, KEY_BYTES + NONCE_BYTES));
  return { key: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) };
}

/** Begins otherwise than what is signed of a request, so that neither passes for the other. */
function signedText(signed: Uint8Array): Buffer {
  return Buffer.from(`${CONTEXT}\n${createHash('sha256').update(signed).digest('hex')}\n`);
}

function jwk(raw: Uint8Array) {
  return { kty: 'OKP', crv: 'X25519', x: Buffer.from(raw).toString('base64url') };
}

/** A new recovery key in PEM: the private part for the operator, the public one for devices. */
export function newRecoveryKey(): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  };
}

/** The public part of a recovery key. Throws `usage`, also for the private part, which devices must not have. */
export function readPublicRecoveryKey(pem: string, where: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) {
    const expected = 'its public part, which ends in .pub; keep the private one away from devices';
    throw new SpikewireError('usage', where, 'is the private part of a recovery key', expected);
  }
  return expectX25519(() => createPublicKey(pem), where, 'the public part of a recovery key');
}

/** The private part of a recovery key. Throws `usage`. */
export function readPrivateRecoveryKey(pem: string, where: string): KeyObject {
  return expectX25519(() => createPrivateKey(pem), where, 'the private part of a recovery key');
}

function expectX25519(read: () => KeyObject, where: string, expected: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    // no key at all
  }
  if (key?.asymmetricKeyType === 'x25519') return key;
  throw new SpikewireError('usage', where, 'is not such a key', `${expected} of "spikewire fleet backup-key"`);
}

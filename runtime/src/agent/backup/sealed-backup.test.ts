import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceId } from '../fleet/signed-request.ts';
import {
  newRecoveryKey,
  openBackup,
  readPrivateRecoveryKey,
  readPublicRecoveryKey,
  SEALING_BYTES,
  sealBackup,
} from './sealed-backup.ts';

function newDevice() {
  const { publicKey, privateKey: key } = generateKeyPairSync('ed25519');
  const hex = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('hex');
  return { publicKey: hex, key, id: deviceId(hex) };
}

const [pi, other, recovery] = [newDevice(), newDevice(), newRecoveryKey()];
const forDevices = readPublicRecoveryKey(recovery.publicKey, 'key');
const ofOperator = readPrivateRecoveryKey(recovery.privateKey, 'key');
const seal = (content: Uint8Array, device = pi, key: KeyObject = forDevices) => sealBackup(content, device, key);

/** Why a backup is refused. */
function refusal(bytes: Uint8Array, { id } = pi, key = ofOperator): SpikewireError {
  try {
    openBackup(bytes, id, key);
  } catch (failure) {
    expect(failure).toBeInstanceOf(SpikewireError);
    expect((failure as Error).message).not.toContain('\n');
    return failure as SpikewireError;
  }
  throw new Error('it was opened');
}

describe('a sealed backup', () => {
  it('is opened with the private key as it was, and has nothing of its content in clear', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (content) => {
        const sealed = seal(content);
        expect(sealed).toHaveLength(SEALING_BYTES + content.length);
        expect(openBackup(sealed, pi.id, ofOperator)).toEqual(content);
        if (content.length >= 8) expect(sealed.includes(Buffer.from(content))).toBe(false);
      }),
    );
  });

  it('is another one each time, so that equal contents are not recognised', () => {
    const content = randomBytes(100);
    const [one, two] = [seal(content), seal(content)];
    expect(one.subarray(80).equals(two.subarray(80))).toBe(false);
    expect(one.subarray(112, 128).equals(two.subarray(112, 128))).toBe(false);
  });

  it('is refused where a single bit differs', () => {
    const sealed = seal(randomBytes(40));
    for (let at = 0; at < sealed.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const changed = Uint8Array.from(sealed);
        changed[at]! ^= 1 << bit;
        expect(['file', 'access']).toContain(refusal(changed).code);
      }
  });

  it('is refused where it is truncated, longer, or anything else', () => {
    const sealed = seal(randomBytes(40));
    for (let length = 8; length < sealed.length; length++)
      expect(refusal(sealed.subarray(0, length)).message).toContain('is truncated');
    expect(refusal(Buffer.concat([sealed, Buffer.of(0)])).code).toBe('file');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => refusal(bytes).code === 'file'));
  });

  it('is refused as that of another device, also where that one has signed it', () => {
    const sealed = seal(randomBytes(40));
    expect(refusal(sealed, other)).toMatchObject({
      code: 'access',
      message: `backup: is that of the device ${pi.id}; expected of ${other.id}`,
    });
    // Another device takes what was encrypted, and puts its own key and signature around it.
    const stolen = seal(Buffer.alloc(40), other);
    sealed.copy(stolen, 80, 80, sealed.length - 64);
    expect(refusal(resigned(stolen, other), other).message).toContain('cannot be decrypted');
  });

  it('is refused with another recovery key', () => {
    const another = readPrivateRecoveryKey(newRecoveryKey().privateKey, 'key');
    expect(refusal(seal(randomBytes(40)), pi, another)).toMatchObject({
      code: 'access',
      message: expect.stringContaining('was encrypted for another recovery key'),
    });
  });

  it('is refused where its device has signed a key that agrees on nothing', () => {
    const sealed = seal(randomBytes(40));
    sealed.fill(0, 80, 112);
    expect(refusal(resigned(sealed, pi)).message).toContain('cannot be decrypted');
  });
});

/** By the description of the format, without the code of it. */
function resigned(sealed: Buffer, { key }: { key: KeyObject }): Buffer {
  const end = sealed.length - 64;
  const hash = createHash('sha256').update(sealed.subarray(0, end)).digest('hex');
  return Buffer.concat([sealed.subarray(0, end), sign(null, Buffer.from(`spikewire backup 1\n${hash}\n`), key)]);
}

describe('a recovery key', () => {
  it('has a private part, which devices refuse, and a public one', () => {
    expect(() => readPublicRecoveryKey(recovery.privateKey, 'a.pem')).toThrow(/a\.pem: is the private part/);
    expect(() => readPrivateRecoveryKey(recovery.publicKey, 'a.pub')).toThrow(/a\.pub: is not such a key/);
    const ed25519 = generateKeyPairSync('ed25519');
    const pem = createPublicKey(ed25519.privateKey).export({ format: 'pem', type: 'spki' }) as string;
    for (const text of [pem, '', 'no key', 'x'.repeat(4000)])
      expect(() => readPublicRecoveryKey(text, 'a.pub')).toThrow(SpikewireError);
  });
});

import {
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
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

  it('is laid out and encrypted as docs/fleet-protocol.md says', () => {
    const content = randomBytes(1000);
    const sealed = seal(content);
    const end = sealed.length - 64;
    const numbers = [sealed.readUInt32LE(8), sealed.readUInt32LE(12)];
    expect([sealed.toString('latin1', 0, 8), ...numbers]).toEqual(['SPIKBKUP', 1, end - 112]);
    expect(sealed.toString('hex', 16, 48)).toBe(pi.publicKey);
    // RFC 8410: what stands before the 32 bytes of a key.
    const der = (prefix: string, at: number) =>
      Buffer.concat([Buffer.from(prefix, 'hex'), sealed.subarray(at, at + 32)]);
    const x25519 = (at: number) =>
      createPublicKey({ key: der('302a300506032b656e032100', at), format: 'der', type: 'spki' });
    expect(x25519(48).equals(forDevices)).toBe(true);
    const agreed = diffieHellman({ privateKey: ofOperator, publicKey: x25519(80) });
    const header = sealed.subarray(0, 112);
    // RFC 5869 by its two steps.
    const hmac = (key: Uint8Array, ...parts: Uint8Array[]) =>
      createHmac('sha256', key).update(Buffer.concat(parts)).digest();
    const information = Buffer.concat([Buffer.from('spikewire backup 1'), header]);
    const random = hmac(new Uint8Array(32), agreed);
    const first = hmac(random, information, Buffer.of(1));
    const second = hmac(random, first, information, Buffer.of(2));
    const decipher = createDecipheriv('aes-256-gcm', first, second.subarray(0, 12)).setAAD(header);
    decipher.setAuthTag(sealed.subarray(end - 16, end));
    expect(Buffer.concat([decipher.update(sealed.subarray(112, end - 16)), decipher.final()])).toEqual(content);
    const text = `spikewire backup 1\n${createHash('sha256').update(sealed.subarray(0, end)).digest('hex')}\n`;
    const key = createPublicKey({ key: der('302a300506032b6570032100', 16), format: 'der', type: 'spki' });
    expect(verify(null, Buffer.from(text), key, sealed.subarray(end))).toBe(true);
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

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { JsonTree } from '@spikewire/models';
import { canonicalJson } from './canonical-json.ts';

/** An Ed25519 key as TUF writes it. */
export interface PublicKey {
  /** SHA-256 of the key's canonical form, in hex. */
  readonly id: string;
  /** 32 bytes in hex. */
  readonly bytes: string;
}

/** What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410). */
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The key in the form that `root` lists. */
export function keyTree(bytes: string): JsonTree {
  return new Map<string, JsonTree>([
    ['keytype', 'ed25519'],
    ['keyval', new Map([['public', bytes]])],
    ['scheme', 'ed25519'],
  ]);
}

/** The id of a key in the form that `root` lists, which other tools may have written with more fields. */
export function keyId(tree: JsonTree, where: string): string {
  return createHash('sha256').update(canonicalJson(tree, where)).digest('hex');
}

/** Whether the signature, 64 bytes in hex, is that of the key over the message. Total: false for anything malformed. */
export function isSignedBy({ bytes }: PublicKey, message: Uint8Array, signature: string): boolean {
  if (!/^[0-9a-f]{128}$/.test(signature)) return false;
  try {
    return verify(null, message, keyObject(bytes), Buffer.from(signature, 'hex'));
  } catch {
    return false; // not every 32 bytes are a key
  }
}

/** The 32 bytes of the public part of an Ed25519 or X25519 key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url');
}

function keyObject(bytes: string): KeyObject {
  return createPublicKey({ key: Buffer.concat([DER_PREFIX, Buffer.from(bytes, 'hex')]), format: 'der', type: 'spki' });
}

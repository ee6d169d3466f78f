import { createHash, type KeyObject, sign } from 'node:crypto';
import { isSignedBy } from '../repository/keys.ts';

/** Headers of a request by a device. */
export const DEVICE_HEADER = 'spikewire-device';
export const COUNTER_HEADER = 'spikewire-counter';
export const SIGNATURE_HEADER = 'spikewire-signature';

export interface SignedRequest {
  /** Such as `/v1/report`, without host and query. */
  readonly path: string;
  /** Id of the device. */
  readonly device: string;
  /** Higher with each request of the device, so that a repeated request is refused; < 2⁵³. */
  readonly counter: number;
  readonly body: Uint8Array;
}

/** The id of a device: the first 128 bits of the SHA-256 of its public key, in hex. Nobody can choose another's. */
export function deviceId(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'hex')).digest('hex').slice(0, 32);
}

/** The signature of a POST request, 64 bytes in hex. */
export function signRequest(request: SignedRequest, key: KeyObject): string {
  return sign(null, signedText(request), key).toString('hex');
}

/**
 * Whether the key has signed the request.
 * @param publicKey Ed25519, 32 bytes in hex
 */
export function isRequestSignedBy(publicKey: string, request: SignedRequest, signature: string): boolean {
  return isSignedBy({ id: '', bytes: publicKey }, signedText(request), signature);
}

/** One line for each value: none of them can hold a line break. */
function signedText({ path, device, counter, body }: SignedRequest): Buffer {
  const hash = createHash('sha256').update(body).digest('hex');
  return Buffer.from(['spikewire request 1', 'POST', path, device, counter, hash, ''].join('\n'));
}

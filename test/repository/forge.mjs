/**
 * Metadata of TUF 1.0 by hand, right or wrong as a test likes, with no code of the product: nothing here checks
 * anything.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

const DAY_MS = 86_400_000;

export function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const bytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  const listed = { keytype: 'ed25519', keyval: { public: bytes }, scheme: 'ed25519' };
  return { id: sha256(canonical(listed)), listed, sign: (message) => sign(null, message, privateKey).toString('hex') };
}

/** Names here are ASCII, so that the order of JavaScript is that of code points. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (typeof value === 'string') return `"${value.replace(/[\\"]/g, '\\$&')}"`;
  if (typeof value !== 'object' || value === null) return `${value}`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonical(name)}:${canonical(value[name])}`)}}`;
}

export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A file with the signatures of the keys over what it says. */
export function signedFile(signed, keys) {
  const message = Buffer.from(canonical(signed));
  const signatures = [...new Set(keys)].map((key) => ({ keyid: key.id, sig: key.sign(message) }));
  return Buffer.from(JSON.stringify({ signatures, signed }));
}

/** What all roles say. */
export function part(role, version, days, more) {
  const expires = `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 19)}Z`;
  return { _type: role, spec_version: '1.0.31', version, expires, ...more };
}

/** @param {Buffer} file */
export function reference(file, version) {
  return { version, length: file.length, hashes: { sha256: sha256(file) } };
}

/** What a root says. */
export function rootPart(version, keys, { thresholds = {}, days = 365 } = {}) {
  const all = Object.values(keys).flat();
  const roles = Object.entries(keys).map(([role, own]) => [
    role,
    { keyids: own.map(({ id }) => id), threshold: thresholds[role] ?? 1 },
  ]);
  return part('root', version, days, {
    consistent_snapshot: true,
    keys: Object.fromEntries(all.map(({ id, listed }) => [id, listed])),
    roles: Object.fromEntries(roles),
  });
}

/** The files of a release, by path: targets, snapshot and timestamp with these versions, and models by name. */
export function release(keys, versions, models, { days = {}, custom, meta = {} } = {}) {
  const entries = Object.entries(models).map(([name, bytes]) => [
    name,
    { length: bytes.length, hashes: { sha256: sha256(bytes) }, ...(custom && { custom }) },
  ]);
  const list = part('targets', versions.targets, days.targets ?? 90, { targets: Object.fromEntries(entries) });
  const targets = signedFile(list, keys.targets);
  const named = { 'targets.json': reference(targets, versions.targets), ...meta };
  const snapshot = signedFile(part('snapshot', versions.snapshot, days.snapshot ?? 7, { meta: named }), keys.snapshot);
  const latest = { 'snapshot.json': reference(snapshot, versions.snapshot) };
  const timestamp = signedFile(
    part('timestamp', versions.timestamp, days.timestamp ?? 1, { meta: latest }),
    keys.timestamp,
  );
  return {
    [`metadata/${versions.targets}.targets.json`]: targets,
    [`metadata/${versions.snapshot}.snapshot.json`]: snapshot,
    'metadata/timestamp.json': timestamp,
    ...Object.fromEntries(Object.entries(models).map(([name, bytes]) => [`targets/${sha256(bytes)}.${name}`, bytes])),
  };
}

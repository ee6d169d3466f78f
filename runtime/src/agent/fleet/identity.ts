import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { readOwnersFile } from '../../owners-file.ts';
import { replaceDurably } from '../../store/durable-file.ts';
import { nodeFileSystem, storeFailure, systemCode } from '../../store/file-system.ts';
import { rawPublicKey } from '../repository/keys.ts';
import { deviceId } from './signed-request.ts';

/** What a person says of the controller when a device starts; what is absent stays as it was. */
export interface Membership {
  /** Address of the controller. */
  readonly controller?: string | undefined;
  /** A token by which the device joins once. */
  readonly token?: string | undefined;
  /** What people call the device. Default: that of the computer. */
  readonly name?: string | undefined;
}

/** As `fleet/identity.json` has it. */
interface Kept {
  readonly format: 1;
  readonly controller: string;
  readonly name: string;
  /** Ed25519, PKCS #8 in Base64. */
  readonly privateKey: string;
  /** To join with; null when that is done. */
  readonly token: string | null;
  /** SHA-256 of the token by which the device has joined, so that the same one at the next start is no new one. */
  readonly joinedWith: string | null;
}

/** Of a name for people, in characters. */
const LONGEST_NAME = 64;
const TOKEN = /^[\w.~-]{1,512}$/;

interface OwnKey {
  readonly key: KeyObject;
  readonly publicKey: string;
  readonly device: string;
}

/**
 * Who a device is to its controller: a key that never leaves the folder, and the address. It is durable before it is
 * used, so joining can be repeated after a crash or a lost answer: the same key gets the same id.
 */
export class Identity {
  readonly #path: string;
  #kept: Kept;
  #own: OwnKey;

  /**
   * That of the folder, changed by what a person says; undefined where there is none and nothing is said. Rejects with
   * `usage` where the first start lacks a token, or others may read the file, and with `store` where it cannot be kept.
   */
  static async open(folder: string, said: Membership = {}): Promise<Identity | undefined> {
    const path = join(folder, 'identity.json');
    const before = await readKept(path);
    if (before === undefined && said.controller === undefined) return undefined;
    const kept = merged(before, said);
    const identity = new Identity(path, kept);
    if (JSON.stringify(kept) !== JSON.stringify(before)) await identity.#keep(kept);
    return identity;
  }

  private constructor(path: string, kept: Kept) {
    [this.#path, this.#kept, this.#own] = [path, kept, ownKey(kept)];
  }

  get key(): KeyObject {
    return this.#own.key;
  }

  /** 32 bytes in hex. */
  get publicKey(): string {
    return this.#own.publicKey;
  }

  get device(): string {
    return this.#own.device;
  }

  get controller(): string {
    return this.#kept.controller;
  }

  get name(): string {
    return this.#kept.name;
  }

  /** To join with; undefined when that is done. */
  get token(): string | undefined {
    return this.#kept.token ?? undefined;
  }

  /** Forgets the token: the device has joined. */
  async joined(): Promise<void> {
    const { token } = this.#kept;
    if (token !== null) await this.#keep({ ...this.#kept, token: null, joinedWith: hashOf(token) });
  }

  /** Makes a new key, and thereby another device of this one; the token stays. */
  async renew(): Promise<void> {
    await this.#keep({ ...this.#kept, privateKey: newKey() });
    this.#own = ownKey(this.#kept);
  }

  async #keep(kept: Kept): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(kept)}\n`);
    await replaceDurably(this.#path, bytes, nodeFileSystem).catch((failure: unknown) => {
      throw storeFailure(this.#path, 'write it', failure);
    });
    this.#kept = kept;
  }
}

function merged(before: Kept | undefined, said: Membership): Kept {
  const { token } = said;
  const controller = said.controller ?? before!.controller;
  expectAddress(controller);
  if (token !== undefined && !TOKEN.test(token))
    throw new SpikewireError('usage', 'token of the controller', 'is malformed', 'one line of "spikewire fleet token"');
  if (before === undefined && token === undefined) {
    const problem = 'is new to this device, which needs a token to join';
    throw new SpikewireError(
      'usage',
      `controller ${controller}`,
      problem,
      '--join with one of "spikewire fleet token"',
    );
  }
  const kept = before ?? { format: 1, privateKey: newKey(), token: null, joinedWith: null };
  const isNew = token !== undefined && hashOf(token) !== kept.joinedWith;
  return {
    ...{ ...kept, controller },
    name: (said.name ?? before?.name ?? hostname()).slice(0, LONGEST_NAME),
    token: isNew ? token : kept.token,
  };
}

/** Throws `usage`. */
function expectAddress(address: string): void {
  const url = /^https?:\/\//i.test(address) && URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && url.username === '' && url.password === '' && !/[?#]/.test(address)) return;
  const expected = 'http://… or https://… without a name, a password, "?" and "#"';
  throw new SpikewireError('usage', 'address of the controller', 'is malformed', expected);
}

function ownKey({ privateKey }: Kept): OwnKey {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  const publicKey = rawPublicKey(key).toString('hex');
  return { key, publicKey, device: deviceId(publicKey) };
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

async function readKept(path: string): Promise<Kept | undefined> {
  const text = await readOwnersFile(path, 'identity').catch((failure: SpikewireError) => {
    if (systemCode(failure.cause) === 'ENOENT') return undefined;
    throw failure;
  });
  return text === undefined ? undefined : keptIn(text, path);
}

/** Throws `store`: without its key the device has to join again, which only a person can want. */
function keptIn(text: string, path: string): Kept {
  const damaged = new SpikewireError('store', path, 'is damaged', 'the file as it was, or none, and a new token');
  let said: Partial<Record<keyof Kept, unknown>>;
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    throw damaged;
  }
  const { controller, name, privateKey, token, joinedWith } = said ?? {};
  const isText = (each: unknown) => typeof each === 'string';
  const isSound =
    [controller, name, privateKey].every(isText) && [token, joinedWith].every((each) => each === null || isText(each));
  if (!isSound) throw damaged;
  try {
    createPrivateKey({ key: Buffer.from(privateKey as string, 'base64'), format: 'der', type: 'pkcs8' });
  } catch {
    throw damaged;
  }
  return { format: 1, controller, name, privateKey, token, joinedWith } as Kept;
}

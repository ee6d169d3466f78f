import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';

/** A base on trial on a machine, or in the probation after it, with its counts. */
interface Trial {
  readonly sha256: string;
  readonly ways: readonly object[];
  readonly begun?: string;
}

interface Machine {
  base: string;
  former: string | null;
  trial: Trial | null;
}

/** What is kept of a device beside a database. */
export interface Kept {
  readonly name: string;
  /** 32 bytes in hex: a private key for tests only. */
  readonly key: string;
  readonly counter: number;
  readonly machines: Readonly<Record<string, Machine>>;
}

const FIRST = 'a'.repeat(64);
/** What stands before the 32 bytes of a private Ed25519 key in DER (RFC 8410). */
const DER_PREFIX = '302e020100300506032b657004220420';

/**
 * A device as docs/fleet-protocol.md describes it, without a module of any release: what it says stays the same while
 * the controller changes.
 */
export class KeptDevice {
  readonly publicKey: string;
  readonly id: string;
  readonly machines: Record<string, Machine>;
  readonly #kept: Kept;
  readonly #key: KeyObject;
  #counter: number;

  constructor(kept: Kept) {
    const der = Buffer.from(DER_PREFIX + kept.key, 'hex');
    this.#key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    this.publicKey = Buffer.from(this.#key.export({ format: 'jwk' }).x!, 'base64url').toString('hex');
    this.id = hashOf(Buffer.from(this.publicKey, 'hex')).slice(0, 32);
    this.machines = structuredClone(kept.machines);
    this.#counter = kept.counter;
    this.#kept = kept;
  }

  /** A new device with machines of these names; everybody can compute its key. */
  static named(name: string, machines: readonly string[]): KeptDevice {
    const first = () => ({ base: FIRST, former: null, trial: null });
    const key = hashOf(Buffer.from(`a device for tests: ${name}`));
    return new KeptDevice({
      name,
      key,
      counter: 0,
      machines: Object.fromEntries(machines.map((one) => [one, first()])),
    });
  }

  get kept(): Kept {
    return { ...this.#kept, counter: this.#counter, machines: this.machines };
  }

  /** Tries the base beside the present one, which is worse: so many readings have both answered until now. */
  tries(machine: string, sha256: string, compared: number, begun?: string): void {
    this.machines[machine]!.trial = { sha256, ways: [waysOf(compared)], ...(begun !== undefined && { begun }) };
  }

  /** Answers with the base from now on, and watches the former one for so many readings. */
  installs(machine: string, sha256: string, compared = 100): void {
    const now = this.machines[machine]!;
    if (now.base !== sha256) [now.former, now.base] = [now.base, sha256];
    this.tries(machine, sha256, compared);
  }

  /** The orders; those that it has had before, too. */
  async report(address: string): Promise<Record<string, { readonly kind: string; readonly sha256?: string }>> {
    const machines = Object.entries(this.machines).map(([machine, state]) => reportOf(machine, state));
    const about = { format: 1, version: '0.2.0', platform: 'linux arm64', memory: 64e6 };
    const said = (await this.send(address, '/v1/report', { ...about, machines })) as { machines: never };
    return said.machines;
  }

  /** Sends JSON, or bytes, and returns the JSON of the answer, if it has some. Rejects where it is refused. */
  async send(address: string, path: string, said: object | Uint8Array): Promise<unknown> {
    const isBytes = said instanceof Uint8Array;
    const body = isBytes ? said : Buffer.from(JSON.stringify(said));
    const counter = String(++this.#counter);
    const text = ['spikewire request 1', 'POST', path, this.id, counter, hashOf(body), ''].join('\n');
    const response = await fetch(new URL(path, address), {
      method: 'POST',
      headers: {
        ...{ 'spikewire-device': this.id, 'spikewire-counter': counter },
        'spikewire-signature': sign(null, Buffer.from(text), this.#key).toString('hex'),
        'content-type': isBytes ? 'application/octet-stream' : 'application/json',
      },
      body: new Uint8Array(body),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${answer}`);
    return answer === '' ? undefined : JSON.parse(answer);
  }
}

function waysOf(compared: number): object {
  const differed = Math.floor(compared / 10);
  return {
    carrying: 'carry',
    compared,
    differed,
    labelled: differed,
    gained: Math.floor(0.8 * differed),
    lost: 0,
    ended: null,
  };
}

function reportOf(machine: string, { base, former, trial }: Machine): object {
  const isOnTrial = trial !== null && trial.sha256 !== base;
  const state = trial === null ? 'idle' : isOnTrial ? 'shadow' : 'probation';
  const carrying = former === null ? null : 'carry';
  return {
    ...{ machine, model: machine, channel: 'stable', groups: [], state, former, trial },
    base: { sha256: base, name: `${machine}.spike`, carrying, since: '2026-12-01T00:00:00.000Z' },
    ...{ candidate: isOnTrial ? trial.sha256 : null, refused: [], readings: 5000, accuracy: { right: 90, of: 100 } },
    ...{ lessons: 100, alarms: 2, drift: false, pinned: false, problem: null },
  };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

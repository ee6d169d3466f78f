import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  COUNTER_HEADER,
  DEVICE_HEADER,
  type DeviceReport,
  deviceId,
  type MachineReport,
  SIGNATURE_HEADER,
  signRequest,
} from 'spikewire/agent';
import type { Registry } from './registry.ts';

export const sha = (digit: string) => digit.repeat(64);

export function machineReport(change: Partial<MachineReport> = {}): MachineReport {
  return {
    ...{ machine: 'pump', model: 'pump', channel: 'stable', groups: [], state: 'idle' },
    base: { sha256: sha('a'), name: 'pump 1', carrying: null, since: '2026-12-01T00:00:00.000Z' },
    ...{ former: null, candidate: null, trial: null, refused: [], readings: 10, accuracy: null, lessons: 0 },
    ...{ alarms: 0, drift: false, pinned: false, problem: null, unoffered: null },
    ...change,
  };
}

export function deviceReport(machines: readonly MachineReport[] = [machineReport()]): DeviceReport {
  return { format: 1, version: '0.2.0', platform: 'linux arm64, Node 20.20.2', memory: 64e6, machines };
}

/** A device that signs what it reports. */
export class TestDevice {
  readonly id: string;
  readonly publicKey: string;
  readonly #key: KeyObject;
  counter = 0;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.publicKey = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('hex');
    this.id = deviceId(this.publicKey);
    this.#key = privateKey;
  }

  join(registry: Registry, token: string, name = 'pi') {
    return registry.join({ token, publicKey: this.publicKey, name });
  }

  /** Headers of a signed request. */
  headers(path: string, body: Uint8Array, counter = ++this.counter) {
    const request = { path, device: this.id, counter, body };
    return {
      ...{ [DEVICE_HEADER]: this.id, [COUNTER_HEADER]: String(counter) },
      [SIGNATURE_HEADER]: signRequest(request, this.#key),
    };
  }

  /** A signed request with the next counter, or another one. */
  request(report: DeviceReport, counter = ++this.counter) {
    const body = Buffer.from(JSON.stringify(report));
    const request = { path: '/v1/report', device: this.id, counter, body };
    return { ...request, signature: signRequest(request, this.#key) };
  }

  /** A signed request to keep a backup. */
  backup(body: Uint8Array, counter = ++this.counter) {
    const request = { path: '/v1/backup', device: this.id, counter, body };
    return { ...request, signature: signRequest(request, this.#key) };
  }

  report(registry: Registry, machines?: readonly MachineReport[], etag?: string, boot?: string) {
    const report = { ...deviceReport(machines), ...(boot !== undefined && { boot }) };
    return registry.report(this.request(report), () => report, etag);
  }
}

/** Devices that have joined. */
export async function joined(registry: Registry, count: number, labels = {}): Promise<TestDevice[]> {
  const { token } = await registry.makeToken({ by: 'ann', labels, hours: 1, uses: count });
  const devices = Array.from({ length: count }, () => new TestDevice());
  for (const [k, device] of devices.entries()) await device.join(registry, token, `pi ${k}`);
  return devices;
}

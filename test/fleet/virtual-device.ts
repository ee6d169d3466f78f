import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { DeviceRequest, JoinRequest, Registry } from '@spikewire/fleet/controller';
import type { RandomGenerator } from '@spikewire/models';
import { type DeviceReport, deviceId, type MachineOrder, machineReport, signRequest } from 'spikewire/agent';
import { VirtualMachine, type VirtualMachineOptions } from './virtual-machine.ts';

/** The controller as a device sees it: the registry itself, or a way to it through a network. */
export interface DeviceLink extends Pick<Registry, 'report'> {
  /** @param sign headers of a request that the device has signed, with the body */
  join(request: JoinRequest, sign: (path: string, body: Uint8Array) => DeviceRequest): Promise<unknown>;
}

export interface VirtualDeviceOptions extends Omit<VirtualMachineOptions, 'orders'> {
  readonly registry: DeviceLink;
  /** Name of its machine, and of the model for it. */
  readonly model: string;
  /** Mean time between two reports, in milliseconds. */
  readonly reportEvery: number;
  /** How long a real second is in the time of the devices, in milliseconds; undefined: it gets no hints. */
  readonly second?: number;
  /** Told of orders that differ from those before. */
  readonly heard?: (order: MachineOrder) => void;
}

/** Seconds after a hint to all devices. */
const LONGEST_GROUP_HINT = 5;

/** A device with one machine, which reports to a controller without a network between them. */
export class VirtualDevice {
  readonly id: string;
  readonly #options: VirtualDeviceOptions;
  readonly #key: KeyObject;
  #machine: VirtualMachine | undefined;
  #counter = 0;
  #etag: string | undefined;
  #order: MachineOrder = { kind: 'wait' };
  #hint = new AbortController();
  #isGroupHint = false;
  reports = 0;

  /** Joins, and reports for the first time. */
  static async join(token: string, options: VirtualDeviceOptions): Promise<VirtualDevice> {
    const key = drawnKey(options.random);
    const hex = publicKeyOf(key);
    const device = new VirtualDevice(deviceId(hex), key, options);
    device.#machine = await VirtualMachine.open({ ...options, orders: () => device.#order });
    const sign = (path: string, body: Uint8Array) => device.#signed(path, body);
    await options.registry.join({ token, publicKey: hex, name: 'virtual' }, sign);
    await device.report();
    return device;
  }

  private constructor(id: string, key: KeyObject, options: VirtualDeviceOptions) {
    [this.id, this.#key, this.#options] = [id, key, options];
  }

  get machine(): VirtualMachine {
    return this.#machine!;
  }

  /** Updates its machine, and reports, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { random, reportEvery } = this.#options;
    this.machine.begin(signal);
    for (let wait = reportEvery * random.nextUniform(); ; wait = jittered(reportEvery, random)) {
      await this.#wait(wait, signal);
      if (signal.aborted) return;
      await this.report();
    }
  }

  /** Reports now instead of later; after a hint to all within a few seconds, as a `Member` does. */
  hint(isForGroup = false): void {
    this.#isGroupHint = isForGroup;
    this.#hint.abort();
  }

  async #wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { time, random, second } = this.#options;
    if (second === undefined) return time.pause(milliseconds, signal);
    await time.pause(Math.min(milliseconds, second), signal);
    await time.pause(Math.max(0, milliseconds - second), AbortSignal.any([signal, this.#hint.signal]));
    if (!this.#hint.signal.aborted || signal.aborted) return;
    this.#hint = new AbortController();
    if (this.#isGroupHint) await time.pause(LONGEST_GROUP_HINT * second * random.nextUniform(), signal);
  }

  /** Reports now. */
  async report(): Promise<void> {
    const { registry, model, heard } = this.#options;
    const machines = [machineReport(model, { model, channel: 'stable', groups: [] }, this.machine.updater)];
    const report: DeviceReport = { format: 1, version: '0.2.0', platform: 'virtual', memory: 64e6, machines };
    const signed = this.#signed('/v1/report', Buffer.from(JSON.stringify(report)));
    const answer = await registry.report(signed, () => report, this.#etag);
    this.reports++;
    if (answer === undefined) return;
    [this.#etag, this.#order] = [answer.etag, answer.orders.machines[model]!];
    heard?.(this.#order);
    this.machine.updater.obey();
  }

  #signed(path: string, body: Uint8Array): DeviceRequest {
    const request = { path, device: this.id, counter: ++this.#counter, body };
    return { ...request, signature: signRequest(request, this.#key) };
  }
}

/** What stands before the 32 bytes of a private Ed25519 key in DER (RFC 8410). */
const DER_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A key for a test: everybody who knows the seed has it. */
export function drawnKey(random: RandomGenerator): KeyObject {
  const bytes = Buffer.from(Array.from({ length: 32 }, () => random.nextInteger(256)));
  return createPrivateKey({ key: Buffer.concat([DER_PREFIX, bytes]), format: 'der', type: 'pkcs8' });
}

/** In hex. */
export function publicKeyOf(key: KeyObject): string {
  return Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url').toString('hex');
}

function jittered(milliseconds: number, random: RandomGenerator): number {
  return milliseconds * (0.75 + 0.5 * random.nextUniform());
}

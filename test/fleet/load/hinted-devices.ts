import { setTimeout as delay } from 'node:timers/promises';
import type { RandomGenerator } from '@spikewire/models';
import type { VirtualDevice } from '../virtual-device.ts';
import { SmallMqttClient } from './small-mqtt-client.ts';

const GROUP_TOPIC = 'spikewire/fleet/hint';
const PING_MS = 120_000;

export interface HintedOptions {
  readonly ports: readonly number[];
  readonly authority?: string | undefined;
  /** Devices connect within so many milliseconds, each at a time of its own. */
  readonly window: number;
  readonly random: RandomGenerator;
}

/** The connections of devices to brokers: a hint makes a device report, and one that loses its broker goes to the next. */
export class HintedDevices {
  readonly #options: HintedOptions;
  readonly #devices: readonly VirtualDevice[];
  readonly #clients = new Map<VirtualDevice, SmallMqttClient>();
  readonly #pinging: NodeJS.Timeout;
  #isClosed = false;
  /** When the last hint to all reached each device, by `performance.now`. */
  readonly groupHints = new Map<VirtualDevice, number>();
  /** Hints to single devices. */
  hints = 0;
  /** Connections that were lost. */
  lost = 0;

  constructor(devices: readonly VirtualDevice[], options: HintedOptions) {
    [this.#devices, this.#options] = [devices, options];
    this.#pinging = setInterval(() => {
      for (const client of this.#clients.values()) client.ping();
    }, PING_MS);
  }

  get connected(): number {
    return this.#clients.size;
  }

  /** Resolves when all devices have been connected once. */
  async connect(): Promise<void> {
    await Promise.all(this.#devices.map((device, k) => this.#connect(device, k)));
  }

  /** A hint to all, by the connection of one of them. */
  hintAll(): void {
    this.groupHints.clear();
    const [[, client]] = this.#clients as unknown as [[VirtualDevice, SmallMqttClient]];
    client.publish(GROUP_TOPIC);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#pinging);
    for (const client of this.#clients.values()) client.end();
  }

  /** Full jitter (Brooker 2015, "Exponential backoff and jitter"), and the next broker each time. */
  async #connect(device: VirtualDevice, first: number): Promise<void> {
    const { ports, window, random, authority } = this.#options;
    for (let k = first; !this.#isClosed; k++) {
      await delay(window * random.nextUniform());
      const client = await this.#open(device, ports[k % ports.length]!, authority, k).catch(() => undefined);
      if (client === undefined) continue;
      if (this.#isClosed) return client.end();
      this.#clients.set(device, client);
      return;
    }
  }

  #open(device: VirtualDevice, port: number, authority: string | undefined, broker: number): Promise<SmallMqttClient> {
    const own = `spikewire/fleet/${device.id}`;
    return SmallMqttClient.connect({
      ...{
        port,
        authority,
        id: `device-${device.id.slice(0, 12)}`,
        topics: [`${own}/hint`, GROUP_TOPIC, `${own}/look`],
      },
      onMessage: (topic) => this.#hear(device, topic),
      onClose: () => {
        this.#clients.delete(device);
        this.lost++;
        void this.#connect(device, broker + 1);
      },
    });
  }

  #hear(device: VirtualDevice, topic: string): void {
    if (topic === GROUP_TOPIC) {
      this.groupHints.set(device, performance.now());
      device.hint(true);
    } else if (topic.endsWith('/hint')) {
      this.hints++;
      device.hint();
    }
  }
}

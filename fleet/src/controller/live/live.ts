import { FollowedDevice, type LiveCounts, type LiveListener } from './followed-device.ts';
import type { LiveBroker } from './live-broker.ts';

/** Devices that are followed at a time, with those that are being left. */
const MOST_DEVICES = 64;

/**
 * Live values of devices by a broker, for people who look. Whoever has the broker can say anything in the name of any
 * device, so nothing is decided by them, and they are not kept.
 */
export class Live {
  readonly #broker: LiveBroker;
  readonly #counts: LiveCounts;
  readonly #devices = new Map<string, FollowedDevice>();
  readonly #closing = new Set<Promise<void>>();

  constructor(broker: LiveBroker, counts: LiveCounts) {
    [this.#broker, this.#counts] = [broker, counts];
  }

  /** Whether the device may be watched now. */
  hasRoomFor(device: string): boolean {
    return this.#devices.has(device) || this.#devices.size + this.#closing.size < MOST_DEVICES;
  }

  /** Follows a device for as long as anybody watches it; returns what ends that for this listener. */
  watch(device: string, listener: LiveListener): () => void {
    const followed = this.#devices.get(device) ?? new FollowedDevice(device, this.#broker, this.#counts);
    this.#devices.set(device, followed);
    followed.listeners.add(listener);
    this.#counts.devices = this.#devices.size;
    return () => {
      followed.listeners.delete(listener);
      if (followed.listeners.size > 0 || this.#devices.get(device) !== followed) return;
      this.#devices.delete(device);
      this.#counts.devices = this.#devices.size;
      const closing = followed.close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    };
  }

  /** Waits until the devices are left that nobody watches any more. */
  async close(): Promise<void> {
    await Promise.all(this.#closing);
  }
}

import { SpikewireError } from '@spikewire/models';
import type { AskedSensor, SensorDescription, SensorDriver } from 'spikewire/sensors';
import { type AddressedDevice, addressDevices, findDevice } from './addresses.ts';
import { type ReadAttribute, readAttribute, readInteger } from './attribute.ts';
import type { SysfsChannel, SysfsDevice } from './channel.ts';
import { describe } from './describe.ts';
import { defaultRoot } from './tree.ts';

export interface SysfsOptions {
  /**
   * Folder that is taken for `/sys`, such as a recorded tree; the environment variable `SPIKEWIRE_SYSFS` where absent.
   */
  readonly root?: string;
  /** Reads an attribute; another one in tests. */
  readonly read?: ReadAttribute;
}

/** A class of sysfs whose devices are sensors. */
export interface SysfsClass {
  readonly scheme: string;
  readonly summary: string;
  /** The devices below a root that measure something; none where the machine does not have the class. */
  find(root: string): Promise<readonly SysfsDevice[]>;
}

/** Its sensors are asked. */
export interface SysfsDriver extends SensorDriver {
  open(name: string): Promise<AskedSensor>;
}

/** The driver of a class. */
export function sysfsDriver(kind: SysfsClass, options: SysfsOptions = {}): SysfsDriver {
  const { scheme, summary } = kind;
  const find = async () => addressDevices(await kind.find(options.root ?? defaultRoot()));
  return {
    scheme,
    summary,
    list: async () =>
      (await find()).map((device) => describe(`${scheme}:${device.addresses[0]}`, device, device.channels)),
    async open(rest) {
      const devices = await find();
      const found = findDevice(devices, rest);
      if (found === undefined) throw absent(rest, scheme, devices);
      const description = describe(`${scheme}:${rest}`, found.device, found.channels);
      const locate = async () => findDevice(await find(), rest)?.channels;
      return new SysfsSensor(description, found.channels, locate, options.read ?? readAttribute);
    },
  };
}

/** Reads the channels one after another: on a slow bus they would wait for each other in any case. */
class SysfsSensor implements AskedSensor {
  readonly description: SensorDescription;
  readonly #locate: () => Promise<readonly SysfsChannel[] | undefined>;
  readonly #read: ReadAttribute;
  #channels: readonly SysfsChannel[];
  #lost = false;

  constructor(
    description: SensorDescription,
    channels: readonly SysfsChannel[],
    locate: () => Promise<readonly SysfsChannel[] | undefined>,
    read: ReadAttribute,
  ) {
    this.description = description;
    this.#channels = channels;
    this.#locate = locate;
    this.#read = read;
  }

  async read(): Promise<Float64Array> {
    if (this.#lost) await this.#findAgain();
    try {
      const values = new Float64Array(this.#channels.length);
      for (const [index, channel] of this.#channels.entries()) values[index] = await this.#readChannel(channel);
      return values;
    } catch (problem) {
      this.#lost = true;
      throw problem;
    }
  }

  /** A device that was unplugged comes back under another number of its class. */
  async #findAgain(): Promise<void> {
    const channels = await this.#locate();
    if (channels?.length === this.#channels.length) this.#channels = channels;
    this.#lost = false;
  }

  async #readChannel({ file, fault, divisor }: SysfsChannel): Promise<number> {
    if (fault !== undefined && (await readInteger(fault, this.#read)) === 1) {
      throw new SpikewireError('input', fault, 'is 1: the value is not to be trusted', 'a sensor that is connected');
    }
    return (await readInteger(file, this.#read)) / divisor;
  }
}

function absent(rest: string, scheme: string, devices: readonly AddressedDevice[]): SpikewireError {
  const where = `${scheme}:${rest}`;
  const device = devices.find(({ addresses }) => addresses.some((address) => rest.startsWith(`${address}/`)));
  if (device !== undefined) {
    const channels = device.channels.map(({ name }) => name).join(', ');
    return new SpikewireError('input', where, `names no channel of ${device.addresses[0]}`, channels);
  }
  const known = devices.map(({ addresses }) => `${scheme}:${addresses[0]}`).join(', ');
  const expected = known || 'a sensor that "spikewire devices" lists';
  return new SpikewireError('input', where, 'is not on this device', expected);
}

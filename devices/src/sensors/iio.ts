import { constants } from 'node:fs';
import { open, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type {
  AskedSensor,
  SampleBlock,
  SensorDescription,
  SensorDriver,
  SensorSettings,
  SpeakingSensor,
} from 'spikewire/sensors';
import { failingAs } from '../device-files/problem.ts';
import { bytesOf } from './reads/polled-file.ts';
import { type AddressedDevice, addressDevices } from './sysfs/addresses.ts';
import { readDecimal } from './sysfs/attribute.ts';
import type { Quantities, SysfsChannel, SysfsDevice } from './sysfs/channel.ts';
import { describe } from './sysfs/describe.ts';
import type { SysfsOptions } from './sysfs/driver.ts';
import { type Scaling, scaled } from './sysfs/scaling.ts';
import { ScanReader } from './sysfs/scan-reader.ts';
import { defaultRoot, entriesOf, placeOf, readText } from './sysfs/tree.ts';

export interface IioOptions extends Pick<SysfsOptions, 'root'> {
  /** Folder that is taken for `/dev`; the environment variable `SPIKEWIRE_DEV` where absent. */
  readonly devices?: string;
}

/** Units of what IIO measures, and how many of the kernel's make one (Documentation/ABI/testing/sysfs-bus-iio). */
const QUANTITIES: Quantities = {
  accel: { unit: 'm/s²', divisor: 1 },
  anglvel: { unit: 'rad/s', divisor: 1 },
  capacitance: { unit: 'nF', divisor: 1 },
  concentration: { unit: '%', divisor: 1 },
  current: { unit: 'A', divisor: 1000 },
  deltaangl: { unit: 'rad', divisor: 1 },
  deltavelocity: { unit: 'm/s', divisor: 1 },
  distance: { unit: 'm', divisor: 1 },
  electricalconductivity: { unit: 'S/m', divisor: 1 },
  energy: { unit: 'J', divisor: 1 },
  gravity: { unit: 'm/s²', divisor: 1 },
  humidityrelative: { unit: '%', divisor: 1000 },
  illuminance: { unit: 'lx', divisor: 1 },
  magn: { unit: 'G', divisor: 1 },
  power: { unit: 'W', divisor: 1000 },
  pressure: { unit: 'kPa', divisor: 1 },
  resistance: { unit: 'Ω', divisor: 1 },
  temp: { unit: '°C', divisor: 1000 },
  velocity: { unit: 'm/s', divisor: 1 },
  voltage: { unit: 'V', divisor: 1000 },
};

/** Lets the group plugdev, in which the first user of Debian and Raspberry Pi OS is, use all parts of IIO. */
const RULE =
  `a rule: echo 'SUBSYSTEM=="iio", GROUP="plugdev", MODE="0660", RUN+="/bin/chgrp -R plugdev /sys%p", ` +
  `RUN+="/bin/chmod -R g+rwX /sys%p"' | sudo tee /etc/udev/rules.d/60-iio.rules && sudo udevadm control --reload && ` +
  'sudo udevadm trigger -c add -s iio';

/** Scans that the kernel keeps, in seconds, and the least. */
const KEPT = 2;
const LEAST_KEPT = 128;
/** Scans that are read at once. */
const MOST_SCANS = 1024;

/**
 * Parts with a driver of the kernel's Industrial I/O: accelerometers, converters, light, pressure, … on I²C and SPI.
 * `iio:<part>` asks all its channels one after another, `iio:<part>/<channel>` one of them. With `buffered`, or a
 * `rate`, whole scans come through the buffer of the part instead, with the times that the kernel took.
 */
export function iioDriver(options: IioOptions = {}): SensorDriver {
  const find = async () => addressDevices(await findParts(options.root ?? defaultRoot()));
  return {
    scheme: 'iio',
    summary: "parts on I²C and SPI with a driver of the kernel's Industrial I/O",
    settings: {
      rate: "scans per second, of those that the part offers; through the part's buffer",
      buffered: "through the part's buffer at the rate that is set",
      trigger: 'name of the trigger that takes scans, for a part without one of its own',
      channels: 'some of its channels, in this order',
    },
    async list() {
      return (await find()).map((part) => describe(`iio:${part.addresses[0]}`, part, part.channels as IioChannel[]));
    },
    async open(name, settings) {
      const locate = async () => choose(await find(), name, settings);
      const { part, channels } = await locate();
      const description = describe(settings.address, part, channels);
      const rate = settings.number('rate', { minimum: 0.001 });
      if (rate === undefined && settings.text('buffered') === undefined) return new AskedPart(description, locate);
      const devices = options.devices ?? process.env.SPIKEWIRE_DEV ?? '/dev';
      const set = rate ?? (await rateOf(channels[0]!));
      const timed = (await scanFolder(channels[0]!.folder)).hasTime ? ({ timed: 'at the source' } as const) : {};
      const own = { ...description, ...(set === undefined ? {} : { rate: set }), ...timed };
      return new BufferedPart(own, locate, { devices, rate, trigger: settings.text('trigger') });
    },
  };
}

interface IioChannel extends SysfsChannel {
  /** Of the part. */
  readonly folder: string;
  /** Whether the file holds the value itself, and not what scale and offset make one of. */
  readonly processed: boolean;
}

type ScaledChannel = IioChannel & Scaling;

interface Found {
  readonly part: AddressedDevice;
  readonly channels: readonly IioChannel[];
}

async function findParts(root: string): Promise<SysfsDevice[]> {
  const parent = join(root, 'bus', 'iio', 'devices');
  const entries = (await entriesOf(parent)).filter((entry) => entry.startsWith('iio:device'));
  const parts = await Promise.all(
    entries.map(async (entry) => {
      const folder = join(parent, entry);
      const files = await entriesOf(folder);
      const name = (await readText(join(folder, 'name'))) || entry;
      // Its own folder is on the bus of all IIO; the one above it says where the part is.
      const place = await placeOf(dirname(await realpath(folder)), root);
      return { name, place, entry, channels: channelsOf(folder, files) };
    }),
  );
  return parts.filter(({ channels }) => channels.length > 0);
}

function channelsOf(folder: string, files: readonly string[]): IioChannel[] {
  const names = files.flatMap((file) => /^in_(.+)_(raw|input)$/.exec(file)?.[1] ?? []);
  return [...new Set(names)].map((name) => {
    const processed = files.includes(`in_${name}_input`);
    const quantity = QUANTITIES[/^[a-z]+/.exec(name)?.[0] ?? ''] ?? { unit: '', divisor: 1 };
    const file = join(folder, `in_${name}_${processed ? 'input' : 'raw'}`);
    return { ...quantity, name, attribute: `in_${name}`, file, folder, processed };
  });
}

function choose(parts: readonly AddressedDevice[], name: string, settings: SensorSettings): Found {
  const slash = name.indexOf('/');
  const [address, path] = slash < 0 ? [name] : [name.slice(0, slash), name.slice(slash + 1)];
  const part = parts.find(({ addresses }) => addresses.includes(address!));
  if (part === undefined) {
    const known = parts.map(({ addresses }) => `iio:${addresses[0]}`).join(', ');
    const expected = known || 'a sensor that "spikewire devices" lists';
    throw new SpikewireError('input', `iio:${name}`, 'is not on this device', expected);
  }
  const all = part.channels as readonly IioChannel[];
  const wanted = (path ?? settings.text('channels'))?.split(',') ?? all.map((channel) => channel.name);
  const channels = wanted.map((word) => {
    const channel = all.find((own) => own.name === word || own.attribute === word);
    if (channel !== undefined) return channel;
    const known = all.map((own) => own.name).join(', ');
    throw new SpikewireError('input', `iio:${name}`, `names "${word}", no channel of ${address}`, known);
  });
  return { part, channels };
}

/** An attribute of a channel, its own or one that it shares with others of its type; undefined where there is none. */
async function shared(channel: IioChannel, attribute: string): Promise<string | undefined> {
  const { name, folder } = channel;
  const withoutLast = name.replace(/_[^_]+$/, '');
  const names = [name, name.replace(/\d+/g, ''), withoutLast, withoutLast.replace(/\d+/g, '')];
  const files = await entriesOf(folder);
  const found = [...names.map((own) => `in_${own}_${attribute}`), attribute].find((file) => files.includes(file));
  return found && join(folder, found);
}

/** Channels with what makes values of their numbers. */
async function withScaling(channels: readonly IioChannel[]): Promise<ScaledChannel[]> {
  return Promise.all(
    channels.map(async (channel) => {
      const of = async (attribute: string, absent: number) => {
        const file = await shared(channel, attribute);
        return file === undefined ? absent : readDecimal(file);
      };
      return { ...channel, offset: await of('offset', 0), scale: await of('scale', 1) };
    }),
  );
}

async function rateOf(channel: IioChannel): Promise<number | undefined> {
  const file = await shared(channel, 'sampling_frequency');
  const rate = file === undefined ? 0 : await readDecimal(file);
  return rate > 0 ? rate : undefined;
}

/** Asks a part for one channel after another. */
class AskedPart implements AskedSensor {
  readonly description: SensorDescription;
  readonly #locate: () => Promise<Found>;
  #channels: readonly ScaledChannel[] | undefined;

  constructor(description: SensorDescription, locate: () => Promise<Found>) {
    this.description = description;
    this.#locate = locate;
  }

  async read(): Promise<Float64Array> {
    try {
      this.#channels ??= await withScaling((await this.#locate()).channels);
      const values = new Float64Array(this.#channels.length);
      for (const [k, channel] of this.#channels.entries()) {
        const number = await readDecimal(channel.file);
        values[k] = channel.processed ? number / channel.divisor : scaled(number, channel);
      }
      return values;
    } catch (problem) {
      this.#channels = undefined; // a part that comes back has another number, and perhaps another scale
      throw problem;
    }
  }
}

interface BufferSettings {
  readonly devices: string;
  readonly rate: number | undefined;
  readonly trigger: string | undefined;
}

/** Where a part says what a scan has: `buffer0` since Linux 5.11, `scan_elements` and `buffer` before. */
async function scanFolder(folder: string): Promise<{ elements: string; buffer: string; hasTime: boolean }> {
  const files = await entriesOf(join(folder, 'buffer0'));
  const isNew = files.some((file) => file.endsWith('_en'));
  const elements = join(folder, isNew ? 'buffer0' : 'scan_elements');
  const hasTime = (await entriesOf(elements)).includes('in_timestamp_en');
  return { elements, buffer: join(folder, isNew ? 'buffer0' : 'buffer'), hasTime };
}

async function set(file: string, value: string | number): Promise<void> {
  // No new file: where there is no such attribute, that is the problem.
  const flag = constants.O_WRONLY | constants.O_TRUNC;
  await writeFile(file, String(value), { flag }).catch(failingAs(file, RULE));
}

/** Only one may have the device open: another program that does must not lose what it has set. */
async function expectFree(file: string): Promise<void> {
  const { O_RDONLY, O_NONBLOCK } = constants;
  const opened = await open(file, O_RDONLY | O_NONBLOCK).catch(failingAs(file, RULE));
  await opened.close();
}

/** Takes scans from the buffer of a part. */
class BufferedPart implements SpeakingSensor {
  readonly description: SensorDescription;
  readonly #locate: () => Promise<Found>;
  readonly #settings: BufferSettings;

  constructor(description: SensorDescription, locate: () => Promise<Found>, settings: BufferSettings) {
    this.description = description;
    this.#locate = locate;
    this.#settings = settings;
  }

  async *samples(signal: AbortSignal): AsyncGenerator<SampleBlock> {
    const { part, channels } = await this.#locate();
    const { folder } = channels[0]!;
    const file = join(this.#settings.devices, part.entry);
    await expectFree(file);
    const { elements, buffer, hasTime } = await scanFolder(folder);
    await set(join(buffer, 'enable'), 0);
    await this.#setUp(channels[0]!);
    await enable(elements, [...channels.map(({ attribute }) => attribute), ...(hasTime ? ['in_timestamp'] : [])]);
    await set(join(buffer, 'length'), Math.max(LEAST_KEPT, Math.ceil(KEPT * (this.description.rate ?? 0))));
    const scans = await ScanReader.of(elements, await withScaling(channels), hasTime, this.description.rate);
    const clock = (await readText(join(folder, 'current_timestamp_clock'))) ?? 'realtime';
    await set(join(buffer, 'enable'), 1);
    try {
      const options = { most: MOST_SCANS * scans.bytes, rule: RULE };
      for await (const bytes of bytesOf(file, signal, options)) {
        const block = scans.take(bytes, clock === 'realtime');
        if (block !== undefined) yield block;
      }
    } finally {
      await set(join(buffer, 'enable'), 0).catch(() => {}); // it may be gone
    }
  }

  async #setUp(channel: IioChannel): Promise<void> {
    const { rate, trigger } = this.#settings;
    if (trigger !== undefined) await set(join(channel.folder, 'trigger', 'current_trigger'), trigger);
    const file = rate === undefined ? undefined : await shared(channel, 'sampling_frequency');
    if (file === undefined || rate === undefined) return;
    await set(file, rate);
    const got = await readDecimal(file);
    if (Math.abs(got - rate) <= 0.01 * rate) return;
    const offered = await readText(`${file}_available`);
    throw new SpikewireError('usage', this.description.address, `has rate=${rate}, which became ${got}`, offered);
  }
}

/** Switches these elements of a scan on and all others off. */
async function enable(elements: string, wanted: readonly string[]): Promise<void> {
  for (const file of await entriesOf(elements)) {
    if (file.endsWith('_en')) await set(join(elements, file), wanted.includes(file.slice(0, -3)) ? 1 : 0);
  }
}

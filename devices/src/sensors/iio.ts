import { constants } from 'node:fs';
import { realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import {
  type AskedSensor,
  type SampleBlock,
  type SensorDescription,
  type SensorDriver,
  SensorSettings,
  type SpeakingSensor,
} from 'spikewire/sensors';
import { bytesOf } from './reads/polled-file.ts';
import { deviceProblem } from './reads/problem.ts';
import { type AddressedDevice, addressDevices } from './sysfs/addresses.ts';
import { readDecimal } from './sysfs/attribute.ts';
import type { SysfsChannel, SysfsDevice } from './sysfs/channel.ts';
import type { SysfsOptions } from './sysfs/driver.ts';
import { decodeScan, layOutScan, parseScanType, type ScanType } from './sysfs/scan.ts';
import { defaultRoot, entriesOf, placeOf, readText } from './sysfs/tree.ts';

export interface IioOptions extends Pick<SysfsOptions, 'root'> {
  /** Folder that is taken for `/dev`; the environment variable `SPIKEWIRE_DEV` where absent. */
  readonly devices?: string;
}

/** Units of what IIO measures, and how many of the kernel's make one (Documentation/ABI/testing/sysfs-bus-iio). */
const QUANTITIES: Readonly<Record<string, { readonly unit: string; readonly divisor: number }>> = {
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
/** Milliseconds between two looks into the buffer, and scans that are read at once. */
const LOOK_EVERY = 10;
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
    async open(name, settings = new SensorSettings(`iio:${name}`)) {
      const locate = async () => choose(await find(), name, settings);
      const { part, channels } = await locate();
      const description = describe(settings.address, part, channels);
      const rate = settings.number('rate', { minimum: 0.001 });
      if (rate === undefined && settings.text('buffered') === undefined) return new AskedPart(description, locate);
      const { folder } = channels[0]!;
      const devices = options.devices ?? process.env.SPIKEWIRE_DEV ?? '/dev';
      const set = rate ?? (await rateOf(folder, channels));
      const timed = (await scanFolder(folder)).hasTime ? ({ timed: 'at the source' } as const) : {};
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
    throw new SpikewireError('input', `iio:${name}`, 'is not on this machine', known || 'a machine with IIO parts');
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

function describe(address: string, { name, place }: SysfsDevice, channels: readonly IioChannel[]): SensorDescription {
  return {
    address,
    name: name === place ? name : `${name} at ${place}`,
    channels: channels.map(({ name: channel, unit }) => ({ name: channel, unit })),
  };
}

/** What makes a value of a number: (raw + offset) · scale, of which so many are one of the channel's unit. */
interface Conversion {
  readonly offset: number;
  readonly scale: number;
  readonly divisor: number;
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

async function conversionOf(channel: IioChannel): Promise<Conversion> {
  const of = async (attribute: string, absent: number) => {
    const file = await shared(channel, attribute);
    return file === undefined ? absent : readDecimal(file);
  };
  return { offset: await of('offset', 0), scale: await of('scale', 1), divisor: channel.divisor };
}

async function rateOf(folder: string, channels: readonly IioChannel[]): Promise<number | undefined> {
  const file = await shared({ ...channels[0]!, folder }, 'sampling_frequency');
  const rate = file === undefined ? 0 : await readDecimal(file);
  return rate > 0 ? rate : undefined;
}

/** Asks a part for one channel after another. */
class AskedPart implements AskedSensor {
  readonly description: SensorDescription;
  readonly #locate: () => Promise<Found>;
  #channels: readonly (IioChannel & Conversion)[] | undefined;

  constructor(description: SensorDescription, locate: () => Promise<Found>) {
    this.description = description;
    this.#locate = locate;
  }

  async read(): Promise<Float64Array> {
    try {
      this.#channels ??= await this.#find();
      const values = new Float64Array(this.#channels.length);
      for (const [k, { file, processed, offset, scale, divisor }] of this.#channels.entries()) {
        const number = await readDecimal(file);
        values[k] = (processed ? number : (number + offset) * scale) / divisor;
      }
      return values;
    } catch (problem) {
      this.#channels = undefined; // a part that comes back has another number, and perhaps another scale
      throw problem;
    }
  }

  async #find(): Promise<(IioChannel & Conversion)[]> {
    const { channels } = await this.#locate();
    return Promise.all(channels.map(async (channel) => ({ ...channel, ...(await conversionOf(channel)) })));
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
  await writeFile(file, String(value), { flag: constants.O_WRONLY | constants.O_TRUNC }).catch(async (cause) =>
    Promise.reject(await deviceProblem(file, cause, RULE)),
  );
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
    const { elements, buffer, hasTime } = await scanFolder(folder);
    await set(join(buffer, 'enable'), 0);
    await this.#setUp(folder, channels);
    await enable(elements, [...channels.map(({ attribute }) => attribute), ...(hasTime ? ['in_timestamp'] : [])]);
    await set(join(buffer, 'length'), Math.max(LEAST_KEPT, Math.ceil(KEPT * (this.description.rate ?? 0))));
    const scans = await ScanReader.of(elements, channels, hasTime, this.description.rate);
    const clock = (await readText(join(folder, 'current_timestamp_clock'))) ?? 'realtime';
    await set(join(buffer, 'enable'), 1);
    try {
      const file = join(this.#settings.devices, part.entry);
      const options = { every: LOOK_EVERY, most: MOST_SCANS * scans.bytes, rule: RULE };
      for await (const bytes of bytesOf(file, signal, options)) {
        const block = scans.take(bytes, clock === 'realtime');
        if (block !== undefined) yield block;
      }
    } finally {
      await set(join(buffer, 'enable'), 0).catch(() => {}); // it may be gone
    }
  }

  async #setUp(folder: string, channels: readonly IioChannel[]): Promise<void> {
    const { rate, trigger } = this.#settings;
    if (trigger !== undefined) await set(join(folder, 'trigger', 'current_trigger'), trigger);
    const file = rate === undefined ? undefined : await shared(channels[0]!, 'sampling_frequency');
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

interface Element extends Conversion {
  readonly type: ScanType;
  readonly offsetBytes: number;
}

/** From the bytes of scans to samples. */
class ScanReader {
  readonly bytes: number;
  readonly #elements: readonly Element[];
  /** Where the time of a scan is, where there is one. */
  readonly #timeAt: number | undefined;
  readonly #littleEndian: boolean;
  /** Of scans without a time. */
  readonly #rate: number;
  #rest = new Uint8Array();
  #origin: number | undefined;
  #first = 0n;
  #taken = 0;

  static async of(
    folder: string,
    channels: readonly IioChannel[],
    hasTime: boolean,
    rate: number | undefined,
  ): Promise<ScanReader> {
    const names = [...channels.map(({ attribute }) => attribute), ...(hasTime ? ['in_timestamp'] : [])];
    const entries = await Promise.all(
      names.map(async (name, k) => {
        const file = join(folder, `${name}_type`);
        const type = parseScanType((await readText(file)) ?? '', file);
        return { k, type, index: await readDecimal(join(folder, `${name}_index`)) };
      }),
    );
    const inOrder = [...entries].sort((a, b) => a.index - b.index);
    const layout = layOutScan(inOrder.map(({ type }) => type));
    const places = new Map(inOrder.map(({ k }, at) => [k, layout.offsets[at]!]));
    const conversions = await Promise.all(channels.map(conversionOf));
    const elements = conversions.map((conversion, k) => ({
      ...conversion,
      type: entries[k]!.type,
      offsetBytes: places.get(k)!,
    }));
    const time = hasTime ? { at: places.get(channels.length)!, type: entries.at(-1)!.type } : undefined;
    return new ScanReader(layout.bytes, elements, time, rate ?? 1);
  }

  private constructor(
    bytes: number,
    elements: readonly Element[],
    time: { readonly at: number; readonly type: ScanType } | undefined,
    rate: number,
  ) {
    this.bytes = bytes;
    this.#elements = elements;
    this.#timeAt = time?.at;
    this.#littleEndian = time?.type.littleEndian ?? true;
    this.#rate = rate;
  }

  /** The scans that are complete with these bytes; undefined where none is. */
  take(piece: Uint8Array, isRealTime: boolean): SampleBlock | undefined {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const count = Math.floor(bytes.length / this.bytes);
    this.#rest = bytes.slice(count * this.bytes);
    if (count === 0) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, count * this.bytes);
    this.#begin(view, count, isRealTime);
    const times = Float64Array.from({ length: count }, (_, k) => this.#timeOf(view, k));
    const channels = this.#elements.length;
    const values = new Float64Array(count * channels);
    for (let k = 0; k < count; k++) {
      for (let c = 0; c < channels; c++) {
        const { type, offsetBytes, offset, scale, divisor } = this.#elements[c]!;
        const raw = decodeScan(view, k * this.bytes + offsetBytes, type);
        values[k * channels + c] = ((raw + offset) * scale) / divisor;
      }
    }
    this.#taken += count;
    return { origin: this.#origin!, times, values };
  }

  #begin(view: DataView, count: number, isRealTime: boolean): void {
    if (this.#origin !== undefined) return;
    if (this.#timeAt !== undefined) this.#first = view.getBigInt64(this.#timeAt, this.#littleEndian);
    const began = this.#timeAt === undefined ? Date.now() - (1000 * (count - 1)) / this.#rate : Date.now();
    this.#origin = isRealTime && this.#timeAt !== undefined ? Number(this.#first) / 1e6 : began;
  }

  /** Seconds since the first scan, to the nanosecond. */
  #timeOf(view: DataView, k: number): number {
    if (this.#timeAt === undefined) return (this.#taken + k) / this.#rate;
    return Number(view.getBigInt64(k * this.bytes + this.#timeAt, this.#littleEndian) - this.#first) / 1e9;
  }
}

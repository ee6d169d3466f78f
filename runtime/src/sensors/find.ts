import { type ChannelDeclaration, SpikewireError } from '@spikewire/models';
import { type Attached, attachedTo } from '../extensions/attached.ts';
import { besides } from '../extensions/besides.ts';
import { type BringOptions, type BroughtEntries, broughtEntries } from '../extensions/brought.ts';
import { type ExtensionKind, giving, optional, table, text, word } from '../extensions/kind.ts';
import type { ExtensionPlaces } from '../extensions/packages.ts';
import { sourceOf } from '../package-source.ts';
import { checkDescriptions, guardSensor } from './foreign-sensor.ts';
import type { SensorDescription, SensorDriver } from './sensor.ts';
import { SensorStream, type SensorStreamOptions } from './sensor-stream.ts';
import { commonSettings, SensorSettings, splitAddress } from './settings.ts';

const sensorKind: ExtensionKind<SensorDriver> = {
  field: 'sensors',
  exported: 'sensorDrivers',
  title: 'sensor driver',
  shape: {
    scheme: word,
    summary: text,
    settings: optional(table),
    list: giving(checkDescriptions),
    open: giving(guardSensor),
  },
  names: ({ scheme }) => [scheme],
  taken: [],
};

/**
 * The drivers that packages bring, and what is wrong with packages; without one a machine has no sensors of its own.
 */
export function sensorDrivers(options?: BringOptions<SensorDriver>): Promise<BroughtEntries<SensorDriver>> {
  return broughtEntries(sensorKind, options);
}

/** The sensors that are attached now. */
export async function attachedSensors(places?: ExtensionPlaces): Promise<Attached<SensorDescription>> {
  return attachedTo(await sensorDrivers({ places }));
}

export interface OpenSensorOptions extends Omit<SensorStreamOptions, 'delta'> {
  /** Channels of the model that is to have the readings, for sources that do not name their own. */
  readonly channels?: readonly ChannelDeclaration[];
  /** Where packages with drivers are looked for. */
  readonly places?: ExtensionPlaces | undefined;
}

/** Opens the sensor of an address `<driver>:<name>?<settings>`; rejects with what there is or what to install. */
export async function openSensor(address: string, options: OpenSensorOptions = {}): Promise<SensorStream> {
  const { channels = [], places, ...streamOptions } = options;
  const where = `sensor ${address}`;
  const [, scheme, rest] = /^([^:]*):?(.*)$/s.exec(address)!;
  const driver = await driverOf(where, scheme!, places);
  const { name, texts } = splitAddress(rest!);
  const known = [...Object.keys(driver.settings ?? {}), ...Object.keys(commonSettings)];
  const stranger = [...texts.keys()].find((setting) => !known.includes(setting));
  if (stranger !== undefined) {
    throw new SpikewireError('usage', where, `has unknown setting "${stranger}"`, known.join(', '));
  }
  const settings = new SensorSettings(address, texts, channels);
  const interval = settings.number('interval', { minimum: 0.001, maximum: 86_400 }) ?? options.interval;
  const delta = settings.numbers('delta', { minimum: 0 });
  const sensor = await driver.open(name, settings);
  const count = sensor.description.channels.length;
  if (delta === undefined || delta.length === 1 || delta.length === count) {
    return new SensorStream(sensor, { ...streamOptions, interval, delta });
  }
  await sensor.close?.();
  throw new SpikewireError('usage', where, `has ${delta.length} deltas`, `one, or one for each of ${count} channels`);
}

/** The driver of a scheme; rejects with the names there are, or with what to install where there are none. */
async function driverOf(where: string, scheme: string, places: ExtensionPlaces | undefined): Promise<SensorDriver> {
  const isWanted = (driver: SensorDriver) => driver.scheme === scheme;
  const { entries, problems } = await sensorDrivers({ places, isWanted });
  const driver = entries.find(isWanted);
  if (driver !== undefined) return driver;
  if (entries.length === 0) {
    const expected = besides(sourceOf('@spikewire/devices'), problems);
    throw new SpikewireError('unsupported', where, 'no sensor drivers are installed', expected);
  }
  const known = entries.map((each) => `${each.scheme}:…`).join(', ');
  throw new SpikewireError('usage', where, `has the unknown driver "${scheme}"`, besides(known, problems));
}

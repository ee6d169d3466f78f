import { type ChannelDeclaration, SpikewireError } from '@spikewire/models';
import { type ImportModule, importCompanion, sourceOf } from '../companion.ts';
import type { SensorDriver } from './sensor.ts';
import { SensorStream, type SensorStreamOptions } from './sensor-stream.ts';
import { commonSettings, SensorSettings, splitAddress } from './settings.ts';

/** The package that brings drivers; without it a machine has no sensors of its own. */
const PACKAGE = '@spikewire/devices';

/** The drivers that are installed on this machine. */
export async function sensorDrivers(importModule?: ImportModule): Promise<readonly SensorDriver[]> {
  const entry = await importCompanion<{ sensorDrivers: readonly SensorDriver[] }>(PACKAGE, 'sensors', importModule);
  return entry?.sensorDrivers ?? [];
}

export interface OpenSensorOptions extends Omit<SensorStreamOptions, 'delta'> {
  /** Channels of the model that is to have the readings, for sources that do not name their own. */
  readonly channels?: readonly ChannelDeclaration[];
  readonly importModule?: ImportModule | undefined;
}

/** Opens the sensor of an address `<driver>:<name>?<settings>`; rejects with what there is or what to install. */
export async function openSensor(address: string, options: OpenSensorOptions = {}): Promise<SensorStream> {
  const { channels = [], importModule, ...streamOptions } = options;
  const where = `--sensor ${address}`;
  const drivers = await sensorDrivers(importModule);
  if (drivers.length === 0) {
    throw new SpikewireError('unsupported', where, 'no sensor drivers are installed', sourceOf(PACKAGE));
  }
  const [, scheme, rest] = /^([^:]*):?(.*)$/s.exec(address)!;
  const driver = drivers.find((candidate) => candidate.scheme === scheme);
  if (driver === undefined) {
    const known = drivers.map((candidate) => `${candidate.scheme}:…`).join(', ');
    throw new SpikewireError('usage', where, `has unknown driver "${scheme}"`, known);
  }
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

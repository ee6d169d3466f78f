import { SpikewireError } from '@spikewire/models';
import { type ImportModule, importCompanion } from '../companion.ts';
import type { Sensor, SensorDriver } from './sensor.ts';

/** The package that brings drivers; without it a machine has no sensors of its own. */
const PACKAGE = '@spikewire/devices';

/** The drivers that are installed on this machine. */
export async function sensorDrivers(importModule?: ImportModule): Promise<readonly SensorDriver[]> {
  const entry = await importCompanion<{ sensorDrivers: readonly SensorDriver[] }>(PACKAGE, 'sensors', importModule);
  return entry?.sensorDrivers ?? [];
}

/** Opens the sensor of an address `<driver>:<rest>`; rejects with what there is or what to install. */
export async function openSensor(address: string, importModule?: ImportModule): Promise<Sensor> {
  const where = `--sensor ${address}`;
  const drivers = await sensorDrivers(importModule);
  if (drivers.length === 0) {
    throw new SpikewireError('unsupported', where, 'no sensor drivers are installed', `npm install ${PACKAGE}`);
  }
  const [scheme, rest] = splitAtColon(address);
  const driver = drivers.find((candidate) => candidate.scheme === scheme);
  if (driver === undefined) {
    const known = drivers.map((candidate) => `${candidate.scheme}:…`).join(', ');
    throw new SpikewireError('usage', where, `has unknown driver "${scheme}"`, known);
  }
  return driver.open(rest);
}

function splitAtColon(address: string): [scheme: string, rest: string] {
  const colon = address.indexOf(':');
  return colon < 0 ? [address, ''] : [address.slice(0, colon), address.slice(colon + 1)];
}

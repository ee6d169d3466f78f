import { join } from 'node:path';
import type { SysfsDevice } from './sysfs/channel.ts';
import { type SysfsDriver, type SysfsOptions, sysfsDriver } from './sysfs/driver.ts';
import { entriesOf, placeOf, readText } from './sysfs/tree.ts';

/**
 * Thermal zones: `thermal:<type>`, one temperature each. They are what remains on boards whose sensors have no hwmon
 * chip.
 *
 * Source: Linux kernel, Documentation/ABI/testing/sysfs-class-thermal.
 */
export function thermalDriver(options?: SysfsOptions): SysfsDriver {
  return sysfsDriver({ scheme: 'thermal', summary: 'thermal zones of this device', find }, options);
}

async function find(root: string): Promise<SysfsDevice[]> {
  const folder = join(root, 'class', 'thermal');
  const zones = (await entriesOf(folder)).filter((entry) => /^thermal_zone\d+$/.test(entry));
  return Promise.all(
    zones.map(async (entry) => {
      const name = (await readText(join(folder, entry, 'type'))) || entry;
      const file = join(folder, entry, 'temp');
      const temperature = { attribute: 'temp', name: 'temperature', unit: '°C', divisor: 1000, file };
      return { name, place: await placeOf(join(folder, entry), root), entry, channels: [temperature] };
    }),
  );
}

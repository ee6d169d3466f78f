import type { SensorDriver } from 'spikewire/sensors';
import { hwmonDriver } from './hwmon.ts';
import { thermalDriver } from './thermal.ts';

export { hwmonDriver } from './hwmon.ts';
export type { ReadAttribute } from './sysfs/attribute.ts';
export type { SysfsOptions } from './sysfs/driver.ts';
export { thermalDriver } from './thermal.ts';

/** Every family of sensors. A new one is a file of its own and a line here. */
export const sensorDrivers: readonly SensorDriver[] = [hwmonDriver(), thermalDriver()];

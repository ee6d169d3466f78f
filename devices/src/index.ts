export { acceleratorDrivers } from './accelerators/index.ts';
export { hwmonDriver, type SysfsOptions, sensorDrivers, thermalDriver } from './sensors/index.ts';

export { openSensor, sensorDrivers } from './find.ts';
export type * from './sensor.ts';

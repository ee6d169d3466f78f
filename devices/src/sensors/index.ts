import type { SensorDriver } from 'spikewire/sensors';
import { aerDriver } from './aer.ts';
import { csvDriver } from './csv.ts';
import { fifoDriver } from './fifo.ts';
import { fileDriver } from './file.ts';
import { firmataDriver } from './firmata.ts';
import { gpioDriver } from './gpio.ts';
import { httpDriver } from './http.ts';
import { hwmonDriver } from './hwmon.ts';
import { iioDriver } from './iio.ts';
import { johnnyFiveDriver } from './johnny-five.ts';
import { microphoneDriver } from './microphone.ts';
import { mqttDriver } from './mqtt.ts';
import { serialDriver } from './serial.ts';
import { thermalDriver } from './thermal.ts';

export { hwmonDriver } from './hwmon.ts';
export { type IioOptions, iioDriver } from './iio.ts';
export { johnnyFiveSensor } from './johnny-five.ts';
export { type OpenSerial, serialDriver } from './serial.ts';
export type { ReadAttribute } from './sysfs/attribute.ts';
export type { SysfsOptions } from './sysfs/driver.ts';
export { thermalDriver } from './thermal.ts';

/** Every family of sensors. A new one is a file of its own and a line here. */
export const sensorDrivers: readonly SensorDriver[] = [
  hwmonDriver(),
  thermalDriver(),
  iioDriver(),
  gpioDriver,
  microphoneDriver,
  serialDriver(),
  firmataDriver,
  johnnyFiveDriver,
  fifoDriver,
  fileDriver,
  csvDriver,
  aerDriver,
  mqttDriver('mqtt'),
  mqttDriver('mqtts'),
  httpDriver,
];

import { describe, expect, it } from 'vitest';
import type { ImportModule } from '../companion.ts';
import { openSensor, sensorDrivers } from './find.ts';
import type { Sensor, SensorDriver } from './sensor.ts';

const driver: SensorDriver = {
  scheme: 'fake',
  summary: 'made up',
  list: async () => [],
  open: async (rest) => ({ description: { address: `fake:${rest}`, name: rest, channels: [] } }) as unknown as Sensor,
};
const installed: ImportModule = async () => ({ sensorDrivers: [driver] });
const absent: ImportModule = async () => {
  throw Object.assign(new Error("Cannot find package '@spikewire/devices'"), { code: 'ERR_MODULE_NOT_FOUND' });
};

describe('sensors by address', () => {
  it.each([
    ['fake:a', 'fake:a'],
    ['fake:a:b/c', 'fake:a:b/c'],
    ['fake', 'fake:'],
  ])('%s is opened by its driver, which gets the rest', async (address, opened) => {
    expect((await openSensor(address, installed)).description.address).toBe(opened);
  });

  it('of an unknown driver get the names there are', async () => {
    await expect(openSensor('gpio:4', installed)).rejects.toMatchObject({
      code: 'usage',
      message: '--sensor gpio:4: has unknown driver "gpio"; expected fake:…',
    });
  });

  it('need the package that brings drivers', async () => {
    expect(await sensorDrivers(absent)).toEqual([]);
    await expect(openSensor('hwmon:x', absent)).rejects.toMatchObject({
      code: 'unsupported',
      message: '--sensor hwmon:x: no sensor drivers are installed; expected npm install @spikewire/devices',
    });
  });
});

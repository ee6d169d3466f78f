import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringing, Installation, sensorText } from '../extensions/installation.test-data.ts';
import { openSensor, sensorDrivers } from './find.ts';
import { SensorSettings, splitAddress } from './settings.ts';

let installed: Installation;
let absent: Installation;
beforeAll(() => {
  [installed, absent] = [new Installation(), new Installation()];
  installed.install(installed.home, { '@spikewire/devices': bringing('sensors', 'sensorDrivers', sensorText('fake')) });
});
afterAll(() => {
  installed.remove();
  absent.remove();
});

describe('sensors by address', () => {
  it.each([
    ['fake:a', 'fake:a'],
    ['fake:a:b/c', 'fake:a:b/c'],
    ['fake', 'fake:'],
  ])('%s is opened by its driver, which gets the rest', async (address, opened) => {
    expect((await openSensor(address, { places: installed.places })).description.address).toBe(opened);
  });

  it.each([
    ['fake:a?gain=2', 'has unknown setting "gain"; expected rate, interval, delta'],
    ['fake:a?rate=fast', 'fake:a?rate=fast: has rate=fast; expected a number from 1 to 1000'],
    ['fake:a?rate=1001', 'has rate=1001; expected a number from 1 to 1000'],
    ['fake:a?delta=1,2,3', 'has 3 deltas; expected one, or one for each of 2 channels'],
    ['fake:a?interval=', 'has interval=; expected a number from 0.001 to 86400'],
    // Longer than a timer of Node waits, it would ask without a pause.
    ['fake:a?interval=3e6', 'has interval=3e6; expected a number from 0.001 to 86400'],
  ])('%s is refused', async (address, message) => {
    await expect(openSensor(address, { places: installed.places })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message),
    });
  });

  it('without names of their own have those that are given, those of the model, or one', () => {
    const of = (text: string, ...more: { name: string; unit: string }[]) =>
      new SensorSettings('fake:a', splitAddress(`a?${text}`).texts, more).channels;
    expect(of('channels=x:m/s%C2%B2,+10V:V')).toEqual([
      { name: 'x', unit: 'm/s²' },
      { name: '+10V', unit: 'V' },
    ]);
    expect(of('', { name: 'level', unit: 'm' })).toEqual([{ name: 'level', unit: 'm' }]);
    expect(of('')).toEqual([{ name: 'value', unit: '' }]);
    expect(() => of('channels=x,x')).toThrow(/has channels=x,x; expected different names/);
  });

  it('of an unknown driver get the names there are', async () => {
    await expect(openSensor('gpio:4', { places: installed.places })).rejects.toMatchObject({
      code: 'usage',
      message: 'sensor gpio:4: has the unknown driver "gpio"; expected fake:…',
    });
  });

  it('need the package that brings drivers', async () => {
    expect((await sensorDrivers({ places: absent.places })).entries).toEqual([]);
    await expect(openSensor('hwmon:x', { places: absent.places })).rejects.toMatchObject({
      code: 'unsupported',
      message:
        'sensor hwmon:x: no sensor drivers are installed; expected the file that npm run pack:device makes in the ' +
        'source code of spikewire',
    });
  });

  it('of a driver that cannot be loaded say so', async () => {
    const broken = new Installation();
    broken.install(broken.project, { gpio: { spikewire: { sensors: './none.js' } } });
    await expect(openSensor('gpio:4', { places: broken.places })).rejects.toThrow(
      /^sensor gpio:4: no sensor drivers are installed; expected .*; not usable: gpio: \.\/none\.js: does not exist; /,
    );
    broken.remove();
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { johnnyFiveDriver, johnnyFiveSensor } from './johnny-five.ts';

describe('components of johnny-five', () => {
  it.each<[string, object, string[], number[]]>([
    ['an analog sensor', { raw: 511, value: 511 }, ['it '], [511]],
    ['a button', { isDown: true, value: 1 }, ['it '], [1]],
    ['a switch', { isClosed: false, value: 3 }, ['it '], [0]],
    ['a thermometer', { celsius: 21.5, fahrenheit: 70.7 }, ['it °C'], [21.5]],
    [
      'a gyro',
      { rate: { x: 1, y: 2, z: 3 }, x: 9, isCalibrated: true },
      ['it.x °/s', 'it.y °/s', 'it.z °/s'],
      [1, 2, 3],
    ],
    ['an accelerometer', { acceleration: 1, x: 0, y: 0.1, z: 1 }, ['it.x g', 'it.y g', 'it.z g'], [0, 0.1, 1]],
  ])('%s is told by what it has', async (_, component, channels, values) => {
    const { description, read } = johnnyFiveSensor({ it: component });
    expect(description.channels.map(({ name, unit }) => `${name} ${unit}`)).toEqual(channels);
    expect(Array.from(await read())).toEqual(values);
  });

  it('that are made of others are all of those', async () => {
    const imu = { accelerometer: { acceleration: 1, x: 1, y: 2, z: 3 }, thermometer: { celsius: 30 } };
    const { description, read } = johnnyFiveSensor({ imu, door: { isDown: false } });
    expect(description.channels.map(({ name }) => name)).toEqual([
      ...['x', 'y', 'z'].map((axis) => `imu.accelerometer.${axis}`),
      'imu.thermometer',
      'door',
    ]);
    expect(Array.from(await read())).toEqual([1, 2, 3, 30, 0]);
  });

  it('that have no value yet are an input error, and are asked again', async () => {
    const light = { value: null as number | null };
    const sensor = johnnyFiveSensor({ light });
    await expect(sensor.read()).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('light: has no value yet'),
    });
    light.value = 7;
    expect(await sensor.read()).toEqual(Float64Array.of(7));
  });

  it('that nobody knows are refused by name', () => {
    expect(() => johnnyFiveSensor({ motor: { speed: 3 } })).toThrow(
      /motor: is not a known component; expected one that has isDown/,
    );
    expect(() => johnnyFiveSensor({})).toThrow('has no component');
  });
});

describe('a module with components', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spikewire-johnny-five-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is opened by its path, and closed by its own function', async () => {
    const path = join(folder, 'board.mjs');
    const text =
      'export const sensors = { light: { value: 3 } }; export const close = () => { sensors.light.value = 4; };';
    await writeFile(path, text);
    const sensor = await johnnyFiveDriver.open(path);
    if (!('read' in sensor)) throw new Error('is asked');
    expect(sensor.description.address).toBe(`johnny-five:${path}`);
    expect(await sensor.read()).toEqual(Float64Array.of(3));
    await sensor.close!();
    expect(await sensor.read()).toEqual(Float64Array.of(4));
  });

  it.each([
    ['board.mjs', "import five from 'johnny-five';", 'johnny-five', 'npm install --omit=optional johnny-five'],
    ['deep.mjs', "import 'serialport/lib/index.js';", 'serialport', 'npm install serialport'],
    ['scoped.mjs', "import '@serialport/stream';", '@serialport/stream', 'npm install @serialport/stream'],
    ['board.cjs', "require('johnny-five');", 'johnny-five', 'npm install --omit=optional johnny-five'],
    ['deep.cjs', "require('@of/parts/led.js');", '@of/parts', 'npm install @of/parts'],
  ])('%s says which package is missing, and how to install it', async (name, text, missing, install) => {
    const path = join(folder, name);
    await writeFile(path, text);
    await expect(johnnyFiveDriver.open(path)).rejects.toMatchObject({
      code: 'unsupported',
      message: `johnny-five:${path}: needs the package ${missing}, which is not installed; expected ${install}`,
    });
  });

  it('says in one line what a module requires that is not there', async () => {
    const path = join(folder, 'lost.cjs');
    await writeFile(path, "require('./parts.cjs');");
    const { message } = await johnnyFiveDriver.open(path).catch((error) => error);
    expect(message).toMatch(/lost\.cjs: cannot be loaded: Cannot find module '\.\/parts\.cjs'; expected a module/);
  });

  it('declares what modules of people may need as optional peers', () => {
    const manifest = createRequire(import.meta.url)('../../package.json');
    const optional = Object.fromEntries(['johnny-five', 'serialport'].map((name) => [name, { optional: true }]));
    expect(Object.keys(manifest.peerDependencies)).toEqual(Object.keys(optional));
    expect(manifest.peerDependenciesMeta).toEqual(optional);
    expect(manifest.dependencies).not.toHaveProperty('johnny-five');
  });

  it.each([
    ['none.mjs', undefined, /none\.mjs: cannot be loaded: Cannot find module/],
    ['wrong.mjs', 'export const sensors = ;', /wrong\.mjs: cannot be loaded/],
    ['null.mjs', 'export const sensors = { light: null };', /light: is not a known component; expected one that/],
    ['number.mjs', 'export const sensors = { light: 5 };', /light: is not a known component; expected one that/],
    ['empty.mjs', 'export const others = {};', /empty\.mjs: exports no sensors; expected export const sensors/],
  ])('%s is refused', async (name, text, message) => {
    const path = join(folder, name);
    if (text !== undefined) await writeFile(path, text);
    await expect(johnnyFiveDriver.open(path)).rejects.toThrow(message);
  });
});

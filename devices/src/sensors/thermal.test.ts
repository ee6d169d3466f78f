import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackSysfs } from '../../fixtures/sysfs/unpack.ts';
import { thermalDriver } from './thermal.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spikewire-sysfs-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('thermal zones', () => {
  it('are listed by type; cooling devices are none', async () => {
    await unpackSysfs('raspberry-pi', root);
    const [zone, ...others] = await thermalDriver({ root }).list();
    expect(others).toEqual([]);
    expect(zone).toMatchObject({ address: 'thermal:cpu-thermal', channels: [{ name: 'temperature', unit: '°C' }] });
  });

  it('of one type are told apart by the device they belong to', async () => {
    await unpackSysfs('pc', root);
    const addresses = (await thermalDriver({ root }).list()).map(({ address }) => address);
    expect(addresses).toEqual(['thermal:acpitz@LNXTHERM:00', 'thermal:acpitz@LNXTHERM:01', 'thermal:x86_pkg_temp']);
    const sensor = await thermalDriver({ root }).open('acpitz@LNXTHERM:01');
    expect(await sensor.read()).toEqual(Float64Array.of(29.8));
  });

  it('give millidegrees, below zero too', async () => {
    await unpackSysfs('raspberry-pi', root);
    await writeFile(join(root, 'class/thermal/thermal_zone0/temp'), '-12500\n');
    const sensor = await thermalDriver({ root }).open('cpu-thermal');
    expect(await sensor.read()).toEqual(Float64Array.of(-12.5));
  });
});

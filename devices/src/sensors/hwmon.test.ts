import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackSysfs } from '../../fixtures/sysfs/unpack.ts';
import { hwmonDriver } from './hwmon.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spikewire-sysfs-'));
});
afterEach(() => rm(root, { recursive: true }));

const addresses = async () => (await hwmonDriver({ root }).list()).map(({ address }) => address);
const valuesOf = async (rest: string) => Array.from(await (await hwmonDriver({ root }).open(rest)).read());

describe('hwmon on a Raspberry Pi', () => {
  beforeEach(() => unpackSysfs('raspberry-pi', root));

  it('lists the chips that measure something by name; rpi_volt has only an alarm', async () => {
    expect(await addresses()).toEqual([
      'hwmon:cpu_thermal',
      'hwmon:rp1_adc',
      'hwmon:pwmfan',
      'hwmon:sht4x',
      'hwmon:ina219',
    ]);
  });

  it.each([
    ['cpu_thermal', ['temp1 °C'], [48.85]],
    ['rp1_adc', ['temp1 °C', 'in1 V', 'in2 V', 'in3 V', 'in4 V'], [52.843, 1.463, 2.512, 1.405, 1.428]],
    ['pwmfan', ['fan1 rpm'], [2987]],
    ['sht4x', ['temp1 °C', 'humidity1 %'], [21.437, 43.218]],
    ['ina219', ['in0 V', 'in1 V', 'curr1 A', 'power1 W'], [0.009, 5.044, 0.873, 4.4]],
  ])('%s: %j in the units of the kernel documentation', async (chip, channels, values) => {
    const sensor = await hwmonDriver({ root }).open(chip);
    expect(sensor.description.channels.map(({ name, unit }) => `${name} ${unit}`)).toEqual(channels);
    expect(Array.from(await sensor.read())).toEqual(values);
  });

  it('reads what the file holds at the moment', async () => {
    const sensor = await hwmonDriver({ root }).open('sht4x/humidity1');
    await writeFile(join(root, 'class/hwmon/hwmon4/humidity1_input'), '0\n');
    expect(await sensor.read()).toEqual(Float64Array.of(0));
    await writeFile(join(root, 'class/hwmon/hwmon4/humidity1_input'), '100000\n');
    expect(await sensor.read()).toEqual(Float64Array.of(100));
  });

  it('finds a chip again that comes back under another number', async () => {
    const sensor = await hwmonDriver({ root }).open('sht4x');
    await rename(join(root, 'class/hwmon/hwmon4'), join(root, 'aside'));
    await expect(sensor.read()).rejects.toThrow(/hwmon4\/temp1_input: is not there \(ENOENT\)/);
    await expect(sensor.read()).rejects.toThrow(/is not there/);
    await rename(join(root, 'aside'), join(root, 'class/hwmon/hwmon17'));
    expect(Array.from(await sensor.read())).toEqual([21.437, 43.218]);
  });
});

describe('hwmon on a PC', () => {
  beforeEach(() => unpackSysfs('pc', root));

  it('tells two chips of a name apart by their bus addresses, not by the order in which they were found', async () => {
    const expected = [
      'hwmon:acpitz',
      'hwmon:nvme@0000:01:00.0',
      'hwmon:nvme@0000:02:00.0',
      'hwmon:coretemp',
      'hwmon:nct6798',
      'hwmon:amdgpu',
    ];
    expect(await addresses()).toEqual(expected);
    await rename(join(root, 'class/hwmon/hwmon1'), join(root, 'class/hwmon/hwmon99'));
    expect((await addresses()).sort()).toEqual([...expected].sort());
    expect(await valuesOf('nvme@0000:01:00.0/Composite')).toEqual([33.85]);
    expect(await valuesOf('nvme@0000:02:00.0/Composite')).toEqual([38.85]);
  });

  it('keeps the long address when the namesake leaves, and refuses the short one while it is there', async () => {
    await expect(hwmonDriver({ root }).open('nvme')).rejects.toThrow(/nvme@0000:01:00\.0, hwmon:nvme@0000:02:00\.0/);
    await rm(join(root, 'class/hwmon/hwmon1'));
    expect(await valuesOf('nvme@0000:02:00.0/temp1')).toEqual([38.85]);
    expect(await valuesOf('nvme/temp1')).toEqual([38.85]);
  });

  it('names channels by label or attribute, and two of one label by both', async () => {
    const { description } = await hwmonDriver({ root }).open('nct6798');
    const names = ['SYSTIN', 'AUXTIN0 (temp2)', 'AUXTIN0 (temp10)', 'fan1', 'fan2', 'in0', 'in7'];
    expect(description.channels.map(({ name }) => name)).toEqual(names);
    expect(await valuesOf('coretemp/Package id 0')).toEqual([41]);
    expect(await valuesOf('coretemp/temp3')).toEqual([40]);
    expect(await valuesOf('amdgpu/PPT')).toEqual([21.03]);
  });

  it('does not trust a channel that the chip calls faulty', async () => {
    expect(await valuesOf('nct6798/SYSTIN')).toEqual([35]);
    await expect(valuesOf('nct6798/temp2')).rejects.toThrow(/temp2_fault: is 1: the value is not to be trusted/);
  });

  it.each([
    ['coretemp/Core 7', /coretemp\/Core 7: names no channel of coretemp; expected Package id 0, Core 0, Core 1/],
    ['k10temp', /hwmon:k10temp: is not on this device; expected hwmon:acpitz, /],
    ['', /is not on this device/],
  ])('refuses "%s" with what there is', async (rest, message) => {
    await expect(hwmonDriver({ root }).open(rest)).rejects.toThrow(message);
  });
});

describe('an attribute that cannot be read', () => {
  beforeEach(() => unpackSysfs('pc', root));

  it.each([
    ['EIO', 'does not answer'],
    ['ENODATA', 'is switched off'],
    ['EAGAIN', 'has no value yet'],
    ['ENODEV', 'is gone'],
    ['EPROTO', 'cannot be read'],
  ])('%s is an input error that names the file, and the next reading is tried', async (code, meaning) => {
    let failing = true;
    const read = async () => {
      if (failing) throw Object.assign(new Error(code), { code });
      return '38125\n';
    };
    const sensor = await hwmonDriver({ root, read }).open('coretemp/Core 0');
    const problem = await sensor.read().catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(SpikewireError);
    expect((problem as SpikewireError).code).toBe('input');
    expect((problem as SpikewireError).message).toContain(`hwmon3/temp2_input: ${meaning} (${code})`);
    failing = false;
    expect(await sensor.read()).toEqual(Float64Array.of(38.125));
  });

  it.each(['', 'N/A', '1e3', '41.5', '0x10', '12 13'])('a text such as "%s" is an input error', async (text) => {
    const sensor = await hwmonDriver({ root, read: async () => text }).open('coretemp/Core 0');
    await expect(sensor.read()).rejects.toThrow(/temp2_input: holds ".*"; expected a whole number/);
  });
});

describe('a machine without hwmon', () => {
  it('has no sensors, which is not an error', async () => {
    expect(await addresses()).toEqual([]);
    await expect(hwmonDriver({ root }).open('coretemp')).rejects.toThrow(
      /is not on this device; expected a sensor that "spikewire devices" lists$/,
    );
  });
});

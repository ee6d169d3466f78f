import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SensorSettings, SensorStream, splitAddress } from 'spikewire/sensors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackSysfs } from '../../fixtures/sysfs/unpack.ts';
import { take } from '../../fixtures/take.ts';
import { iioDriver } from './iio.ts';

let root: string;
let devices: string;
let fifo: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spikewire-iio-'));
  devices = join(root, 'dev');
  await mkdir(devices);
  // A FIFO stands in for the character device of the part.
  fifo = join(devices, 'iio:device0');
  execFileSync('mkfifo', [fifo]);
});
afterEach(() => rm(root, { recursive: true }));

const part = (file: string) => join(root, 'bus/iio/devices/iio:device0', file);
const textOf = async (file: string) => (await readFile(part(file), 'utf8')).trim();
const driver = () => iioDriver({ root, devices });

async function openPart(address: string) {
  const { name, texts } = splitAddress(address.slice('iio:'.length));
  return driver().open(name, new SensorSettings(address, texts));
}

/** Puts bytes into the FIFO, in pieces of some size. */
async function write(bytes: Uint8Array, piece = bytes.length): Promise<{ close(): Promise<void> }> {
  const file = await open(fifo, 'r+');
  for (let at = 0; at < bytes.length; at += piece) {
    await file.write(bytes.subarray(at, at + piece));
    if (piece < bytes.length) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return file;
}

/** As `iio_readdev … adxl345 | hexdump -d` printed them on a machine (Documentation/iio/adxl345.rst). */
const ADXL345 = [3, 12, 13, 5, 10, 11, 5, 11, 13, 4, 12, 11, 3, 12, 14, 7, 11, 13, 4, 13, 14, 3, 12, 13];
/** As `hexdump -C` printed scans of temperature and velocity on a machine (Documentation/iio/adis16475.rst). */
const ADIS16505 = '011f0000fffffeef000047bf00033555 011f0000ffffffd9000046f100033535 011d0000fffffe5a000045d700033608';

describe('IIO', () => {
  it('lists a part with its channels, and asks them one after another', async () => {
    await unpackSysfs('adxl345', root);
    expect(await driver().list()).toEqual([
      {
        address: 'iio:adxl345',
        name: 'adxl345 at 1-0053',
        channels: ['accel_x', 'accel_y', 'accel_z'].map((name) => ({ name, unit: 'm/s²' })),
      },
    ]);
    const { samples } = await take(await openPart('iio:adxl345'), 1);
    expect(samples[0]).toEqual([-1 * 0.004789, 2 * 0.004789, -253 * 0.004789]);
    const one = await take(await openPart('iio:adxl345@1-0053/accel_z'), 1);
    expect(one.samples).toEqual([[-253 * 0.004789]]);
  });

  it.each([
    ['iio:mpu6050', /iio:mpu6050: is not on this device; expected iio:adxl345$/],
    ['iio:adxl345/temp', /names "temp", no channel of adxl345; expected accel_x, accel_y, accel_z$/],
  ])('%s is refused with what there is', async (address, message) => {
    await unpackSysfs('adxl345', root);
    await expect(openPart(address)).rejects.toThrow(message);
  });

  it('takes the scans of an ADXL345 out of its buffer, and switches that on and off', async () => {
    await unpackSysfs('adxl345', root);
    const sensor = await openPart('iio:adxl345?rate=400');
    expect(sensor.description).toMatchObject({ rate: 400 });
    expect(sensor.description.timed).toBeUndefined(); // its driver gives none
    const stream = new SensorStream(sensor);
    const pending = stream.readBlock();
    const file = await write(new Uint8Array(Int16Array.from(ADXL345).buffer));
    const { times, values } = (await pending)!;
    expect(await textOf('buffer0/enable')).toBe('1');
    expect(Number(await textOf('buffer0/length'))).toBeGreaterThanOrEqual(400);
    expect(await textOf('in_accel_sampling_frequency')).toBe('400');
    for (const axis of ['x', 'y', 'z']) expect(await textOf(`buffer0/in_accel_${axis}_en`)).toBe('1');
    expect(Array.from(values)).toEqual(ADXL345.map((raw) => raw * 0.004789));
    expect(Array.from(times)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((k) => k / 400));
    await stream.close();
    await file.close();
    expect(await textOf('buffer0/enable')).toBe('0');
  });

  it('leaves the buffer alone where it cannot have the device', async () => {
    await unpackSysfs('adxl345', root);
    await writeFile(part('buffer0/enable'), '1');
    await rm(fifo);
    const problems: string[] = [];
    const onProblem = ({ message }: Error) => problems.push(message);
    const stream = new SensorStream(await openPart('iio:adxl345?buffered'), { onProblem });
    const pending = stream.readBlock();
    await expect.poll(() => problems.at(-1), { timeout: 20_000 }).toMatch(/dev\/iio:device0: is not there \(ENOENT\)$/);
    await stream.close();
    await pending;
    expect(await textOf('buffer0/enable')).toBe('1');
  });

  it('takes big-endian scans of another width apart, as an ADIS16505 before Linux 5.11 has them', async () => {
    await unpackSysfs('adis16505', root);
    const wanted = 'temp0,deltavelocity_x,deltavelocity_y,deltavelocity_z';
    const taking = take(await openPart(`iio:adis16505-2?buffered&channels=${wanted}&trigger=adis16505-2-dev0`), 3);
    const file = await write(Buffer.from(ADIS16505.replace(/ /g, ''), 'hex'));
    const { samples, times } = await taking;
    await file.close();
    expect(samples).toEqual([
      [28.7, -273, 18367, 210261],
      [28.7, -39, 18161, 210229],
      [28.5, -422, 17879, 210440],
    ]);
    expect(times).toEqual([0, 1 / 2000, 2 / 2000]);
    expect(await textOf('trigger/current_trigger')).toBe('adis16505-2-dev0');
    expect(await textOf('scan_elements/in_temp0_en')).toBe('1');
    expect(await textOf('scan_elements/in_accel_x_en')).toBe('0');
  });

  it("has the kernel's times to the nanosecond, and joins scans that come in pieces", async () => {
    await unpackSysfs('adc8', root);
    const sensor = await openPart('iio:adc8?buffered');
    expect(sensor.description).toMatchObject({ rate: 1000, timed: 'at the source' });
    const began = 1_764_300_000_123_456_789n;
    const offsets = [0n, 1_000_003n, 1_999_999n, 5_000_000n, 5_000_000n, 6_000_001n];
    const scans = Buffer.alloc(24 * offsets.length);
    for (const [k, offset] of offsets.entries()) {
      for (let c = 0; c < 8; c++) scans.writeInt16LE((100 * k + c - 2) * 16 + 9, 24 * k + 2 * c);
      scans.writeBigInt64LE(began + offset, 24 * k + 16);
    }
    const taking = take(sensor, 5);
    const file = await write(scans, 7);
    const { origin, times, samples, figures } = await taking;
    await file.close();
    expect(origin).toBeCloseTo(1_764_300_000_123.4568, 3);
    expect(times).toEqual([0, 0.001000003, 0.001999999, 0.005, 0.006000001]);
    expect(samples[1]).toEqual([98, 99, 100, 91, 102, 103, 104, 105].map((raw) => (raw * 0.5) / 1000));
    expect(figures).toMatchObject({ samples: 6, duplicates: 1, gaps: 1, missing: 2, nonFinite: 0 });
  });

  it('is read again after it was unplugged and plugged in under another number', async () => {
    await unpackSysfs('adxl345', root);
    const problems: string[] = [];
    const onProblem = ({ message }: Error) => problems.push(message);
    const stream = new SensorStream(await openPart('iio:adxl345?buffered'), { onProblem });
    const scan = (x: number) => new Uint8Array(Int16Array.of(x, 0, 0).buffer);
    const first = stream.readBlock();
    const before = await write(scan(1));
    expect((await first)!.values[0]).toBe(0.004789);
    const folder = join(root, 'bus/iio/devices');
    await rename(join(folder, 'iio:device0'), join(root, 'aside'));
    await rename(fifo, join(devices, 'aside'));
    const second = stream.readBlock();
    await expect.poll(() => problems.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    expect(problems[0]).toMatch(/iio:device0: is gone$/);
    expect(problems[1]).toMatch(/iio:adxl345: is not on this device/);
    await rename(join(root, 'aside'), join(folder, 'iio:device3'));
    fifo = join(devices, 'iio:device3');
    await rename(join(devices, 'aside'), fifo);
    const after = await write(scan(2));
    expect((await second)!.values[0]).toBe(2 * 0.004789);
    expect(stream.figures.problem).toBeNull();
    await stream.close();
    await Promise.all([before.close(), after.close()]);
  });
});

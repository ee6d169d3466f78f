import { execFileSync } from 'node:child_process';
import { type FileHandle, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MqttLink } from 'spikewire/mqtt';
import { openSensor } from 'spikewire/sensors';
import { afterEach, beforeEach, expect, it, onTestFinished, type TestContext, vi } from 'vitest';
import { FakePrograms, isAlive } from '../../devices/fixtures/fake-programs.ts';
import { unpackSysfs } from '../../devices/fixtures/sysfs/unpack.ts';
import { needs } from '../services.ts';
import { freePort, startMosquitto } from './mosquitto.ts';

/** What stands in for a sensor, and can do to it what happens to sensors. */
interface StandIn {
  readonly address: string;
  /** Its first channel shows this from now on, or once. */
  give(value: 0 | 1): Promise<unknown>;
  /** Shows what is no number; absent where nothing of that sort can come. */
  giveNonsense?(): Promise<unknown>;
  /** Absent where nothing can be unplugged. */
  readonly plug?: { pull(): Promise<unknown>; push(): Promise<unknown> };
  /** Whether something of the sensor is still there, after it was closed. */
  isLeft?(): Promise<boolean>;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-kinds-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** A recorded tree, of which an attribute changes and a device goes away. */
function sysfs(tree: Parameters<typeof unpackSysfs>[0], address: string, device: string, file: string, unit: number) {
  return async (): Promise<StandIn> => {
    const root = join(folder, 'sys');
    await unpackSysfs(tree, root);
    vi.stubEnv('SPIKEWIRE_SYSFS', root);
    const [here, away] = [join(root, 'devices', device), join(folder, 'away')];
    const show = (text: string) => writeFile(join(here, file), `${text}\n`);
    await show('0');
    return {
      address,
      give: (value) => show(String(value * unit)),
      giveNonsense: () => show('much'),
      plug: { pull: () => rename(here, away), push: () => rename(away, here) },
    };
  };
}

/** A fake of a program: what it is given it writes, it fails while it is unplugged, and has to end with the sensor. */
async function program(name: string, fails: string, version = '') {
  const fakes = await FakePrograms.make();
  onTestFinished(() => fakes.remove());
  await fakes.pretend(name, version);
  let output: FileHandle | undefined;
  onTestFinished(() => output?.close());
  return {
    fakes,
    write: async (bytes: string | Uint8Array) => {
      output ??= await fakes.output(name);
      await output.write(bytes as string);
    },
    plug: {
      pull: async () => {
        await fakes.fail(name, fails);
        await fakes.kill(name);
        await output?.close();
        output = undefined;
      },
      push: () => fakes.fail(name, ''),
    },
    isLeft: async () => fakes.pids(name).some(isAlive),
  };
}

async function gpio(): Promise<StandIn> {
  const version = 'gpiomon (libgpiod) v2.2.1';
  const gpiomon = await program('gpiomon', "gpiomon: cannot find GPIO chip character device '0'\n", version);
  await gpiomon.fakes.write('gpioget', 'echo 0');
  const now = () => String(process.hrtime.bigint()).replace(/(\d{9})$/, '.$1');
  return {
    ...gpiomon,
    address: 'gpio:gpiochip0/17',
    give: (value) => gpiomon.write(`${value === 1 ? 1 : 2} 17 ${now()} GPIO17\n`),
  };
}

async function microphone(): Promise<StandIn> {
  const arecord = await program('arecord', 'arecord: pcm_read:2221: read error: No such device\n');
  const give = (value: number) => arecord.write(new Uint8Array(Float32Array.of(value).buffer));
  return { ...arecord, address: 'mic:hw:1,0?format=FLOAT_LE&rate=1000', give, giveNonsense: () => give(Number.NaN) };
}

async function fifo(): Promise<StandIn> {
  const path = join(folder, 'pipe');
  const make = async () => execFileSync('mkfifo', [path]);
  let output: FileHandle | undefined;
  const end = async () => {
    await output?.close();
    output = undefined;
  };
  onTestFinished(end);
  const write = async (line: string) => {
    output ??= await open(path, 'w');
    await output.write(`${line}\n`);
  };
  await make();
  return {
    address: `fifo:${path}`,
    give: (value) => write(String(value)),
    giveNonsense: () => write('much'),
    plug: { pull: async () => rm(path).then(end), push: make },
  };
}

async function mqtt(context: TestContext): Promise<StandIn> {
  needs(context, 'mosquitto');
  const broker = (await startMosquitto())!;
  onTestFinished(() => broker.close());
  const link = await MqttLink.connect(broker.url, { clientId: 'sender', random: () => 0 });
  onTestFinished(() => link.close());
  const publish = (payload: string) => link.publish('shed', payload, { retain: true });
  return {
    address: `${broker.url}/shed`,
    give: (value) => publish(String(value)),
    giveNonsense: () => publish('much'),
    plug: { pull: () => broker.stop(), push: () => broker.start() },
  };
}

async function http(): Promise<StandIn> {
  const url = `http://127.0.0.1:${await freePort()}/shed`;
  const post = async (body: string): Promise<Response> => {
    const answer = await fetch(url, { method: 'POST', body }).catch(() => undefined);
    return answer ?? delay(20).then(() => post(body));
  };
  return {
    address: url,
    give: (value) => post(String(value)),
    giveNonsense: () => post('much'),
    isLeft: () =>
      fetch(url).then(
        () => true,
        () => false,
      ),
  };
}

const kinds: Readonly<Record<string, (context: TestContext) => Promise<StandIn>>> = {
  hwmon: sysfs(
    'raspberry-pi',
    'hwmon:sht4x',
    'platform/axi/1000120000.pcie/1f00074000.i2c/i2c-1/1-0044/hwmon/hwmon4',
    'temp1_input',
    1000,
  ),
  thermal: sysfs('raspberry-pi', 'thermal:cpu-thermal', 'virtual/thermal/thermal_zone0', 'temp', 1000),
  iio: sysfs(
    'adxl345',
    'iio:adxl345/accel_x',
    'platform/axi/1000120000.pcie/1f00074000.i2c/i2c-1/1-0053/iio:device0',
    'in_accel_x_raw',
    209, // of 0.004789 m/s² each
  ),
  gpio,
  mic: microphone,
  fifo,
  mqtt,
  http,
};

it.for(Object.entries(kinds))('a sensor of the kind %s holds what all have to', async ([, kind], context) => {
  const source = await kind(context);
  const told: string[] = [];
  const settings = `${source.address.includes('?') ? '&' : '?'}delta=0.5&interval=0.02`;
  const stream = await openSensor(`${source.address}${settings}`, { onProblem: ({ message }) => told.push(message) });
  onTestFinished(() => stream.close());
  let last = Number.NEGATIVE_INFINITY;
  const next = async (value: 0 | 1) => {
    const [reading] = await Promise.all([stream.read(), source.give(value)]);
    expect(reading!.time).toBeGreaterThanOrEqual(last);
    last = reading!.time;
    return Math.round(reading!.values[0]!);
  };

  // It gives what it is given, and what did not change by so much is left out.
  expect([await next(0), await next(1)]).toEqual([0, 1]);
  await source.give(1);
  await vi.waitFor(() => expect(stream.figures.unchanged).toBeGreaterThan(0), 10_000);
  expect(await next(0)).toBe(0);

  // What is no number is counted, and the next is taken.
  await source.giveNonsense?.();
  const doubtful = () => stream.figures.nonFinite + stream.figures.problems;
  await vi.waitFor(() => expect(doubtful() > 0 || source.giveNonsense === undefined).toBe(true), 10_000);
  expect(await next(1)).toBe(1);

  // It goes on where it was unplugged and is there again.
  if (source.plug !== undefined) {
    const before = told.length;
    await source.plug.pull();
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(before), 10_000);
    expect(stream.figures.problem).not.toBeNull();
    await source.plug.push();
    expect(await next(0)).toBe(0);
  }
  expect(stream.figures.problem).toBeNull();
  for (const line of told) expect(line).toMatch(/^[^\n]+$/);

  // Nothing of it is left behind.
  await stream.close();
  expect(await source.isLeft?.()).not.toBe(true);
});

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextReadingModel, parseModel, RandomGenerator, writeModel } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unpackSysfs } from '../../devices/fixtures/sysfs/unpack.ts';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, runCommand, startCommand } from './command.ts';
import { startMosquitto } from './mosquitto.ts';

const WARM_UP = 10;

interface Result {
  readonly t: number;
  readonly seq: number;
  readonly result: Readonly<Record<string, number>> | null;
}

let folder: string;
let chip: string;
let commands: RunningCommand[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-sensor-'));
  const root = join(folder, 'sys');
  await unpackSysfs('raspberry-pi', root);
  vi.stubEnv('SPIKEWIRE_SYSFS', root);
  chip = join(root, 'class/hwmon/hwmon4');
  const channels = [
    { name: 'temp1', unit: '°C' },
    { name: 'humidity1', unit: '%' },
  ];
  const model = nextReadingModel({ channels, neurons: 50, rangeWarmUp: WARM_UP, monitor: { warmUp: WARM_UP } });
  await writeFile(join(folder, 'air.spike'), writeModel(model));
  commands = [];
});

afterEach(async () => {
  await killAll(commands);
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

function startRun(...more: string[]): RunningCommand {
  const words = ['run', 'air.spike', '--sensor', 'hwmon:sht4x', '--interval', '0.02', '--device', 'reference', ...more];
  const command = startCommand(words, folder);
  commands.push(command);
  return command;
}

async function stop(command: RunningCommand): Promise<void> {
  command.process.kill('SIGTERM');
  expect(await command.ended).toBe(0);
}

/** What the chip shows from now on. */
async function setAir(celsius: number, percent: number): Promise<void> {
  await writeFile(join(chip, 'temp1_input'), `${Math.round(1000 * celsius)}\n`);
  await writeFile(join(chip, 'humidity1_input'), `${Math.round(1000 * percent)}\n`);
}

/** The results so far; the other lines of stdout are what the command says of itself. */
const resultsOf = (command: RunningCommand): Result[] =>
  command
    .stdout()
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Result);

const said = (seq: number) => new RegExp(`"seq":${seq},`);

describe('spikewire run --sensor', () => {
  it('is ended by a signal in the middle of a window that takes minutes, also in process', async () => {
    const cells = 4000;
    const rows = (height: number, width: number) =>
      Array.from({ length: height }, () => new Array<number>(width).fill(0.001));
    const endless = {
      nodes: {
        in: { type: 'Input', shape: [2] },
        fc: { type: 'Linear', weight: rows(cells, 2) },
        cells: { type: 'LIF', tau: 0.02, v_threshold: 1 },
        read: { type: 'Linear', weight: rows(2, cells) },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'fc'],
        ['fc', 'cells'],
        ['cells', 'read'],
        ['read', 'out'],
      ],
      encoder: { in: { type: 'direct', range: [-100, 100] } },
      decoder: { out: { type: 'linear' } },
      sample: { steps: 1_000_000, between: 'reset' },
    };
    await writeFile(join(folder, 'endless.json'), JSON.stringify(endless));
    const words = ['run', 'endless.json', '--sensor', 'hwmon:sht4x', '--device', 'reference', '--threads', '0'];
    const command = startCommand(words, folder);
    commands.push(command);
    await command.says(/^sensor hwmon/m);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(command.stderr()).toMatch(/^spikewire: window: was stopped after \d+ of 1000000 steps; expected its end$/m);
  });

  it('prints one JSON result per reading, and predicts what the sensor shows', async () => {
    const command = startRun();
    for (let reading = 1; reading <= WARM_UP; reading++) {
      await setAir(20 + (reading % 2) * 2, 40 + (reading % 2) * 10);
      await command.says(said(reading));
    }
    await setAir(21.5, 47);
    await command.says(said(2 * WARM_UP + 10));
    await stop(command);
    const results = resultsOf(command);
    expect(results.map(({ seq }) => seq)).toEqual(results.map((_, index) => index + 1));
    expect(results[0]!.result).toBeNull();
    expect(results.at(-1)!.result!.temp1).toBeCloseTo(21.5, 0);
    expect(Math.abs(results.at(-1)!.result!.humidity1! - 47)).toBeLessThan(2);
    for (let k = 1; k < results.length; k++) expect(results[k]!.t).toBeGreaterThanOrEqual(results[k - 1]!.t);
  });

  it('prints nothing for a reading that completes no sample, and says once what is doubtful about the model', async () => {
    const inPairs = parseModel({
      nodes: {
        in: { type: 'Input', shape: [2] },
        weight: { type: 'Linear', weight: [[1, 1]] },
        cell: { type: 'LIF', tau: 0.0005, v_threshold: 0.5 },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'weight'],
        ['weight', 'cell'],
        ['cell', 'out'],
      ],
      features: { in: [{ type: 'window', length: 2 }, { type: 'mean' }] },
      encoder: { in: { type: 'direct', range: [0, 100] } },
      decoder: { out: { type: 'count' } },
    });
    await writeFile(join(folder, 'air.spike'), writeModel(inPairs));
    const command = startRun();
    await command.says(said(6));
    await stop(command);
    const numbers = resultsOf(command).map(({ seq }) => seq);
    expect(numbers.slice(0, 3)).toEqual([2, 4, 6]);
    expect(command.stderr()).toMatch(/^spikewire: node "cell" \(LIF\): dt 0\.001 is longer than .*\n$/);
  });

  it('says in one clear line what is gone, and goes on when it is back', async () => {
    const command = startRun();
    await command.says(said(3));
    await rename(join(chip, 'humidity1_input'), join(chip, 'aside'));
    await command.says(/hwmon4\/humidity1_input: is not there \(ENOENT\)/);
    await rename(join(chip, 'aside'), join(chip, 'humidity1_input'));
    await command.says(said(resultsOf(command).length + 3));
    await stop(command);
    const problems = command
      .stderr()
      .split('\n')
      .filter((line) => line.includes('ENOENT'));
    expect(new Set(problems).size).toBe(1);
    expect(command.stderr()).not.toMatch(/ {4}at /);
    const results = resultsOf(command);
    expect(results.map(({ seq }) => seq)).toEqual(results.map((_, index) => index + 1));
  });

  it('publishes the results where it is told to', async (context) => {
    needs(context, 'mosquitto');
    const broker = (await startMosquitto())!;
    try {
      const random = new RandomGenerator(1, 'test');
      const link = await MqttLink.connect(broker.url, { clientId: 'listener', random: () => random.nextUniform() });
      const published: Result[] = [];
      let haveEnough = () => {};
      const enough = new Promise<void>((resolve) => {
        haveEnough = resolve;
      });
      await link.subscribe('room/air', ({ payload }) => {
        published.push(JSON.parse(Buffer.from(payload).toString()));
        if (published.length === 5) haveEnough();
      });
      const command = startRun('--mqtt', broker.url, '--out', 'room/air');
      await enough;
      await stop(command);
      await link.close();
      expect(published.slice(0, 5).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
      expect(command.stdout()).not.toMatch(/"seq"/);
    } finally {
      await broker.close();
    }
  });

  it('feeds a recording at its pace, names it as the model does, and ends with it', async () => {
    await writeFile(
      join(folder, 'air.txt'),
      Array.from({ length: 30 }, (_, k) => `${20 + (k % 3)} ${40 + k}`).join('\n'),
    );
    const words = ['run', 'air.spike', '--sensor', 'file:air.txt?rate=200', '--device', 'reference', '--json'];
    const { code, stdout, stderr } = await runCommand(words, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/temp1 \(°C\), humidity1 \(%\)/) });
    const { sensor } = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(sensor).toMatchObject({ samples: 30, taken: 30, dropped: 0, gaps: 0, problems: 0 });
    expect(sensor.channels[1]).toEqual({ name: 'humidity1', unit: '%', low: 40, high: 69, stuck: false });
  });

  it.each([
    ['hwmon:bme280', 1, /hwmon:bme280: is not on this device; expected hwmon:cpu_thermal, hwmon:rp1_adc/],
    ['hwmon:sht4x/light', 1, /names no channel of sht4x; expected temp1, humidity1/],
    ['hwmon:pwmfan', 2, /--sensor hwmon:pwmfan: has 1 channel \(fan1\); expected 2, as the model has/],
    ['pigpio:4', 2, /unknown driver "pigpio"; expected hwmon:…, thermal:…, iio:…, gpio:…/],
    ['gpio:4', 2, /does not say which lines; expected gpio:gpiochip0/],
    ['iio:adxl345?speed=4', 2, /unknown setting "speed"; expected rate, buffered, trigger, channels, interval, delta/],
  ])('--sensor %s ends with one line and exit code %i', async (sensor, code, line) => {
    const ended = await runCommand(['run', 'air.spike', '--sensor', sensor, '--device', 'reference'], folder);
    expect(ended.stderr).toMatch(line);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.code).toBe(code);
  });
});

describe('spikewire devices', () => {
  it('lists what run takes', async () => {
    const { code, stdout, stderr } = await runCommand(['devices', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { sensors, boards } = JSON.parse(stdout);
    expect(sensors.map(({ address }: { address: string }) => address)).toContain('hwmon:sht4x');
    expect(sensors).toContainEqual({
      address: 'thermal:cpu-thermal',
      name: 'cpu-thermal at thermal_zone0',
      channels: [{ name: 'temperature', unit: '°C' }],
    });
    expect(boards).toEqual([]);
    const tried = await runCommand(['devices', '--test', 'hwmon:sht4x?interval=0.05', '--json']);
    expect(tried).toMatchObject({ code: 0, stderr: '' });
    const { samples, channels } = JSON.parse(tried.stdout);
    expect(samples).toBeGreaterThan(5);
    expect(channels[0]).toMatchObject({ name: 'temp1', unit: '°C', low: 21.437, high: 21.437 });
    const text = await runCommand(['devices']);
    expect(text.stdout).toMatch(/hwmon:sht4x +sht4x at 1-0044 +temp1 \(°C\), humidity1 \(%\)/);
  });
});

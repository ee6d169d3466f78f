import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type SensorFigures, SensorSettings, SensorStream, splitAddress } from 'spikewire/sensors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lacks, needs } from '../../../test/services.ts';
import { FakePrograms, isAlive } from '../../fixtures/fake-programs.ts';
import { take } from '../../fixtures/take.ts';
import { gpioDriver } from './gpio.ts';

/** What libgpiod 2.2.1 of Debian 13 says of itself, and 1.6.3 of Debian 12. */
const VERSION_2 = 'gpiomon (libgpiod) v2.2.1\nCopyright (C) 2017-2023 Bartosz Golaszewski\n';
const VERSION_1 = 'gpiomon (libgpiod) v1.6.3\nCopyright (C) 2017-2018 Bartosz Golaszewski\n';

function openSensor(rest: string) {
  const { name, texts } = splitAddress(rest);
  return gpioDriver.open(name, new SensorSettings(`gpio:${rest}`, texts));
}

describe('edges of a fake gpiomon', () => {
  let fakes: FakePrograms;
  beforeEach(async () => {
    fakes = await FakePrograms.make();
    await fakes.pretend('gpiomon', VERSION_2);
    await fakes.write('gpioget', `echo "$*" >> '${fakes.folder}/gpioget.words'; echo 0 1`);
  });
  afterEach(() => fakes.remove());

  const write = async (...lines: readonly string[]) => {
    const output = await fakes.output('gpiomon');
    for (const line of lines) await output.write(`${line}\n`);
    return output;
  };

  it('are the levels of all lines, with the time of the kernel to the nanosecond', async () => {
    const taken = take(await openSensor('gpiochip0/17,GPIO27'), 4);
    const now = process.hrtime.bigint();
    const after = (nanoseconds: number) => String(now + BigInt(nanoseconds)).replace(/(\d{9})$/, '.$1');
    const output = await write(`1 17 ${after(0)} GPIO17`, `2 27 ${after(1)} GPIO27`);
    await output.write(`1 27 ${after(999_999_999)} GP`);
    await output.write(`IO27\n1 4 ${after(1e9)} GPIO4\nnonsense\n2 17 ${after(3_600_000_000_001)} GPIO17\n`);
    const { origin, times, samples, changed, figures } = await taken;
    await output.close();
    expect(times.map((time) => Math.round(1e9 * (time - times[0]!)))).toEqual([0, 1, 999_999_999, 3_600_000_000_001]);
    const first = origin + 1000 * times[0]!;
    expect(Math.abs(first + Number(process.hrtime.bigint() - now) / 1e6 - Date.now())).toBeLessThan(2000);
    expect(samples).toEqual([
      [1, 1],
      [1, 0],
      [1, 1],
      [0, 1],
    ]);
    expect(changed).toEqual([0, 1, 1, 0]);
    expect(figures).toMatchObject({ samples: 4, duplicates: 0, backwards: 0, gaps: 0, problems: 0 });
    expect(fakes.words('gpioget')).toEqual(['--chip gpiochip0 --numeric 17 GPIO27']);
    expect(fakes.words('gpiomon')[1]).toBe(
      '--chip gpiochip0 --edges both --event-clock monotonic --unquoted --format %e %o %S %l 17 GPIO27',
    );
  });

  it('of one kind leave the other lines at rest, and need no levels', async () => {
    const taken = take(await openSensor('GPIO17,GPIO27?edge=rising&bias=pull-up&debounce=2.5&active-low'), 2);
    const output = await write('1 17 5.000000001 GPIO17', '1 27 5.000000001 GPIO27');
    const { samples, changed } = await taken;
    await output.close();
    expect([samples, changed]).toEqual([
      [
        [1, 0],
        [0, 1],
      ],
      [0, 1],
    ]);
    expect(fakes.words('gpioget')).toEqual([]);
    expect(fakes.words('gpiomon')[1]).toMatch(
      /^--bias pull-up --active-low --edges rising --debounce-period 2500us .* GPIO17 GPIO27$/,
    );
  });

  it('come again after gpiomon was killed, and it ends with the sensor', async () => {
    const problems: string[] = [];
    const stream = new SensorStream(await openSensor('gpiochip0/17,27?edge=falling'), {
      onProblem: ({ message }) => problems.push(message),
    });
    const first = stream.read();
    await write('2 17 1.000000000 unnamed');
    expect((await first)!.values).toEqual(Float64Array.of(0, 1));
    await fakes.kill('gpiomon');
    const second = stream.read();
    await write('2 27 2.000000000 unnamed');
    expect((await second)!.values).toEqual(Float64Array.of(1, 0));
    expect(problems).toEqual(['gpio:gpiochip0/17,27?edge=falling: gpiomon ended with SIGKILL']);
    const pids = fakes.pids('gpiomon');
    expect(pids.map(isAlive)).toEqual([false, true]);
    await stream.close();
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('end gpiomon where nobody takes any more', async () => {
    const sensor = await openSensor('gpiochip0/17?edge=rising');
    if (!('samples' in sensor)) throw new Error('it does not speak');
    const output = write('1 17 1.000000000 GPIO17');
    for await (const _ of sensor.samples(new AbortController().signal)) break;
    expect(fakes.pids('gpiomon').map(isAlive)).toEqual([false]);
    await (await output).close();
  });

  it.each([
    ["gpiomon: unable to open chip '/dev/gpiochip0': Permission denied", /expected membership of the group gpio: sudo/],
    [
      "gpiomon: unable to request lines on chip '/dev/gpiochip0': Device or resource busy",
      /expected a line that is not in use/,
    ],
    ["gpiomon: cannot find GPIO chip character device 'gpiochip0'", /expected a chip that gpiodetect lists$/],
    ["gpiomon: cannot find line '17'", /expected a line that gpioinfo lists; where it lists none, .*sudo usermod/],
  ])('%s has what mends it', async (said, mend) => {
    await fakes.fail('gpiomon', `${said}\n`);
    const failed = vi.fn();
    const stream = new SensorStream(await openSensor('gpiochip0/17?edge=rising'), { onProblem: failed });
    const edge = stream.read();
    await vi.waitFor(() => expect(failed).toHaveBeenCalled(), { timeout: 10_000 });
    const [{ code, message }] = failed.mock.calls[0]!;
    expect([code, message]).toEqual(['input', expect.stringContaining(`gpio:gpiochip0/17?edge=rising: ${said}`)]);
    expect(message).toMatch(mend);
    await fakes.fail('gpiomon', '');
    await write('1 17 1.000000000 GPIO17');
    await edge;
    const figures: SensorFigures = stream.figures;
    await stream.close();
    expect(figures).toMatchObject({ samples: 1, problem: null });
  });

  it('leave no gpiomon behind that keeps the lines when their process is killed', async (context) => {
    if (!existsSync('/usr/bin/setpriv')) lacks(context, 'util-linux', 'setpriv of util-linux');
    const program = fileURLToPath(new URL('../../../runtime/bin/spikewire.js', import.meta.url));
    const words = [program, 'devices', '--test', 'gpio:gpiochip0/17?edge=rising'];
    const parent = spawn(process.execPath, words, { stdio: 'ignore' });
    await expect.poll(() => fakes.pids('gpiomon'), { timeout: 20_000 }).toHaveLength(1);
    parent.kill('SIGKILL');
    await once(parent, 'close');
    await expect.poll(() => fakes.pids('gpiomon').filter(isAlive), { timeout: 4000 }).toEqual([]);
  });

  it('of libgpiod 1 are refused, and say what to install', async () => {
    await fakes.pretend('gpiomon-1', VERSION_1);
    await fakes.write('gpiomon', `exec '${fakes.folder}/gpiomon-1' "$@"`);
    await expect(openSensor('gpiochip0/17')).rejects.toMatchObject({
      code: 'unsupported',
      message:
        'gpio:gpiochip0/17: needs another libgpiod than 1.6.3; expected 2, as Debian 13 has it: sudo apt install gpiod',
    });
  });
});

it('without gpiomon say what to install', async () => {
  vi.stubEnv('PATH', '/nowhere');
  await expect(openSensor('gpiochip0/17')).rejects.toMatchObject({
    code: 'unsupported',
    message: 'gpio:gpiochip0/17: needs gpiomon; expected sudo apt install gpiod',
  });
  vi.unstubAllEnvs();
});

it.each(['', '17', 'gpiochip0/', 'gpiochip0/17,17', 'gpiochip0/--help', '--help', '/17', '-c/17', 'GPIO17,', 'a b'])(
  '"%s" names no lines',
  async (name) => {
    await expect(openSensor(name)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('does not say which lines; expected gpio:gpiochip0/17,27 or gpio:GPIO17'),
    });
  },
);

describe.each([
  ['gpioget', 'both'],
  ['gpiomon', 'falling'],
])('the real %s', (program, edge) => {
  it('takes our words', async (context) => {
    const version = spawnSync(needs(context, 'gpiod'), ['--version'], { encoding: 'utf8' }).stdout;
    if (!/\bv2\./.test(version)) return lacks(context, 'gpiod', 'libgpiod 2');
    const sensor = await openSensor(`no-such-chip/17,27?edge=${edge}&bias=disabled&debounce=0.5&active-low`);
    if (!('samples' in sensor)) throw new Error('it does not speak');
    await expect(sensor.samples(new AbortController().signal)[Symbol.asyncIterator]().next()).rejects.toThrow(
      `${program}: cannot find GPIO chip character device 'no-such-chip'; expected a chip that gpiodetect lists`,
    );
  });
});

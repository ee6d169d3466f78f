import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { SensorSettings, SensorStream, splitAddress } from 'spikewire/sensors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { take } from '../../fixtures/take.ts';
import { csvDriver } from './csv.ts';
import { fifoDriver } from './fifo.ts';
import { fileDriver } from './file.ts';
import { LineSplitter } from './reads/lines.ts';
import { type DueSample, replay } from './reads/replay.ts';
import { TextSamples } from './reads/text-sample.ts';
import { serialDriver } from './serial.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-text-'));
});
afterEach(() => rm(folder, { recursive: true }));

const drivers = { csv: csvDriver, file: fileDriver, fifo: fifoDriver, serial: serialDriver() };

function openSensor(scheme: keyof typeof drivers, rest: string, driver = drivers[scheme]) {
  const { name, texts } = splitAddress(rest);
  return driver.open(name, new SensorSettings(`${scheme}:${rest}`, texts));
}

describe('lines of text', () => {
  it('are the same however the bytes are cut', () => {
    const bytes = new TextEncoder().encode('1,2\r\n\r\n21,5 °C\n{"x":1}\nhalf');
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
        const splitter = new LineSplitter();
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const lines = places.slice(1).flatMap((end, k) => splitter.take(bytes.subarray(places[k]!, end)));
        // A line end of two bytes that is cut in the middle is one line end and an empty line.
        expect(lines).toEqual(['1,2', '21,5 °C', '{"x":1}']);
      }),
    );
  });

  it('that never end are given up, and the next is whole', () => {
    const splitter = new LineSplitter();
    const long = new TextEncoder().encode('9'.repeat(50_000));
    const [said, ...more] = [1, 2, 3, 4, 5].flatMap(() => splitter.take(long));
    expect(more).toEqual([]);
    for (const samples of [one, xy]) expect(samples.read(said!).problem).toMatch(/more than 65536 characters/);
    expect(splitter.take(new TextEncoder().encode('9\n5\n'))).toEqual(['5']);
  });

  const one = new TextSamples([{ name: 'value', unit: '' }]);
  const xy = new TextSamples(['x', 'y'].map((name) => ({ name, unit: '' })));
  it.each([
    ['1.5,-2e3', [1.5, -2000]],
    ['1.5; 2', [1.5, 2]],
    ['  7\t8 ', [7, 8]],
    ['y:4 x:3', [3, 4]],
    ['x=3, y=4 z=5', [3, 4]],
    ['{"y": 4, "x": 3}', [3, 4]],
    ['[3, 4]', [3, 4]],
  ])('%s is a sample', (line, values) => {
    expect(Array.from(xy.read(line).values)).toEqual(values);
  });

  it('with a time are samples of that time', () => {
    const { origin, times } = xy.read('{"t": 1764300000.125, "values": [1, 2]}');
    expect(origin + 1000 * times[0]!).toBe(1_764_300_000_125);
  });

  it.each([
    ['1', /line "1": has 1 number; expected x, y/],
    ['1,2,3', /has 3 numbers/],
    ['1,fast', /has "fast"/],
    ['1,NaN', /has "NaN"/],
    ['x:1 z:2', /has no number for y; expected x, y/],
    ['{"x": 1}', /channel y: is missing/],
    ['{"x"', /message/],
    ['\u0000\u0001\u0002', /has 1 number/],
  ])('%j is none, and says why', (line, problem) => {
    const block = xy.read(line);
    expect(block.values.every(Number.isNaN)).toBe(true);
    expect(block.problem).toMatch(problem);
  });
});

describe('a recording', () => {
  it('of lines is given at its rate, and ends', async () => {
    const path = join(folder, 'lines.txt');
    await writeFile(path, '1 10\n2 20\noops\n4 40');
    const { times, samples, figures } = await take(await openSensor('file', `${path}?rate=200&channels=a:V,b`), 9);
    expect(samples).toEqual([
      [1, 10],
      [2, 20],
      [4, 40],
    ]);
    expect(times).toEqual([0, 0.005, 0.015]);
    expect(figures).toMatchObject({ samples: 4, nonFinite: 1, missing: 1 });
    const narrow = await take(await openSensor('file', `${path}?rate=1000&channels=a`), 9);
    expect(narrow.figures).toMatchObject({ nonFinite: 4, problems: expect.any(Number) });
    expect(narrow.figures.problem).toMatch(/line "\S+( \d+)?": has \d numbers?; expected a$/);
    const looped = await take(await openSensor('file', `${path}?rate=1000&loop&channels=a,b`), 8);
    expect(looped.samples.slice(0, 5).map(([a]) => a)).toEqual([1, 2, 4, 1, 2]);
  });

  it('of a table is given at its own times, with names and units', async () => {
    const path = join(folder, 'table.csv');
    const rows = [
      'time;place;temperature (°C);humidity [%]',
      '10;hall;21,5;40',
      '10,02;hall;21,75;41',
      '10,05;hall;;42',
    ];
    await writeFile(path, rows.join('\n'));
    const sensor = await openSensor('csv', path);
    expect(sensor.description.channels).toEqual([
      { name: 'temperature', unit: '°C' },
      { name: 'humidity', unit: '%' },
    ]);
    const { times, samples, figures } = await take(sensor, 9);
    expect(samples).toEqual([
      [21.5, 40],
      [21.75, 41],
    ]);
    expect(times[1]).toBeCloseTo(0.02, 9);
    expect(figures.nonFinite).toBe(1);
    const fast = await take(await openSensor('csv', `${path}?speed=10&channels=humidity`), 9);
    expect(fast.samples).toEqual([[40], [41], [42]]);
    expect(fast.times[2]).toBeCloseTo(0.005, 9);
  });

  it.each([
    ['csv', 'missing.csv', /missing.csv: does not exist; expected a recording/],
    ['csv', 'short.csv', /has 1 lines; expected names of columns, and rows/],
    ['csv', 'a.csv?channels=z', /has no column "z"; expected time, x/],
    ['csv', 'a.csv?loop', /has loop, but its own times; expected a rate/],
  ] as const)('%s:%s is refused', async (scheme, rest, message) => {
    await writeFile(join(folder, 'short.csv'), 'x,y\n');
    await writeFile(join(folder, 'a.csv'), 'time,x\n0,1\n');
    await expect(openSensor(scheme, join(folder, rest))).rejects.toThrow(message);
  });
});

describe('a recording that is none', () => {
  it.each([
    ['csv', '/dev/zero'],
    ['csv', ''],
    ['file', '/dev/zero'],
    ['file', ''],
  ] as const)('%s:%s is refused', async (scheme, device) => {
    const path = device || folder;
    const opened = openSensor(scheme, path).then((sensor) => new SensorStream(sensor).read());
    await expect(opened).rejects.toThrow(`${path}: is not a file; expected a recording`);
  });

  it.each(['csv', 'file'] as const)('%s:nothing is said once, and not waited for', async (scheme) => {
    const path = join(folder, 'nothing');
    const problems: string[] = [];
    const onProblem = ({ message }: Error) => problems.push(message);
    const opened = openSensor(scheme, path).then((sensor) => new SensorStream(sensor, { onProblem }).read());
    await expect(opened).rejects.toThrow(`${path}: does not exist; expected a recording`);
    expect(problems).toEqual([]);
  });

  it('because it lost its rows is given up', async () => {
    const path = join(folder, 'table.csv');
    await writeFile(path, 'x\n1\n');
    const sensor = await openSensor('csv', `${path}?rate=1000&loop`);
    await writeFile(path, 'x\n');
    await expect(new SensorStream(sensor).read()).rejects.toThrow(/has no rows; expected a row per sample/);
  });
});

describe('a recording whose clock', () => {
  const given = async (rows: readonly string[]) => {
    const path = join(folder, 'table.csv');
    await writeFile(path, ['time,x', ...rows].join('\n'));
    return take(await openSensor('csv', path), 9);
  };

  it('was set forwards or backwards goes on at once', async () => {
    const warned: string[] = [];
    const warn = ({ name }: Error) => warned.push(name);
    process.on('warning', warn);
    const { samples, times } = await given(['0,1', '1700000000,2', '0.01,3', '0.02,4']);
    process.off('warning', warn);
    expect(samples).toEqual([[1], [2], [3], [4]]);
    expect(times).toEqual([0, 1_700_000_000, 0.01, 0.02]);
    expect(warned).toEqual([]);
  });

  it('is not known at first loses only what has no time', async () => {
    const { samples, times, figures } = await given([',1', '5,2', '5.01,3']);
    expect(samples).toEqual([[2], [3]]);
    expect(times[1]! - times[0]!).toBeCloseTo(0.01, 9);
    expect(figures.nonFinite).toBe(1);
  });

  it('has stopped is given in blocks of a bounded size', async () => {
    const due = async function* (): AsyncGenerator<DueSample> {
      for (let k = 0; k < 10_000; k++) yield { time: Number.NaN, values: Float64Array.of(k) };
    };
    const sizes: number[] = [];
    for await (const { times } of replay(due(), new AbortController().signal)) sizes.push(times.length);
    expect(sizes).toEqual([4096, 4096, 1808]);
  });
});

describe('a FIFO', () => {
  it('does not join what a writer left half to what the next one writes', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const problems: string[] = [];
    const stream = new SensorStream(await openSensor('fifo', path), {
      onProblem: ({ message }) => problems.push(message),
    });
    const first = stream.read();
    const say = async (text: string) => {
      const writer = await open(path, 'w');
      await writer.write(text);
      await writer.close();
    };
    await say('1');
    await expect
      .poll(() => problems, { timeout: 4000 })
      .toEqual([`fifo:${path}: its writer left in the middle of a line`]);
    await say('2\n');
    expect((await first)!.values).toEqual(Float64Array.of(2));
    expect(stream.figures).toMatchObject({ samples: 2, nonFinite: 1, taken: 1 });
    await stream.close();
  });

  it('is read while others write into it, one after another, and is found again', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const problems: string[] = [];
    const onProblem = ({ message }: Error) => problems.push(message);
    const stream = new SensorStream(await openSensor('fifo', path), { onProblem });
    const say = async (line: string) => {
      const writer = await open(path, 'r+');
      await writer.write(`${line}\n`);
      return writer;
    };
    const first = stream.read();
    const one = await say('1');
    expect((await first)!.values).toEqual(Float64Array.of(1));
    await one.close();
    const two = await say('nonsense\n2');
    expect((await stream.read())!.values).toEqual(Float64Array.of(2));
    expect(problems).toEqual([expect.stringMatching(/line "nonsense": has "nonsense"; expected value/)]);
    await rename(path, join(folder, 'aside'));
    execFileSync('mkfifo', [path]);
    const third = stream.read();
    await expect.poll(() => problems.at(-1), { timeout: 20_000 }).toMatch(/pipe: is another one now/);
    const three = await say('3');
    expect((await third)!.values).toEqual(Float64Array.of(3));
    await stream.close();
    await Promise.all([two.close(), three.close()]);
  });
});

describe('a serial line', () => {
  it('is set by stty, and its first line, which may be half of one, is left out', async () => {
    // A pair of pseudo-terminals: bytes that are written to the one come out of the other.
    const { stdout, link, close } = await pseudoTerminal();
    const taking = take(await openSensor('serial', `${link}?baud=57600&channels=x:V`), 2);
    await expect
      .poll(() => execFileSync('stty', ['-F', link, 'speed']).toString().trim(), { timeout: 20_000 })
      .toBe('57600');
    stdout.write('17\n18\r\n19\r\n');
    const { samples } = await taking;
    close();
    expect(samples).toEqual([[18], [19]]);
  });

  it('is opened by another function where one is passed in, as one of the package serialport', async () => {
    const asked: unknown[] = [];
    const driver = serialDriver(async function* (path, baud) {
      asked.push(path, baud);
      for (const text of ['0\n1.', '5\n2\n']) yield new TextEncoder().encode(text);
    });
    const { samples } = await take(await openSensor('serial', 'COM3', driver), 9);
    expect(samples).toEqual([[1.5], [2]]);
    expect(asked).toEqual(['COM3', 115_200]);
  });

  /** What is said of one that cannot be read. */
  async function problemOf(path: string): Promise<string> {
    const abort = new AbortController();
    let problem = '';
    const onProblem = ({ message }: Error) => {
      problem = message;
      abort.abort();
    };
    await take(await openSensor('serial', path), 1, { onProblem, signal: abort.signal });
    return problem;
  }

  it('that is not there is said so', async () => {
    expect(await problemOf('/dev/ttyACM77')).toBe(
      '/dev/ttyACM77: is not there; expected a board that is plugged in: ls /dev/serial/by-id',
    );
  });

  it('that a process has open, by whatever name, is left to it, for two would share its bytes', async () => {
    const [path, link] = [join(folder, 'line'), join(folder, 'by-id')];
    await writeFile(path, '1\n2\n3\n');
    await symlink(path, link);
    // A file is no line, but who has it open is told of both in the same way.
    const own = await open(path, 'r');
    const child = spawn('sleep', ['60'], { stdio: [own.fd, 'ignore', 'ignore'] });
    await once(child, 'spawn');
    await own.close();
    const rest = 'expected one reader: two would share its bytes';
    expect(await problemOf(link)).toBe(`${link}: is in use by sleep, process ${child.pid}; ${rest}`);
    child.kill();
    await once(child, 'exit');
    expect(await problemOf(link)).not.toContain('in use');
  });
});

/** A terminal of `script`, whose other end is ours to write to. */
async function pseudoTerminal() {
  const link = join(folder, 'tty');
  // The program holds the terminal open and does nothing but say its name.
  const child = spawn('script', ['-qfc', `tty > ${link}.name; stty raw -echo; sleep 60`, '/dev/null'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await expect.poll(() => readFile(`${link}.name`, 'utf8').catch(() => ''), { timeout: 20_000 }).toMatch(/^\/dev\/pts/);
  const name = (await readFile(`${link}.name`, 'utf8')).trim();
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { stdout: child.stdin, link: name, close: () => child.kill() };
}

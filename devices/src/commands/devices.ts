import { SpikewireError } from '@spikewire/models';
import type { Command, CommandConsole } from 'spikewire/cli';
import type { SensorDescription, SensorFigures, SensorStream } from 'spikewire/sensors';

/** How long a sensor is tried, in milliseconds. */
const TRIED_MS = 3000;

/** `spikewire devices`: the sensors and boards of this machine, by the addresses that `run` takes. */
export const devices: Command = {
  name: 'devices',
  summary: 'list the sensors and accelerator boards of this device, test one, or load a circuit into an FPGA board',
  group: 'Start',
  examples: [
    "--test 'iio:mpu6050?rate=200&channels=accel_x'",
    '--test fpga:/dev/ttyACM0',
    '--flash fpga:up5k-icebreaker core.bin',
  ],
  positionals: [{ name: 'file', doc: 'with --flash: the file with the circuit (bit stream) to load', optional: true }],
  options: {
    test: {
      type: 'string',
      value: '<driver:address>',
      doc:
        'sensor: read it for three seconds, and print its rate, range and jitter; ' +
        'board: test its connection, its memory, and a net with known answers',
    },
    flash: {
      type: 'string',
      value: '<driver:kind>',
      doc:
        'run the program that writes the file to this kind of board, such as fpga:up5k-icebreaker, and print its ' +
        'command',
    },
  },

  async run(args, console) {
    const tested = args.text('test');
    const flashed = args.text('flash');
    const [file] = args.positionals;
    if (tested !== undefined && flashed !== undefined)
      throw new SpikewireError('usage', 'spikewire devices', 'has both --test and --flash', 'one of them');
    if (flashed !== undefined) return (await import('./flash-board.ts')).flashBoard(flashed, file, console);
    if (file !== undefined) throw new SpikewireError('usage', 'spikewire devices', `has a file "${file}"`, '--flash');
    if (tested !== undefined) return testDevice(tested, console);
    const [{ attachedSensors }, { attachedBoards, describeAbilities }] = await Promise.all([
      import('spikewire/sensors'),
      import('spikewire/accelerators'),
    ]);
    const [sensors, boards] = await Promise.all([attachedSensors(), attachedBoards()]);
    const problems = new Set([...sensors.problems, ...boards.problems].map(({ message }) => message));
    for (const message of problems) console.warn(`spikewire: ${message}`);
    console.result({ sensors: sensors.found, boards: boards.found }, () =>
      format(
        sensors.found,
        boards.found.map(({ address, name, abilities }) => [address, name, describeAbilities(abilities)]),
      ),
    );
  },
};

async function testDevice(address: string, console: CommandConsole): Promise<void> {
  const { driverOf } = await import('spikewire/accelerators');
  const { driver, rest, problems } = await driverOf(address);
  if (driver !== undefined) return (await import('./test-board.ts')).testBoard(driver, rest, console);
  // The package that cannot be used may be the one that has the driver.
  for (const { message } of problems) console.warn(`spikewire: ${message}`);
  return testSensor(address, console);
}

async function testSensor(address: string, console: CommandConsole): Promise<void> {
  const { describeFigures, openSensor, signalWithin } = await import('spikewire/sensors');
  const signal = signalWithin(TRIED_MS, console.signal);
  let last: SpikewireError | undefined;
  // A sensor that is not there is looked for again and again; the last problem is told below.
  const onProblem = (problem: SpikewireError) => {
    if (last !== undefined && last.message !== problem.message) console.warn(`spikewire: ${last.message}`, 'sensor');
    last = problem;
  };
  const sensor = await openSensor(address, { interval: 0.1, signal, onProblem });
  try {
    await readAll(sensor);
  } finally {
    await sensor.close();
  }
  const { figures } = sensor;
  if (figures.samples > 0) {
    const { description } = sensor;
    if (last !== undefined) console.warn(`spikewire: ${last.message}`, 'sensor');
    console.result({ ...description, ...figures }, () => [describeFigures(figures), ...figures.channels.map(rangeOf)]);
  } else throw last ?? new SpikewireError('input', address, 'gave nothing in three seconds', 'samples');
}

async function readAll(sensor: SensorStream): Promise<void> {
  while ((await sensor.readBlock()) !== undefined);
}

function rangeOf({ name, unit, low, high, stuck }: SensorFigures['channels'][number]): string {
  const range = low === null ? 'no valid number' : `${round(low)} to ${round(high!)}${unit === '' ? '' : ` ${unit}`}`;
  return `  ${name}: ${range}${stuck ? ', stuck' : ''}`;
}

/** Six digits. */
const round = (value: number) => Number(value.toPrecision(6));

/** Address, name and content. */
type Row = readonly [string, string, string];

function format(sensors: readonly SensorDescription[], boards: readonly Row[]): string[] {
  return [
    ...section(
      'sensors',
      sensors.map(({ address, name, channels }) => [address, name, listChannels(channels)]),
    ),
    '',
    ...section('boards', boards),
  ];
}

function section(title: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return [`${title}: none`];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [
    `${title}:`,
    ...rows.map(
      ([address, name, content]) => `  ${address.padEnd(widths[0]!)}  ${name.padEnd(widths[1]!)}  ${content}`,
    ),
  ];
}

function listChannels(channels: SensorDescription['channels']): string {
  return channels.map(({ name, unit }) => `${name} (${unit})`).join(', ');
}

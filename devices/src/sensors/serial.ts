import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type SampleBlock, type SensorDescription, type SensorDriver, SensorSettings } from 'spikewire/sensors';
import { LineSplitter } from './reads/lines.ts';
import { bytesOf } from './reads/polled-file.ts';
import { deviceProblem } from './reads/problem.ts';
import { TextSamples } from './reads/text-sample.ts';

const LOOK = { every: 10, most: 65_536 };
const BY_ID = '/dev/serial/by-id';

/** Opens a serial line and gives its bytes until the signal. */
export type OpenSerial = (path: string, baud: number, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/**
 * Lines of text from a serial line: `serial:/dev/ttyACM0?baud=115200`, a sample per line, as numbers or JSON. The line
 * is set by `stty` and read as a file; whoever has the package `serialport` may pass in a function that opens it.
 */
export function serialDriver(open: OpenSerial = openByStty): SensorDriver {
  return {
    scheme: 'serial',
    summary: 'lines of text from a serial line, such as that of an Arduino',
    settings: {
      baud: 'bits per second, 115200 where absent',
      channels: 'names and units of its numbers, as temperature:°C,humidity:%',
    },
    list,
    async open(path, settings = new SensorSettings(`serial:${path}`)) {
      const { address, channels } = settings;
      const baud = settings.number('baud', { minimum: 50, maximum: 4_000_000 }) ?? 115_200;
      return {
        description: { address, name: path, channels },
        async *samples(signal): AsyncGenerator<SampleBlock> {
          const [lines, samples] = [new LineSplitter(), new TextSamples(channels)];
          let isWhole = false;
          for await (const bytes of open(path, baud, signal)) {
            for (const line of lines.take(bytes)) {
              // It was opened in the middle of the first line.
              if (isWhole) yield samples.read(line);
              isWhole = true;
            }
          }
        },
      };
    },
  };
}

/** Lines by the names that do not change when they are plugged in elsewhere. */
async function list(): Promise<SensorDescription[]> {
  const names = await readdir(BY_ID).catch(() => []);
  const channels = new SensorSettings().channels;
  return names.map((name) => ({ address: `serial:${BY_ID}/${name}`, name, channels }));
}

async function* openByStty(path: string, baud: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const words = ['-F', path, String(baud), 'raw', '-echo', 'clocal', 'min', '0', 'time', '0'];
  await promisify(execFile)('stty', words).catch(async (cause: { stderr?: string }) => {
    throw await deviceProblem(path, { code: codeIn(cause.stderr ?? ''), cause });
  });
  yield* bytesOf(path, signal, LOOK);
}

/** The kernel's code for what stty says. */
function codeIn(said: string): string {
  if (/Permission denied/.test(said)) return 'EACCES';
  if (/No such (file|device)/.test(said)) return 'ENOENT';
  return said.trim().split('\n').at(-1) || 'stty failed';
}

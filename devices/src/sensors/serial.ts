import { readdir } from 'node:fs/promises';
import { type SampleBlock, type SensorDescription, type SensorDriver, SensorSettings } from 'spikewire/sensors';
import { setSerialLine } from '../device-files/stty.ts';
import { LineSplitter } from './reads/lines.ts';
import { bytesOf } from './reads/polled-file.ts';
import { channelsSetting, TextSamples } from './reads/text-sample.ts';

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
      baud: 'bits per second (default 115200)',
      ...channelsSetting,
    },
    list,
    async open(path, settings) {
      const { address, channels } = settings;
      const baud = settings.number('baud', { minimum: 50, maximum: 4_000_000, whole: true }) ?? 115_200;
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

/** The line as a file, set by `stty`. */
export async function* openByStty(path: string, baud: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  await setSerialLine(path, baud, ['min', '0', 'time', '0']);
  yield* bytesOf(path, signal);
}

import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import type { SampleBlock, SensorDescription, SensorDriver } from 'spikewire/sensors';
import { joinGroup } from '../device-files/problem.ts';
import { type Mend, outputOf } from './reads/child.ts';
import { SteadyOrigin } from './reads/steady-origin.ts';

const CARDS = '/proc/asound/pcm';

/** A number of a recording as a share of full scale. */
interface Form {
  readonly bytes: number;
  read(bytes: Buffer, at: number): number;
}

/** By their names in ALSA. */
const FORMS = {
  S16_LE: { bytes: 2, read: (bytes, at) => bytes.readInt16LE(at) / 2 ** 15 },
  S32_LE: { bytes: 4, read: (bytes, at) => bytes.readInt32LE(at) / 2 ** 31 },
  FLOAT_LE: { bytes: 4, read: (bytes, at) => bytes.readFloatLE(at) },
} as const satisfies Record<string, Form>;

/** What arecord says, and what mends it. */
const MENDS: readonly Mend[] = [
  [/permission denied|not permitted/i, joinGroup('audio')],
  [/resource busy/i, 'a device that is not in use (fuser -v /dev/snd/* shows its user)'],
  [/no such (file|device)/i, `a device that arecord -L lists; where it lists no card, ${joinGroup('audio')}`],
  [/non available/, 'what the device has, or plughw:…, which converts'],
];

/**
 * A microphone: `mic:<device>?rate=16000`, a name that ALSA knows such as `default` or `plughw:1,0`, as shares of full
 * scale. Samples come from `arecord`; their times count them, and what ALSA lost in an overrun is a gap.
 */
export const microphoneDriver: SensorDriver = {
  scheme: 'mic',
  summary: 'microphones, through ALSA',
  settings: {
    rate: 'samples per second (default 16000)',
    count: 'channels of sound (default 1)',
    format: `of a device that takes no other: ${Object.keys(FORMS).join(', ')}`,
  },
  list,
  async open(name, settings) {
    const { address } = settings;
    const rate = settings.number('rate', { minimum: 1000, maximum: 192_000, whole: true }) ?? 16_000;
    const count = settings.number('count', { minimum: 1, maximum: 32, whole: true }) ?? 1;
    const format = settings.word('format', ['S16_LE', 'S32_LE', 'FLOAT_LE']);
    const channels = Array.from({ length: count }, (_, k) => ({
      name: count === 1 ? 'sound' : `sound ${k + 1}`,
      unit: '',
    }));
    const device = name || 'default';
    const recording = { address, device, rate, count, format };
    return {
      description: { address, name: `sound of ${device}`, channels, rate, timed: 'at the source' },
      samples: (signal) => record(recording, signal),
    };
  },
};

interface Recording {
  readonly address: string;
  readonly device: string;
  readonly rate: number;
  readonly count: number;
  readonly format: keyof typeof FORMS;
}

async function* record(recording: Recording, signal: AbortSignal): AsyncGenerator<SampleBlock> {
  const { address, device, rate, count, format } = recording;
  let [lost, actual] = [0, rate];
  const onSaid = (text: string) => {
    for (const [, ms] of text.matchAll(/overrun!!!.*?([\d.]+) ms/g)) lost += Number(ms) / 1000;
    actual = Number(/rate is not accurate.*got = (\d+)/.exec(text)?.[1] ?? actual);
  };
  const words = ['-D', device, '-t', 'raw', '-f', format, '-r', String(rate), '-c', String(count)];
  const child = { program: 'arecord', packaged: 'alsa-utils', words, mends: MENDS, onSaid };
  const [form, clock]: [Form, SteadyOrigin] = [FORMS[format], new SteadyOrigin()];
  const width = form.bytes * count;
  let rest: Buffer = Buffer.alloc(0);
  let taken = 0;
  /** When the first sample was taken, by the clock of the process. */
  let begun: number | undefined;
  for await (const piece of outputOf(address, child, signal)) {
    if (actual !== rate) throw otherRate(recording, actual);
    const bytes = Buffer.concat([rest, piece]);
    const length = Math.floor(bytes.length / width);
    rest = bytes.subarray(length * width);
    begun ??= performance.now() / 1000 - length / rate;
    const first = begun + lost;
    const times = Float64Array.from({ length }, (_, k) => first + (taken + k) / rate);
    const values = Float64Array.from({ length: length * count }, (_, k) => form.read(bytes, k * form.bytes));
    taken += length;
    if (length > 0) yield { origin: clock.at(first + taken / rate), times, values };
  }
}

function otherRate({ address, rate }: Recording, actual: number): SpikewireError {
  const problem = `does not record at ${rate} per second`;
  return new SpikewireError('usage', address, problem, `rate=${actual}, or plughw:…, which converts`);
}

/** Cards that can record. */
async function list(): Promise<SensorDescription[]> {
  const text = await readFile(CARDS, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [, card, device, name] = /^(\d+)-(\d+): ([^:]*):.*\bcapture\b/.exec(line) ?? [];
    if (card === undefined) return [];
    const address = `mic:plughw:${Number(card)},${Number(device)}`;
    return [{ address, name: name!.trim(), channels: [{ name: 'sound', unit: '' }], rate: 16_000 }];
  });
}

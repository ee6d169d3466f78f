import { readFile } from 'node:fs/promises';
import { type SampleBlock, type SensorDescription, type SensorDriver, SensorSettings } from 'spikewire/sensors';
import { outputOf } from './reads/child.ts';

/** Full scale of 16 bits. */
const FULL = 32_768;
const CARDS = '/proc/asound/pcm';

/**
 * A microphone: `mic:<device>?rate=16000`, a name that ALSA knows such as `default` or `plughw:1,0`, as shares of full
 * scale. Samples come from `arecord`; their times count them, and what ALSA lost in an overrun is a gap.
 */
export const microphoneDriver: SensorDriver = {
  scheme: 'mic',
  summary: 'microphones, through ALSA',
  settings: { rate: 'samples per second, 16000 where absent', count: 'channels of sound, 1 where absent' },
  list,
  async open(name, settings = new SensorSettings(`mic:${name}`)) {
    const { address } = settings;
    const rate = settings.number('rate', { minimum: 1000, maximum: 192_000 }) ?? 16_000;
    const count = settings.number('count', { minimum: 1, maximum: 32 }) ?? 1;
    const channels = Array.from({ length: count }, (_, k) => ({
      name: count === 1 ? 'sound' : `sound ${k + 1}`,
      unit: '',
    }));
    const description: SensorDescription = { address, name: `sound of ${name}`, channels, rate };
    return { description, samples: (signal) => record(description, name || 'default', rate, signal) };
  },
};

async function* record(
  { address, channels }: SensorDescription,
  device: string,
  rate: number,
  signal: AbortSignal,
): AsyncGenerator<SampleBlock> {
  let lost = 0;
  const onSaid = (text: string) => {
    for (const [, ms] of text.matchAll(/overrun!!!.*?([\d.]+) ms/g)) lost += Number(ms) / 1000;
  };
  const form = ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', String(rate), '-c', String(channels.length)];
  const child = { program: 'arecord', packaged: 'alsa-utils', words: ['-D', device, ...form], group: 'audio', onSaid };
  const width = 2 * channels.length;
  let rest: Buffer = Buffer.alloc(0);
  let origin: number | undefined;
  let taken = 0;
  for await (const piece of outputOf(address, child, signal)) {
    const bytes = Buffer.concat([rest, piece]);
    const count = Math.floor(bytes.length / width);
    rest = bytes.subarray(count * width);
    if (count === 0) continue;
    origin ??= Date.now() - (1000 * count) / rate;
    const begun = taken;
    const times = Float64Array.from({ length: count }, (_, k) => (begun + k) / rate + lost);
    taken += count;
    const values = Float64Array.from({ length: count * channels.length }, (_, k) => bytes.readInt16LE(2 * k) / FULL);
    yield { origin, times, values };
  }
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

import { SpikewireError } from '@spikewire/models';
import type { SensorDriver } from 'spikewire/sensors';
import { linesOf } from './reads/recorded-lines.ts';
import { type DueSample, replay } from './reads/replay.ts';
import { channelsSetting, TextSamples } from './reads/text-sample.ts';

/**
 * A recording: `file:<path>?rate=100` gives the lines of a text file, a sample per line as numbers or JSON, at so many
 * per second, and then ends, or begins again with `loop`.
 */
export const fileDriver: SensorDriver = {
  scheme: 'file',
  summary: 'the lines of a file, at a rate',
  settings: {
    rate: 'lines per second (default 1)',
    loop: 'begin again at the end',
    ...channelsSetting,
  },
  list: async () => [],
  async open(path, settings) {
    const { address, channels } = settings;
    const rate = settings.number('rate', { minimum: 1e-6, maximum: 1e6 }) ?? 1;
    const loop = settings.text('loop') !== undefined;
    return {
      description: { address, name: path, channels, rate, timed: 'at the source' },
      samples: (signal) => replay(samplesOf(path, new TextSamples(channels), { rate, loop }, signal), signal),
    };
  },
};

async function* samplesOf(
  path: string,
  text: TextSamples,
  { rate, loop }: { readonly rate: number; readonly loop: boolean },
  signal: AbortSignal,
): AsyncGenerator<DueSample> {
  let count = 0;
  do {
    const before = count;
    for await (const line of linesOf(path, signal)) {
      const { values, problem } = text.read(line);
      yield { time: count++ / rate, values, ...(problem !== undefined && { problem }) };
    }
    if (count === before) throw new SpikewireError('usage', path, 'has no lines', 'a sample per line');
  } while (loop);
}

import type { SampleBlock, SensorDriver } from 'spikewire/sensors';
import { LineSplitter } from './reads/lines.ts';
import { bytesOf } from './reads/polled-file.ts';
import { channelsSetting, TextSamples } from './reads/text-sample.ts';

/**
 * What another program writes: `fifo:<path>`, a sample per line, as numbers or JSON. A FIFO that nobody writes to is
 * silent; one that is taken away and made again is read again.
 */
export const fifoDriver: SensorDriver = {
  scheme: 'fifo',
  summary: 'lines of text that another program writes into a FIFO',
  settings: channelsSetting,
  list: async () => [],
  async open(path, settings) {
    const { address, channels } = settings;
    return {
      description: { address, name: path, channels },
      async *samples(signal): AsyncGenerator<SampleBlock> {
        const [lines, samples] = [new LineSplitter(), new TextSamples(channels)];
        for await (const bytes of bytesOf(path, signal)) {
          for (const line of lines.take(bytes)) yield samples.read(line);
          // What the next one writes is no end of it.
          if (bytes.length === 0 && lines.forget()) yield samples.none('its writer left in the middle of a line');
        }
      },
    };
  },
};

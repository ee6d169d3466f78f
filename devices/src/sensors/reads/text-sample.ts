import { type ChannelDeclaration, SpikewireError } from '@spikewire/models';
import type { SampleBlock } from 'spikewire/sensors';
import { samplesNow } from 'spikewire/sensors';
import { ReadingReader } from 'spikewire/session';

const SHOWN = 40;

/** The setting by which those are told what their numbers are whose samples are text. */
export const channelsSetting = { channels: 'names and units of its numbers, as temperature:°C,humidity:%' };

/**
 * Reads samples that are written as lines: numbers with commas, semicolons or blanks between them, each perhaps behind
 * a name (`x:1.2 y:0.3`, as the plotter of the Arduino IDE takes them), or JSON as in docs/messages.md.
 */
export class TextSamples {
  readonly #channels: readonly ChannelDeclaration[];
  readonly #reader: ReadingReader;

  constructor(channels: readonly ChannelDeclaration[]) {
    this.#channels = channels;
    this.#reader = new ReadingReader({ channels }, channels.length, { otherRule: '' });
  }

  /** One sample of now, or of the time that the line says; of NaN with the problem where the line is none. */
  read(line: string): SampleBlock {
    try {
      if (!/^\s*[[{]/.test(line)) return samplesNow(this.#listed(line.trim()));
      const now = Date.now();
      const reading = this.#reader.read('', new TextEncoder().encode(line), now)!;
      if (reading.time === now) return samplesNow(reading.values);
      return { origin: 0, times: Float64Array.of(reading.time / 1000), values: reading.values };
    } catch (problem) {
      if (!(problem instanceof SpikewireError)) throw problem;
      return this.none(problem.message);
    }
  }

  /** One sample of now that is none, and why. */
  none(problem: string): SampleBlock {
    return { ...samplesNow(new Float64Array(this.#channels.length).fill(Number.NaN)), problem };
  }

  #listed(line: string): Float64Array {
    const words = line.split(/\s*[,;\s]\s*/).filter((word) => word !== '');
    const pairs = words.map((word) => /^(.*)[:=]([^:=]*)$/.exec(word)?.slice(1) ?? [undefined, word]);
    const isNamed = pairs.some(([name]) => name !== undefined);
    if (!isNamed && pairs.length !== this.#channels.length)
      throw this.#wrong(line, `has ${pairs.length} ${pairs.length === 1 ? 'number' : 'numbers'}`);
    return Float64Array.from(this.#channels, ({ name }, k) => {
      const text = (isNamed ? pairs.find(([own]) => own === name) : pairs[k])?.[1] ?? '';
      const value = text === '' ? Number.NaN : Number(text);
      if (Number.isFinite(value)) return value;
      throw this.#wrong(
        line,
        text === '' ? `has no number for ${name}` : `has ${JSON.stringify(text.slice(0, SHOWN))}`,
      );
    });
  }

  #wrong(line: string, problem: string): SpikewireError {
    const expected = this.#channels.map(({ name }) => name).join(', ');
    return new SpikewireError('input', `line ${JSON.stringify(line.slice(0, SHOWN))}`, problem, expected);
  }
}

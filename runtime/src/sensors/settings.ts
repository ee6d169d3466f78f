import { type ChannelDeclaration, SpikewireError } from '@spikewire/models';
import { type NumberBounds, numberInText } from '../number-in-text.ts';

/** Settings that an address of any sensor may have. */
export const commonSettings: Readonly<Record<string, string>> = {
  interval: 'seconds between two readings of a sensor that is polled',
  delta: 'pass a sample on once a channel differs by so much from the last that was; one number, or one per channel',
};

/** What stands behind the `?` of an address, and what whoever opens it knows of the channels. */
export class SensorSettings {
  /** The whole address, for messages. */
  readonly address: string;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #expected: readonly ChannelDeclaration[];

  /** @param expected the channels of the model that is to have the readings; none where nobody knows */
  constructor(
    address = '',
    texts: ReadonlyMap<string, string> = new Map(),
    expected: readonly ChannelDeclaration[] = [],
  ) {
    this.address = address;
    this.#texts = texts;
    this.#expected = expected;
  }

  text(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** A number within bounds; throws `usage` for anything else. */
  number(name: string, bounds: NumberBounds = {}): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.#numberIn(text, name, bounds);
  }

  /** Numbers between commas. */
  numbers(name: string, bounds: NumberBounds = {}): readonly number[] | undefined {
    const texts = this.text(name)?.split(',');
    return texts?.map((text) => this.#numberIn(text, name, bounds));
  }

  /** One of a few words; the first where nothing is said. */
  word<Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word {
    const text = this.text(name) ?? words[0];
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    throw new SpikewireError('usage', this.address, `has ${name}=${text}`, words.join(', '));
  }

  /**
   * The channels of a source that does not name its own: those of `channels=temperature:°C,humidity:%`, else those of
   * the model, else one number.
   */
  get channels(): readonly ChannelDeclaration[] {
    const text = this.text('channels');
    if (text === undefined) return this.#expected.length > 0 ? this.#expected : [{ name: 'value', unit: '' }];
    const channels = text.split(',').map((word) => {
      const [name = '', unit = ''] = word.split(':');
      return { name: name.trim(), unit: unit.trim() };
    });
    const isClear =
      channels.every(({ name }) => name !== '') && new Set(channels.map(({ name }) => name)).size === channels.length;
    if (isClear) return channels;
    throw new SpikewireError(
      'usage',
      this.address,
      `has channels=${text}`,
      'different names, such as channels=x:g,y:g',
    );
  }

  #numberIn(text: string, name: string, bounds: NumberBounds): number {
    const wrong = (expected: string) => new SpikewireError('usage', this.address, `has ${name}=${text}`, expected);
    return numberInText(text, bounds, wrong);
  }
}

/** The name and the settings of an address without its scheme: percent signs in settings are those of a URL. */
export function splitAddress(rest: string): { readonly name: string; readonly texts: ReadonlyMap<string, string> } {
  const mark = rest.indexOf('?');
  if (mark < 0) return { name: rest, texts: new Map() };
  // A plus is a plus, such as that of +10V.
  return { name: rest.slice(0, mark), texts: new Map(new URLSearchParams(rest.slice(mark + 1).replace(/\+/g, '%2B'))) };
}

import { type FoundChannels, foundChannels, type ReadingForm } from 'spikewire/session';
import { payloadBytes } from '../nets/request.ts';

/** Topics of which the first message is looked at. */
const MOST_TOPICS = 1000;

/**
 * Finds, in the first message of each topic, numbers beside the channels, which the first message of all did not have
 * and which no net sees.
 */
export class MoreChannels {
  readonly #form: ReadingForm;
  readonly #looked = new Set<string>();

  constructor(form: ReadingForm) {
    this.#form = form;
  }

  /**
   * Their names; none where that was asked before, or where channels are missing, which is an error of its own, as is
   * a list of another length.
   */
  in(topic: string, payload: unknown, channels: FoundChannels): readonly string[] {
    if (this.#looked.has(topic) || this.#looked.size >= MOST_TOPICS) return [];
    this.#looked.add(topic);
    const placesOf = ({ paths }: FoundChannels) => new Map([...paths].map(([name, path]) => [path.join('\0'), name]));
    const [found, known] = [placesOf(this.#found(payload)), placesOf(channels)];
    const isOfKind = known.size > 0 && [...known.keys()].every((place) => found.has(place));
    if (!isOfKind) return [];
    return [...found].flatMap(([place, name]) => (known.has(place) ? [] : [name]));
  }

  #found(payload: unknown): FoundChannels {
    try {
      return foundChannels(payloadBytes(payload), this.#form);
    } catch {
      return { names: [], paths: new Map() }; // why is said where it is read
    }
  }
}

import { SpikewireError } from '@spikewire/models';
import { type AddressLayout, type SensorSize, WrappedClock } from 'spikewire/sensors';

/** Events that wait at most. */
const MOST = 65_536;
/** Microseconds between two events that are in a row. */
const LONGEST_PAUSE = 10_000_000;
const LEAST_JUDGED = 4;

/** Where on an Input the events of a sensor come. */
export interface Places {
  readonly layout: AddressLayout;
  readonly size: SensorSize;
  /** Whether those that become brighter and those that become darker are apart. */
  readonly split: boolean;
  /** Columns and rows that are joined to one. */
  readonly scale: number;
}

/** Senders whose clocks are known at the same time. */
export const MOST_SENDERS = 16;

/** Columns and rows of the Input, and its elements. */
export function inputOf({ size, split, scale }: Places) {
  const [width, height] = [Math.ceil(size.width / scale), Math.ceil(size.height / scale)];
  return { width, height, elements: (split ? 2 : 1) * width * height };
}

/**
 * Events from outside as elements of an Input, for a loop that waits for them. Those of a sender that nobody knows yet
 * are held until `confirm`: only then it is known that its words are in the right order.
 */
export class EventIntake {
  readonly counts = { events: 0, outside: 0, otherAddresses: 0, crowdedOut: 0 };
  readonly #places: Places;
  readonly #width: number;
  readonly #height: number;
  readonly #times = new Float64Array(MOST);
  readonly #elements = new Int32Array(MOST);
  readonly #clocks = new Map<string, WrappedClock>();
  #first = 0;
  #length = 0;
  #held: { readonly stamp: number; readonly address: number; readonly sender: string }[] | undefined;
  #ended = false;
  #wake: () => void = () => {};

  constructor(places: Places) {
    const { width, height } = inputOf(places);
    this.#places = places;
    this.#width = width;
    this.#height = height;
  }

  /** Holds the events that come next, until they are confirmed. */
  hold(): void {
    this.#held = [];
  }

  /** Events that are held; undefined where none has to be. */
  get held(): number | undefined {
    return this.#held?.length;
  }

  /** How many more may wait. */
  get room(): number {
    return MOST - this.#length;
  }

  /**
   * @param stamp microseconds of 32 bits
   * @param sender whose clock that is; senders go over the ends of their clocks each for itself
   */
  take(stamp: number, address: number, sender = ''): void {
    if (this.#held === undefined) this.#admit(stamp, address, sender);
    else if (this.#held.length < MOST) this.#held.push({ stamp, address, sender });
    else this.counts.crowdedOut++;
  }

  /**
   * Lets go the events that are held. Throws `usage` where most cannot be of this sensor: the words of its sender are
   * then in another order.
   */
  confirm(address: string): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    const strange = held.filter((event) => this.#isOutside(event.address)).length;
    const jumps = held.filter(({ stamp }, k) => k > 0 && Math.abs((stamp - held[k - 1]!.stamp) | 0) > LONGEST_PAUSE);
    if (held.length >= LEAST_JUDGED && 2 * Math.max(strange, jumps.length) > held.length) {
      const { width, height } = this.#places.size;
      const problem = `of ${held.length} events ${strange} lie outside ${width}x${height}, ${jumps.length} jump in time`;
      throw new SpikewireError('usage', address, problem, 'big-endian words, first the address, then microseconds');
    }
    for (const event of held) this.#admit(event.stamp, event.address, event.sender);
  }

  #isOutside(address: number): boolean {
    const { layout, size } = this.#places;
    return layout.isSpike(address) && (layout.x(address) >= size.width || layout.y(address) >= size.height);
  }

  #admit(stamp: number, address: number, sender: string): void {
    const { layout } = this.#places;
    if (!layout.isSpike(address)) this.counts.otherAddresses++;
    else this.place(this.#clockOf(sender).at(stamp), layout.x(address), layout.y(address), layout.polarity(address));
  }

  /** A new sender has the time of the one that sent last, give or take half a round of 32 bits. */
  #clockOf(sender: string): WrappedClock {
    const newest = [...this.#clocks.values()].at(-1);
    const clock = this.#clocks.get(sender) ?? new WrappedClock(newest?.last);
    if (clock === newest) return clock;
    // The last one in the map is the one that sent last, and the first the one that may be forgotten.
    this.#clocks.delete(sender);
    this.#clocks.set(sender, clock);
    if (this.#clocks.size > MOST_SENDERS) this.#clocks.delete(this.#clocks.keys().next().value!);
    return clock;
  }

  /** Takes an event of which all is known; `microseconds` may have any number of bits. */
  place(microseconds: number, x: number, y: number, polarity: number): void {
    const { size, split, scale } = this.#places;
    this.counts.events++;
    if (x >= size.width || y >= size.height) this.counts.outside++;
    else if (this.#length === MOST) this.counts.crowdedOut++;
    else {
      const at = (this.#first + this.#length++) % MOST;
      const row = (split ? polarity * this.#height : 0) + Math.floor(y / scale);
      this.#times[at] = microseconds;
      this.#elements[at] = row * this.#width + Math.floor(x / scale);
    }
    this.#wake();
  }

  /** There will be events, also after an end. */
  begin(): void {
    this.#ended = false;
    this.#held = undefined;
    this.#clocks.clear();
  }

  /** There will be no more. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Gives events that wait to whoever takes them, until one is not taken. Whether all were. */
  drain(take: (microseconds: number, element: number) => boolean): boolean {
    while (this.#length > 0) {
      if (!take(this.#times[this.#first]!, this.#elements[this.#first]!)) return false;
      this.#first = (this.#first + 1) % MOST;
      this.#length--;
    }
    return true;
  }

  /** Resolves when there are events; whether there may be more. */
  async wait(): Promise<boolean> {
    if (this.#length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#length > 0 || !this.#ended;
  }
}

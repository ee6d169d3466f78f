import { decodeCommand, decodeData } from './eieio.ts';

/** A spike that came in a step of the clock, of which the window is not yet known. */
interface WaitingSpike {
  readonly emitted: number;
  readonly node: number;
  readonly index: number;
}

/** A spike of a population whose spikes leave the board. */
export interface BoardSpike {
  /** Step of the net, which counts those of its windows alone. */
  readonly step: number;
  /** The Output node. */
  readonly node: number;
  readonly index: number;
}

/** Which neuron has a key; null: of a population that the model has not. */
export type KeyTable = ReadonlyMap<number, { readonly node: number; readonly index: number } | null>;

/** A window on the clock of the board and in the net's own steps. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly at: number;
}

/** Steps in which the same spike of a timed packet is known again, and the shortest delay is looked for. */
const MEMORY_STEPS = 1024;
/**
 * Steps of the two clocks begin at different moments, so that a step of the board lies in two of them here: it counts
 * as the later one, lest an answer comes before its cause.
 */
const BETWEEN_CLOCKS = 1;
/** Most spikes that wait for their window. */
const MOST_WAITING = 200_000;

/**
 * The spikes that come from a board, each in the step in which it was emitted, plus `late` ≥ 1. A packet with the time
 * of the board is as exact as that; one without it counts as emitted when it comes.
 */
export class Gathering {
  readonly counts = {
    packets: 0,
    spikes: 0,
    /** Packets that are cut off or of another protocol. */
    malformed: 0,
    /** Spikes that came before with the same time. */
    doubled: 0,
    /** Keys that the network has, and those that it has not. */
    known: 0,
    unknown: 0,
    /** Emitted while no window ran. */
    between: 0,
    /** Came after the window to which they belonged. */
    late: 0,
    /** Found no room to wait. */
    dropped: 0,
  };
  readonly #keys: KeyTable;
  readonly #late: number;
  readonly #warn: (line: string) => void;
  #waiting: WaitingSpike[] = [];
  #isIdle = true;
  #spans: Span[] = [];
  #delivered = 0;
  /** By step of the board: the keys that came with it. */
  readonly #seen = new Map<number, Set<number>>();
  /** The least by which the clock here is ahead of that of the board, of the present and the former block of steps. */
  #ahead: readonly [block: number, now: number, former: number] | undefined;

  constructor(keys: KeyTable, late: number, warn: (line: string) => void) {
    [this.#keys, this.#late, this.#warn] = [keys, late, warn];
  }

  /** A window begins at a step of the clock, not before the last one has ended, which is step `at` of the net. */
  begin(start: number, steps: number, at: number): void {
    this.#spans = [...this.#spans.slice(-1), { start, end: start + steps, at }];
    this.#isIdle = false;
  }

  /** What a datagram brings that came in a step of the clock. */
  take(bytes: Uint8Array, clock: number): void {
    this.counts.packets++;
    const data = decodeData(bytes);
    if (data === undefined) {
      // A command is no fault, and says nothing to a listener.
      if (decodeCommand(bytes) === undefined) this.counts.malformed++;
      return;
    }
    const isTimed = data.isTime && data.bits === 32;
    for (const [k, key] of data.keys.entries()) {
      const neuron = this.#keys.get(key);
      if (neuron === undefined) this.#warnOf(key);
      else this.counts.known++;
      if (!neuron) continue;
      const time = isTimed ? data.payloads?.[k] : undefined;
      const emitted = time === undefined ? clock : time + this.#aheadOf(time, clock) + BETWEEN_CLOCKS;
      if (time !== undefined && this.#isDoubled(time, key)) continue;
      if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ emitted, ...neuron });
      else this.counts.dropped++;
    }
    if (this.#isIdle) this.#forgetBefore(clock - this.#late);
  }

  /** Ends the window: the spikes of the net's steps before `end`, by step, node and neuron. */
  end(end: number): BoardSpike[] {
    const found: BoardSpike[] = [];
    const kept: WaitingSpike[] = [];
    for (const spike of this.#waiting) {
      const step = this.#stepOf(spike.emitted);
      if (step === undefined) this.counts.between++;
      else if (step < this.#delivered) this.counts.late++;
      else if (step < end) found.push({ step, node: spike.node, index: spike.index });
      else kept.push(spike);
    }
    [this.#waiting, this.#delivered, this.#isIdle] = [kept, end, true];
    this.counts.spikes += found.length;
    return found.sort((a, b) => a.step - b.step || a.node - b.node || a.index - b.index);
  }

  /** What is on the way belongs to nobody; the net goes on at this step. */
  forget(step: number): void {
    [this.#waiting, this.#spans, this.#delivered] = [[], [], step];
  }

  /** The step of the net; ∞ after its last window, undefined where no window was. */
  #stepOf(emitted: number): number | undefined {
    if (emitted >= (this.#spans.at(-1)?.end ?? 0)) return Number.POSITIVE_INFINITY;
    const span = this.#spans.find(({ start, end }) => emitted >= start && emitted < end);
    return span && span.at + emitted - span.start + this.#late - BETWEEN_CLOCKS;
  }

  /** The next window begins at this step or later. */
  #forgetBefore(clock: number): void {
    const kept = this.#waiting.filter(
      ({ emitted }) => emitted >= clock || this.#stepOf(emitted) !== Number.POSITIVE_INFINITY,
    );
    this.counts.between += this.#waiting.length - kept.length;
    this.#waiting = kept;
  }

  /** A neuron spikes once in a step of the board, so the same spike again is the same packet again. */
  #isDoubled(time: number, key: number): boolean {
    const keys = this.#seen.get(time) ?? new Set();
    if (keys.has(key)) {
      this.counts.doubled++;
      return true;
    }
    this.#seen.set(time, keys.add(key));
    // In the order in which times first came.
    for (const old of this.#seen.keys()) {
      if (this.#seen.size <= MEMORY_STEPS) break;
      this.#seen.delete(old);
    }
    return false;
  }

  /** The clocks drift apart, so that only the last packets say how the board's lies to this one. */
  #aheadOf(time: number, clock: number): number {
    const [block, ahead] = [Math.floor(clock / MEMORY_STEPS), clock - time];
    const [last, now, former] = this.#ahead ?? [block, ahead, ahead];
    // A board that counts from the start again is far behind.
    const isSame = Math.abs(ahead - Math.min(now, former)) < MEMORY_STEPS;
    if (!isSame) {
      this.#ahead = [block, ahead, ahead];
      this.#seen.clear();
    } else this.#ahead = block === last ? [block, Math.min(now, ahead), former] : [block, ahead, now];
    return Math.min(this.#ahead[1], this.#ahead[2]);
  }

  #warnOf(key: number): void {
    if (this.counts.unknown++ === 0) this.#warn(`sends the key 0x${key.toString(16)}, which the network does not have`);
  }
}

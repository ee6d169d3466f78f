import type { Registry } from '@spikewire/fleet/controller';
import { RandomGenerator } from '@spikewire/models';
import type { DeviceReport } from 'spikewire/agent';
import type { VirtualTime } from '../../faults/virtual-time.ts';
import type { Answer, Happening } from './history.ts';

export type Signed = Parameters<Registry['report']>[0];

export interface Message {
  readonly number: number;
  readonly signed: Signed;
  readonly report: DeviceReport;
  readonly etag: string | undefined;
}

export interface FaultyNetworkOptions {
  readonly time: VirtualTime;
  readonly seed: number;
  /** What some controller answers. Rejects where none is there, or with its refusal; may never settle. */
  readonly answer: (message: Message) => Promise<Answer>;
  readonly record: (happening: Happening) => void;
}

const MINUTE = 60_000;
const QUICK = 2000;
/** Beyond the patience of a device by far. */
const SLOW = 40 * MINUTE;
const NEVER = new AbortController().signal;

/** Loses, delays and doubles requests and answers, and so changes their order, until it is told to be good. */
export class FaultyNetwork {
  isGood = true;
  readonly #time: VirtualTime;
  readonly #random: RandomGenerator;
  readonly #answer: (message: Message) => Promise<Answer>;
  readonly #record: (happening: Happening) => void;

  constructor({ time, seed, answer, record }: FaultyNetworkOptions) {
    [this.#time, this.#random, this.#answer] = [time, new RandomGenerator(seed, 'network'), answer];
    this.#record = record;
  }

  /** The answer to the request, or to its double; may never settle. */
  send(message: Message): Promise<Answer> {
    const copies = this.#happens(0.08, 'a request is doubled') ? 2 : 1;
    return Promise.race(Array.from({ length: copies }, () => this.#carry(message)));
  }

  async #carry(message: Message): Promise<Answer> {
    await this.#travel();
    const answer = this.#answer(message);
    await answer.catch(() => {}); // a refusal takes as long
    await this.#travel();
    return answer;
  }

  /** Some way through the network, of which some never arrive. */
  async #travel(): Promise<void> {
    if (this.#happens(0.06, 'a request or an answer is lost')) await new Promise(() => {});
    const share = this.#random.nextUniform();
    const longest = this.#happens(0.06, 'a request or an answer is slow') ? SLOW : QUICK;
    await this.#time.pause(share * longest, NEVER);
  }

  #happens(share: number, what: string): boolean {
    if (this.#random.nextUniform() >= share || this.isGood) return false;
    this.#record({ kind: 'fault', what });
    return true;
  }
}

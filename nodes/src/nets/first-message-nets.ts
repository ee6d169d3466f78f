import { SpikewireError } from 'spikewire';
import type { Message } from '../node-red.ts';
import { type DocumentForm, KeptDocument } from './kept-document.ts';
import type { Nets } from './nets.ts';
import { payloadBytes } from './request.ts';
import { isOrder } from './update-orders.ts';

export interface FirstMessageOptions<Found> {
  /** Of the nets, where what was found is kept. */
  readonly directory: string;
  readonly form: DocumentForm<Found>;
  /** What a payload says of all that follow. Throws `input` where it says nothing. */
  find(payload: Uint8Array): Found;
  /** Called at once, and again when other nets take the place. */
  make(): Nets;
  warn(line: string): void;
}

/**
 * Nets of a node of which the first good message says what all messages hold: that is kept, stays so after a restart,
 * and nothing is opened before it is known.
 */
export class FirstMessageNets<Found> {
  readonly #options: FirstMessageOptions<Found>;
  readonly #kept: KeptDocument<Found>;
  #found: Found | undefined;
  #nets: Nets;
  /** Until then nobody knows what was found, or which nets there are. */
  #settled: Promise<void>;

  constructor(options: FirstMessageOptions<Found>) {
    this.#options = options;
    this.#kept = new KeptDocument(options.form, options.directory);
    this.#nets = options.make();
    this.#settled = this.#recall();
  }

  async #recall(): Promise<void> {
    this.#found = await this.#kept.read();
  }

  get nets(): Nets {
    return this.#nets;
  }

  get found(): Found | undefined {
    return this.#found;
  }

  /** Whether it is known what messages hold. */
  async isKnown(): Promise<boolean> {
    await this.#settled;
    return this.#found !== undefined;
  }

  /** The nets for a message, the first of which says what all hold. Rejects with `input` where it does not. */
  async netsFor(message: Message): Promise<Nets> {
    await this.#settled;
    // Looked at and learned in one go: of messages that come at once only the first is one.
    if (this.#found === undefined) this.#learn(message);
    await this.#settled;
    return this.#nets;
  }

  #learn(message: Message): void {
    const { payload, topic, command } = message;
    if (isOrder(this.#nets, message))
      throw new SpikewireError('usage', 'update', 'is not ready', 'a first reading in msg.payload');
    this.#nets.keyOf(topic);
    if (command !== undefined)
      throw new SpikewireError('input', 'msg.command', 'came before the first reading', 'a reading in msg.payload');
    const found = this.#options.find(payloadBytes(payload));
    this.#found = found;
    this.#settled = this.#kept.write(found).catch((failure: Error) => {
      this.#options.warn(`the channels of the readings could not be saved: ${failure.message}`);
    });
  }

  /**
   * Lets other nets take the place, whose messages hold what was found elsewhere, or what the next one says; `change`
   * comes before that is kept. Rejects with what went wrong, and goes on with other nets all the same.
   */
  replace(found: Found | undefined, change = async () => {}): Promise<void> {
    const replaced = this.#settled
      .then(() => this.#nets.close())
      .finally(async () => {
        await change();
        await (found === undefined ? this.#kept.forget() : this.#kept.write(found));
        this.#found = found;
      })
      .finally(() => {
        this.#nets = this.#options.make();
      });
    this.#settled = replaced.catch(() => {}); // whoever asked for it is told
    return replaced;
  }

  async close(): Promise<void> {
    await this.#settled;
    await this.#nets.close();
  }
}

import { type Executor, type ExecutorSource, type OpenOptions, refuseMisfits } from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models/error';
import { RoamingNet } from './roaming-net.ts';

export interface ReturningOptions {
  /** Opens the board again. */
  readonly openBoard: () => Promise<ExecutorSource>;
  /** Opens nets while the board is away; it reads the board's states, and gives the same answers. */
  readonly here: () => Promise<ExecutorSource>;
  readonly warn?: ((line: string) => void) | undefined;
  /** Bytes of calls that are kept of each net for a replay; default 1 MiB. */
  readonly replay?: number | undefined;
  /** Milliseconds until the board is looked for again: at first, and at most. Default 1 s and 30 s. */
  readonly wait?: { readonly first: number; readonly longest: number };
}

const REPLAY = 2 ** 20;
const WAIT = { first: 1000, longest: 30_000 };
/** Milliseconds. A board that is lost again so soon is looked for ever more rarely. */
const SOON = 60_000;

/**
 * A board that may be unplugged and plugged in again: its nets continue on this machine meanwhile, and return by
 * themselves. `first` is the open board. Its source must say whether it is gone.
 */
export function returningBoard(first: ExecutorSource, options: ReturningOptions): ExecutorSource {
  return new ReturningBoard(first, options);
}

class ReturningBoard implements ExecutorSource {
  readonly name: string;
  readonly abilities: ExecutorSource['abilities'];
  readonly #options: ReturningOptions;
  readonly #warn: (line: string) => void;
  readonly #wait: { readonly first: number; readonly longest: number };
  readonly #nets = new Set<RoamingNet>();
  /** Undefined while it is away. */
  #board: ExecutorSource | undefined;
  #here: Promise<ExecutorSource> | undefined;
  #delay: number;
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  /** What is under way to bring nets back. */
  #returning: Promise<void> = Promise.resolve();
  #hasOpened = false;
  /** The last reason why it does not run nets. */
  #said: string | undefined;
  #isClosed = false;

  constructor(first: ExecutorSource, options: ReturningOptions) {
    this.name = first.name;
    this.abilities = first.abilities;
    this.#board = first;
    this.#options = options;
    this.#warn = options.warn ?? (() => {});
    this.#wait = options.wait ?? WAIT;
    this.#delay = this.#wait.first;
  }

  async open(bytes: Uint8Array, options: OpenOptions = {}): Promise<Executor> {
    const board = this.#board;
    const [runner, place] = board === undefined ? [undefined, undefined] : await this.#openThere(board, bytes, options);
    const net = new RoamingNet(runner ?? (await this.#openHere(bytes, options)), place, {
      name: options.name,
      replay: this.#options.replay ?? REPLAY,
      open: (source) => source.open(bytes, options),
      leave: (lost, failure) => this.#lose(lost, failure),
      warn: this.#warn,
    });
    this.#nets.add(net);
    const close = net.close.bind(net);
    net.close = () => close().finally(() => this.#nets.delete(net));
    this.#bringLater(net, place);
    return net;
  }

  /** The board may have gone or come back while the net was opened. */
  #bringLater(net: RoamingNet, place: ExecutorSource | undefined): void {
    const board = this.#board;
    if (board === undefined || board === place) return;
    this.#returning = this.#returning
      .then(() => net.goTo(board))
      .catch((failure: Error) => this.#warn(`${failure.message}; this net stays on ${net.name}`));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#returning;
    await this.#board?.close();
    await (await this.#here?.catch(() => undefined))?.close();
  }

  async #openThere(board: ExecutorSource, bytes: Uint8Array, options: OpenOptions) {
    try {
      const executor = await board.open(bytes, options);
      this.#hasOpened = true;
      return [executor, board] as const;
    } catch (failure) {
      // A board that has never run a net is a mistake to be told.
      if (!this.#hasOpened || !isGone(board, failure)) throw failure;
      await this.#lose(board, failure);
      return [undefined, undefined] as const;
    }
  }

  /** Only what the board can take back. */
  async #openHere(bytes: Uint8Array, options: OpenOptions): Promise<Executor> {
    const { readAnyModel } = await import('@spikewire/models');
    const { memory } = options;
    await refuseMisfits(this, readAnyModel(bytes, memory === undefined ? {} : { bytes: memory }));
    return (await this.#findHere()).open(bytes, options);
  }

  #findHere(): Promise<ExecutorSource> {
    this.#here ??= this.#options.here().catch((problem: unknown) => {
      this.#here = undefined;
      throw problem;
    });
    return this.#here;
  }

  async #lose(board: ExecutorSource, failure: SpikewireError): Promise<ExecutorSource> {
    const isNew = board === this.#board;
    if (isNew) {
      this.#board = undefined;
      this.#said = failure.message;
      if (performance.now() - this.#since > SOON) this.#delay = this.#wait.first;
      // Its line is free again only when it is closed.
      this.#lookAgain(board.close().catch(() => {}));
    }
    const here = await this.#findHere();
    if (isNew) this.#warn(`${failure.message}; nets continue on ${here.name}`);
    return here;
  }

  #lookAgain(before: Promise<void>): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#returning = before.then(() => this.#look());
    }, this.#delay);
    // Looking for a board alone keeps no process running.
    this.#timer.unref();
    this.#delay = Math.min(2 * this.#delay, this.#wait.longest);
  }

  /** Why the board cannot be opened, once. */
  #note(problem: string): undefined {
    if (problem !== this.#said) this.#warn(`${problem}; the search for it continues`);
    this.#said = problem;
  }

  async #look(): Promise<void> {
    const board = await this.#options.openBoard().catch((failure: Error) => this.#note(failure.message));
    if (board === undefined) return this.#lookAgain(Promise.resolve());
    if (this.#isClosed) return board.close();
    this.#board = board;
    this.#since = performance.now();
    let returned = 0;
    for (const net of this.#nets) {
      try {
        await net.goTo(board);
        returned++;
      } catch (failure) {
        if (isGone(board, failure)) return void (await this.#lose(board, failure).catch(() => {}));
        this.#warn(`${failure instanceof Error ? failure.message : failure}; this net stays on ${net.name}`);
      }
    }
    const nets = returned === 1 ? '1 net continues' : `${returned} nets continue`;
    this.#warn(`${this.name}: is available again; ${nets} on it`);
  }
}

/** Whether a failure is that of a board which is not there any more, and not of what it was asked. */
function isGone(board: ExecutorSource, failure: unknown): failure is SpikewireError {
  return failure instanceof SpikewireError && failure.code === 'unsupported' && board.isGone === true;
}

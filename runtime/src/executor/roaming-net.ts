import {
  Exclusive,
  type Executor,
  type ExecutorSource,
  type WindowRequest,
  type WindowResult,
} from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models/error';
import { continueExactly, Replay } from './replay.ts';

/** What a net needs to go from a board to this machine and back. */
export interface Roads {
  /** What people call the net. */
  readonly name: string | undefined;
  /** Bytes of calls that are kept for a replay. */
  readonly replay: number;
  /** Called when a board no longer runs the net; gives the source that opens it on this machine. */
  leave(board: ExecutorSource, failure: SpikewireError): Promise<ExecutorSource>;
  /** Opens the net on a board or on this machine. */
  open(source: ExecutorSource): Promise<Executor>;
  /** One line about something a person should know. */
  warn(line: string): void;
}

/**
 * A net that runs on a board while that is there, and otherwise on this machine. Both give the same answers and read
 * each other's states. When the board fails, this machine continues from the last snapshot of the net and runs again
 * what came since, so no answer differs. A snapshot is taken whenever the calls since the last one need too much room.
 * What the net refuses is not run again.
 */
export class RoamingNet implements Executor {
  readonly #roads: Roads;
  readonly #replay: Replay;
  readonly #exclusive = new Exclusive();
  #runner: Executor;
  /** Where it runs, if that is no engine of this machine. */
  #board: ExecutorSource | undefined;
  #learning: boolean | undefined;
  /** Whether the next window has to say that the net runs elsewhere. */
  #hasMoved = false;
  #isClosed = false;

  /** `board` is undefined for a net that begins on this machine. */
  constructor(runner: Executor, board: ExecutorSource | undefined, roads: Roads) {
    this.#runner = runner;
    this.#board = board;
    this.#roads = roads;
    this.#replay = new Replay(roads.replay);
  }

  get name(): string {
    return this.#runner.name;
  }

  get bytes(): number {
    return this.#runner.bytes + this.#replay.bytes;
  }

  get choice(): Executor['choice'] {
    return this.#runner.choice;
  }

  get nodes(): Executor['nodes'] {
    return this.#runner.nodes;
  }

  run(request: WindowRequest): Promise<WindowResult> {
    return this.#inOrder(async () => {
      if (this.#board !== undefined && !this.#replay.hasRoomFor(request)) await this.#save();
      const result = await this.#ask((executor) => executor.run(request));
      if (this.#board !== undefined) this.#replay.keepWindow(request);
      if (!this.#hasMoved) return result;
      this.#hasMoved = false;
      return { ...result, chosen: { choice: this.choice, bytes: this.bytes } };
    });
  }

  setLearning(on: boolean): Promise<void> {
    return this.#inOrder(async () => {
      await this.#change(0, (executor) => executor.setLearning(on));
      this.#learning = on;
    });
  }

  resetLearning(): Promise<void> {
    return this.#inOrder(() => this.#change(0, (executor) => executor.resetLearning()));
  }

  save(): Promise<Uint8Array> {
    return this.#inOrder(() => this.#save());
  }

  restore(state: Uint8Array) {
    const own = state.slice();
    return this.#inOrder(() => this.#change(own.length, (executor) => executor.restore(own)));
  }

  close(): Promise<void> {
    return this.#exclusive.run(async () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      await this.#runner.close();
    });
  }

  /** Continues on a board that is there again. Rejects with the reason where it stays on this machine. */
  goTo(board: ExecutorSource): Promise<void> {
    return this.#exclusive.run(async () => {
      if (this.#isClosed || this.#board === board) return;
      // It may not have noticed that the board was away.
      if (this.#board !== undefined) await this.#leave(this.#board, wasAway(board));
      const state = await this.#runner.save();
      const there = await this.#roads.open(board);
      try {
        await continueExactly(there, state);
        if (this.#learning !== undefined) await there.setLearning(this.#learning);
      } catch (failure) {
        await there.close().catch(() => {});
        throw failure;
      }
      this.#replay.begin(state, this.#learning);
      await this.#move(there, board);
    });
  }

  async #save(): Promise<Uint8Array> {
    const state = await this.#ask((executor) => executor.save());
    if (this.#board !== undefined) this.#replay.begin(state, this.#learning);
    return state;
  }

  async #change<T>(bytes: number, call: (executor: Executor) => Promise<T>): Promise<T> {
    const result = await this.#ask(call);
    if (this.#board !== undefined) this.#replay.keep(bytes, call);
    return result;
  }

  async #ask<T>(call: (executor: Executor) => Promise<T>): Promise<T> {
    const board = this.#board;
    try {
      return await call(this.#runner);
    } catch (failure) {
      // What is wrong with a request has other codes.
      if (board === undefined || !(failure instanceof SpikewireError) || failure.code !== 'unsupported') throw failure;
      await this.#leave(board, failure);
      return call(this.#runner);
    }
  }

  async #leave(board: ExecutorSource, failure: SpikewireError): Promise<void> {
    const { name, replay, leave, open, warn } = this.#roads;
    const here = await open(await leave(board, failure));
    try {
      await this.#replay.onto(here);
    } catch (problem) {
      await here.close().catch(() => {});
      throw problem;
    }
    const { lost } = this.#replay;
    if (lost > 0) {
      const windows = lost === 1 ? 'a window is' : `${lost} windows are`;
      warn(`net${name === undefined ? '' : ` "${name}"`}: ${windows} lost; a replay keeps at most ${replay} bytes`);
    }
    await this.#move(here, undefined);
  }

  async #move(runner: Executor, board: ExecutorSource | undefined): Promise<void> {
    const former = this.#runner;
    this.#runner = runner;
    this.#board = board;
    this.#hasMoved = true;
    await former.close().catch(() => {}); // what is gone is closed
  }

  #inOrder<T>(call: () => Promise<T>): Promise<T> {
    return this.#exclusive.run(() => {
      if (this.#isClosed) throw new SpikewireError('unsupported', 'net', 'is closed', 'an open one');
      return call();
    });
  }
}

function wasAway({ name }: ExecutorSource): SpikewireError {
  return new SpikewireError('unsupported', name, 'was away', 'a board that is attached');
}

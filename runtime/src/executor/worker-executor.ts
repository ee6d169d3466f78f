import type { ChosenEngine, Executor, ExecutorSource, OpenOptions } from '@spikewire/engine/executor';
import { type Abilities, abilitiesOf } from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models/error';
import { memoryOfMachine } from '../memory-limit.ts';
import { intoBlock, outOfBlock, withOutput } from './event-block.ts';
import { InferenceThread } from './inference-thread.ts';
import type { WorkerCall, WorkerOpen, WorkerOpened, WorkerRan, WorkerRestored, WorkerRun } from './worker-call.ts';

export interface InferenceWorkerOptions {
  /** What its engine can run; any model where absent. */
  readonly abilities?: Abilities;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
  /** Bytes that its nets may take; half of the machine's memory where absent. */
  readonly memory?: number | undefined;
  /** Milliseconds after which a thread that has answered nothing is ended, whatever it does; 60,000 where absent. */
  readonly longestCall?: number | undefined;
}

/** A thread that died so often within so many milliseconds is not started again until that time has passed. */
const DEATHS = 3;
const WITHIN = 60_000;
const LONGEST_CALL = 60_000;

/**
 * One worker thread that runs any number of nets, so that nobody's event loop waits for inference.
 *
 * A thread that dies (out of memory, a fault in an engine, a window without end) rejects all calls of its nets, those
 * under way and later ones, with one typed line; the next `open` starts a new thread. So whoever owns the nets opens
 * them again and restores their last saved state. After three deaths within a minute `open` rejects too, so that a
 * fault that comes back is no endless loop.
 */
export class InferenceWorker implements ExecutorSource {
  readonly name: string;
  readonly abilities: Abilities;
  readonly #engine: string;
  readonly #clock: () => number;
  readonly #memory: number | undefined;
  readonly #longestCall: number;
  #thread: InferenceThread | undefined;
  /** When the last threads died, at most `DEATHS`. */
  #deaths: number[] = [];
  #lastDeath: SpikewireError | undefined;
  #nets = 0;
  #closed = false;

  /** `engine` is a name that `engineNamed` knows. */
  constructor(
    engine: string,
    {
      clock = () => performance.now(),
      memory,
      longestCall = LONGEST_CALL,
      abilities = abilitiesOf({}),
    }: InferenceWorkerOptions = {},
  ) {
    this.abilities = abilities;
    this.#memory = memory;
    this.#longestCall = longestCall;
    this.#engine = engine;
    this.#clock = clock;
    this.name = `${engine} (worker)`;
  }

  get rests(): boolean {
    const now = this.#clock();
    return this.#deaths.filter((death) => now - death < WITHIN).length >= DEATHS;
  }

  async open(model: Uint8Array, options: OpenOptions = {}): Promise<Executor> {
    const thread = this.#liveThread();
    const net = this.#nets++;
    const argument: WorkerOpen = { engine: this.#engine, model, memory: this.#memory, ...options };
    const { name, ...opened } = (await thread.call(net, 'open', argument)) as WorkerOpened;
    let chosen: ChosenEngine = opened;
    /** The block in which the last window travelled, until another one travels in it. */
    let spare: ArrayBuffer | undefined;
    const call = (method: WorkerCall['method'], value?: unknown) => thread.call(net, method, value);
    return {
      name: `${name} (worker)`,
      get bytes() {
        return chosen.bytes;
      },
      get choice() {
        return chosen.choice;
      },
      run: async ({ steps, input, teach = [], fresh = false, membranes = [], hold = false, raster = false }) => {
        const events = intoBlock(input, spare);
        spare = undefined;
        const request: WorkerRun = { steps, input: events, teach, fresh, membranes, hold, raster };
        const result = (await thread.call(net, 'run', request, [events.memory])) as WorkerRan;
        spare = result.output.memory;
        if (result.chosen !== undefined) chosen = result.chosen;
        return withOutput(result, outOfBlock(result.output));
      },
      setLearning: (on) => call('setLearning', on) as Promise<void>,
      resetLearning: () => call('resetLearning') as Promise<void>,
      save: () => call('save') as Promise<Uint8Array>,
      restore: async (state) => {
        const { learnedOnly, ...restored } = (await call('restore', state)) as WorkerRestored;
        chosen = restored;
        return learnedOnly;
      },
      close: () => call('close') as Promise<void>,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread?.close();
  }

  #liveThread(): InferenceThread {
    if (this.#closed) throw new SpikewireError('unsupported', 'inference worker', 'is closed', 'an open one');
    this.#thread ??= this.#startThread();
    return this.#thread;
  }

  #startThread(): InferenceThread {
    if (this.rests) {
      const problem = `died ${DEATHS} times within a minute, the last time so: ${this.#lastDeath!.message}`;
      throw new SpikewireError(
        'unsupported',
        'inference worker',
        problem,
        'a minute of rest before it is started again',
        this.#lastDeath,
      );
    }
    return new InferenceThread(this.#longestCall, this.#memory ?? memoryOfMachine(), (failure) => {
      this.#thread = undefined;
      this.#lastDeath = failure;
      this.#deaths = [...this.#deaths, this.#clock()].slice(-DEATHS);
    });
  }
}

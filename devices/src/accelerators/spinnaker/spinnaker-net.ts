import { checkInput } from '@spikewire/engine/network';
import { elementCount, type Model, type ResolvedGraph, resolveGraph, SpikewireError } from '@spikewire/models';
import { EventBuffer, type EventList } from 'spikewire';
import type { Executor, WindowRequest, WindowResult } from 'spikewire/accelerators';
import { goOn, modelDigest, newCounters, restoreState, writeState } from 'spikewire/state';
import type { BoardAddress } from './board-address.ts';
import type { StepClock } from './board-clock.ts';
import type { BoardNetwork } from './board-network.ts';
import { type BoardSpike, Gathering, type KeyTable } from './gathering.ts';
import { HandedOut } from './handed-out.ts';
import { type Injector, injection, sendBurst } from './injection.ts';
import type { ScpLink } from './scp-link.ts';
import type { ToolChain } from './tool-chain.ts';

/** A board on which the tool chain has placed a net. */
export interface SpinnakerBoard {
  readonly name: string;
  readonly link: ScpLink;
  readonly network: BoardNetwork;
  readonly tools: ToolChain | undefined;
  readonly address: BoardAddress;
  readonly late: number;
  /** Begins a clock with steps of so many milliseconds. */
  clockOf(milliseconds: number): StepClock;
  /** Takes a line for people. */
  warn(line: string): void;
}

/** Most spikes of one neuron in a step. */
const MOST_AT_ONCE = 255;
const MILLISECONDS = 1000;

/** What happened at the line, beside what a window gives. */
export interface LiveCounts extends Readonly<Gathering['counts']> {
  /** Datagrams with spikes that went to the board, and those of them that went a step late or more. */
  readonly sent: number;
  readonly sentLate: number;
  /** Windows in which no packet came; the board answered after each of them. */
  readonly silentWindows: number;
}

/** A net on a board, with what was counted at its line. */
export interface SpinnakerExecutor extends Executor {
  readonly live: LiveCounts;
}

/** The net that runs on a board, fed and read in the steps of its clock. */
export function openSpinnakerNet(board: SpinnakerBoard, model: Model, onClose: () => void): SpinnakerExecutor {
  return new SpinnakerNet(board, model, onClose);
}

class SpinnakerNet implements SpinnakerExecutor {
  readonly name: string;
  readonly bytes = 0;
  readonly choice: Executor['choice'];
  readonly #board: SpinnakerBoard;
  readonly #digest: string;
  readonly #graph: ResolvedGraph;
  readonly #injectors: ReadonlyMap<number, Injector>;
  readonly #handedOut: HandedOut;
  readonly #gathering: Gathering;
  readonly #clock: StepClock;
  readonly #counters = newCounters();
  readonly #counts = { sent: 0, sentLate: 0, silentWindows: 0 };
  readonly #onClose: () => void;
  /** Steps of the net, and the step of the clock at which the last window ended. */
  #step = 0;
  #end = 0;
  /** Spikes of which answers have told that they were lost. */
  #lost = 0;
  #hasToldMissing = false;
  #isOpen = true;
  #last: Promise<unknown> = Promise.resolve();

  constructor(board: SpinnakerBoard, model: Model, onClose: () => void) {
    this.name = board.name;
    this.choice = { engine: board.name, because: null };
    this.#board = board;
    this.#digest = modelDigest(model);
    this.#graph = resolveGraph(model.graph, model.semantics);
    this.#onClose = onClose;
    this.#injectors = injectorsOf(board, this.#graph);
    this.#handedOut = new HandedOut(this.#graph);
    const { timeStep, slowdown } = board.network;
    this.#clock = board.clockOf(timeStep * slowdown * MILLISECONDS);
    this.#gathering = new Gathering(keyTable(board, this.#graph), board.late, (line) => this.#warn(line));
    board.link.listen((packet) => this.#gathering.take(packet, this.#clock.step));
  }

  get live(): LiveCounts {
    return { ...this.#gathering.counts, ...this.#counts };
  }

  run(request: WindowRequest): Promise<WindowResult> {
    return this.#inOrder(() => this.#run(request));
  }

  async #run({ steps, input, teach = [], fresh, membranes = [], raster }: WindowRequest): Promise<WindowResult> {
    const [lesson] = teach;
    if (lesson !== undefined)
      throw new SpikewireError('learning', `connection "${lesson.connection}"`, 'does not learn here', 'no lesson');
    const [read] = membranes;
    if (read !== undefined)
      throw new SpikewireError('unsupported', `node "${read}"`, 'has membranes that nobody can read', 'spikes alone');
    checkInput(this.#graph, steps, EventBuffer.of(input));
    expectSpikes(this.#graph, input);
    await this.#board.tools?.running(this.#board.address.wait);
    // The membranes are on the board, where nothing resets them.
    if (fresh) this.#gathering.forget(this.#step);
    const spikes = steps === 0 ? [] : await this.#runWindow(steps, input);
    const output = eventsOf(spikes, this.#step - steps);
    this.#counters.spikes += spikes.length;
    return {
      output,
      raster: raster ? this.#rasterOf(output) : undefined,
      membranes: {},
      dropped: this.#newlyLost(),
      step: this.#step,
      counters: { ...this.#counters },
      taught: [],
    };
  }

  #rasterOf(output: EventList): EventList {
    const { missing } = this.#handedOut;
    if (missing.length > 0 && !this.#hasToldMissing) {
      this.#hasToldMissing = true;
      this.#warn(`hands out no spikes of ${missing.join(', ')}, which have no Output of their own`);
    }
    return this.#handedOut.rasterOf(output);
  }

  /** Spikes that no window has, since the last answer: without room, too late, or between windows. */
  #newlyLost(): number {
    const { dropped, late, between } = this.#gathering.counts;
    const before = this.#lost;
    this.#lost = dropped + late + between;
    return this.#lost - before;
  }

  /** The board goes on by itself; the window is so many steps of real time. */
  async #runWindow(steps: number, input: EventList): Promise<readonly BoardSpike[]> {
    const now = this.#clock.step;
    // One that is asked for soon after the last one continues it.
    const start = now - this.#end <= this.#board.late ? this.#end : now;
    const { packets, known, unknown } = this.#gathering.counts;
    this.#gathering.begin(start, steps, this.#step);
    try {
      await this.#inject(start, input);
      await this.#clock.until(start + steps);
    } finally {
      this.#end = start + steps;
      this.#step += steps;
    }
    this.#board.tools?.expectNotStopped();
    const counts = this.#gathering.counts;
    if (counts.packets === packets) await this.#expectSilence(steps);
    else if (counts.unknown > unknown && counts.known === known) throw this.#onlyStrangers();
    if (this.#board.link.isGone) await this.#board.link.expectMonitor();
    return this.#gathering.end(this.#step);
  }

  async #inject(start: number, input: EventList): Promise<void> {
    const { step } = input;
    for (let [from, end] = [0, 0]; from < step.length; from = end) {
      while (end < step.length && step[end] === step[from]) end++;
      await this.#clock.until(start + step[from]!);
      const datagrams = this.#datagramsOf(input, from, end);
      await sendBurst(datagrams, (datagram) => {
        this.#counts.sent++;
        if (this.#clock.step > start + step[from]!) this.#counts.sentLate++;
        this.#board.link.send(datagram);
      });
    }
  }

  /** Of the events of one step. */
  #datagramsOf({ node, index, value }: EventList, from: number, end: number): Uint8Array[] {
    const neurons = new Map<number, number[]>();
    for (let k = from; k < end; k++) {
      const list = neurons.get(node[k]!) ?? [];
      for (let n = 0; n < value[k]!; n++) list.push(index[k]!);
      neurons.set(node[k]!, list);
    }
    return [...neurons].flatMap(([target, list]) => injection(this.#injectors.get(target)!, list));
  }

  /** A net may be silent, a board that runs it may not. Rejects where it is. */
  async #expectSilence(steps: number): Promise<void> {
    await this.#board.link.expectMonitor();
    if (this.#counts.silentWindows++ > 0) return;
    this.#warn(`sent no packet in a window of ${steps} steps, and answers; from now on such windows are only counted`);
  }

  #onlyStrangers(): SpikewireError {
    const problem = 'sends only keys that the network does not have';
    return new SpikewireError('unsupported', this.name, problem, 'the network that runs on the board');
  }

  #warn(line: string): void {
    this.#board.warn(`${this.name}: ${line}`);
  }

  /** Nothing learns here, whatever is said. */
  setLearning(): Promise<void> {
    return this.#inOrder(async () => {});
  }

  resetLearning(): Promise<void> {
    return this.#inOrder(async () => {});
  }

  save(): Promise<Uint8Array> {
    return this.#inOrder(async () => writeState({ ...this.#saved(), step: this.#step }));
  }

  /** A state holds counts alone: the net on the board goes on as it is. */
  restore(state: Uint8Array) {
    return this.#inOrder(async () =>
      goOn(
        {
          restore: (bytes) => {
            this.#step = restoreState(bytes, this.#saved());
            this.#gathering.forget(this.#step);
          },
          restoreLearned: (learned) => {
            const [name] = learned.keys();
            if (name === undefined) return [];
            throw new SpikewireError('store', `what "${name}" has learned`, 'finds no connection that learns', 'none');
          },
          resetActivity: () => this.#gathering.forget(this.#step),
        },
        state,
      ),
    );
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#board.tools?.cancel();
    await this.#last;
    this.#isOpen = false;
    this.#board.link.listen(() => {});
    this.#onClose();
  }

  #saved() {
    return { engine: 'spinnaker', model: this.#digest, counters: this.#counters, state: {} };
  }

  #inOrder<Value>(call: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(() => {
      if (!this.#isOpen) throw new SpikewireError('unsupported', 'net', 'is closed', 'an open one');
      return call();
    });
    this.#last = result.catch(() => {});
    return result;
  }
}

/** By index of an Input. */
function injectorsOf({ network, address: { inject } }: SpinnakerBoard, { nodes }: ResolvedGraph) {
  const found = new Map<number, Injector>();
  for (const [node, { name, kind, shape }] of nodes.entries()) {
    if (kind.role !== 'input') continue;
    const { core, keys } = network.populations.find(({ label }) => label === name)!;
    const numbers = inject === 'keys' ? keys : Array.from({ length: elementCount(shape) }, (_, k) => k);
    found.set(node, { core: core!, keys: numbers, bits: inject === 'keys' ? 32 : 16 });
  }
  return found;
}

function keyTable({ network }: SpinnakerBoard, { nodes }: ResolvedGraph): KeyTable {
  const table = new Map<number, { node: number; index: number } | null>();
  for (const { label, keys } of network.populations) {
    const node = nodes.findIndex(({ name, kind }) => name === label && kind.role === 'output');
    for (const [index, key] of keys.entries()) table.set(key, node < 0 ? null : { node, index });
  }
  return table;
}

/** Throws `input` for an event that is no spike, or more of them than a board takes. */
function expectSpikes({ nodes }: ResolvedGraph, { node, value }: EventList): void {
  const k = value.findIndex((count) => !(Number.isInteger(count) && count >= 0 && count <= MOST_AT_ONCE));
  if (k < 0) return;
  const where = `event ${k} into "${nodes[node[k]!]!.name}"`;
  throw new SpikewireError('input', where, `is ${value[k]}`, `0 to ${MOST_AT_ONCE} whole spikes`);
}

/** In steps of a window that begins at a step of the net. */
function eventsOf(spikes: readonly BoardSpike[], start: number): EventList {
  return {
    step: Int32Array.from(spikes, ({ step }) => step - start),
    node: Int32Array.from(spikes, ({ node }) => node),
    index: Int32Array.from(spikes, ({ index }) => index),
    value: new Float64Array(spikes.length).fill(1),
  };
}

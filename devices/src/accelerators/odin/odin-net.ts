import { checkInput, EventBuffer } from '@spikewire/engine/network';
import { elementCount, type Model, modelDigest, readAnyModel, SpikewireError } from '@spikewire/models';
import {
  type Abilities,
  type Executor,
  refuseMisfits,
  type WindowRequest,
  type WindowResult,
} from 'spikewire/accelerators';
import { goOn, newCounters, restoreState, writeState } from 'spikewire/state';
import type { OdinBoard } from './board.ts';
import type { SdspSetup } from './chips.ts';
import { describeLoss, lossOf } from './loss.ts';
import { expectReach, type Mapping, mapModel } from './mapping.ts';
import { columnsOf } from './software-net.ts';
import { type Activity, checkSpikes, runSteps } from './steps.ts';

/** A net on a chip: loaded, and every byte compared. Rejects with `unsupported` where the model does not fit. */
export async function openOdinNet(
  source: { readonly name: string; readonly abilities: Abilities },
  board: OdinBoard,
  bytes: Uint8Array,
  sdsp: SdspSetup | undefined,
  onClose: () => void,
): Promise<Executor> {
  const model = readAnyModel(bytes);
  await refuseMisfits(source, model);
  const mapping = mapModel(board.chip, model, sdsp);
  expectReach(mapping);
  await board.load(mapping.image);
  return new OdinNet(source.name, board, model, mapping, onClose);
}

/** Events that a window gives at most, 20 MB of them; more are counted as dropped. */
const MOST_EVENTS = 1 << 20;

class OdinNet implements Executor {
  readonly name: string;
  readonly bytes: number;
  readonly choice: Executor['choice'];
  readonly #board: OdinBoard;
  readonly #digest: string;
  readonly #mapping: Mapping;
  readonly #columns: readonly number[];
  readonly #onClose: () => void;
  readonly #activity: Activity = { step: 0, coming: new Map(), counters: newCounters() };
  /** What the next window asks of the chip. */
  #learns = true;
  /** Whether a window has failed, after which the next one begins with fresh membranes. */
  #isBroken = false;
  #isOpen = true;
  #last: Promise<unknown> = Promise.resolve();

  constructor(name: string, board: OdinBoard, model: Model, mapping: Mapping, onClose: () => void) {
    const { neurons, synapses } = mapping.image;
    this.name = name;
    this.bytes = neurons.length + synapses.length;
    this.choice = { engine: name, because: null, warning: describeLoss(lossOf(mapping)) };
    this.#board = board;
    this.#digest = modelDigest(model);
    this.#mapping = mapping;
    this.#columns = mapping.cells.map((_, column) => column);
    this.#onClose = onClose;
  }

  run(request: WindowRequest): Promise<WindowResult> {
    return this.#inOrder(() => this.#run(request));
  }

  async #run({ steps, input, teach = [], fresh, hold, membranes = [], raster }: WindowRequest): Promise<WindowResult> {
    const [lesson] = teach;
    if (lesson !== undefined)
      throw new SpikewireError('learning', `connection "${lesson.connection}"`, 'takes no lessons', 'no lesson');
    checkInput(this.#mapping.graph, steps, EventBuffer.of(input));
    checkSpikes(this.#mapping, input);
    const columns = membranes.map((name) => columnsOf(this.#mapping, name));
    if (fresh || this.#isBroken) await this.#startAgain();
    if (this.#mapping.sdsp !== undefined) await this.#board.setLearning(this.#learns && !hold, this.#columns);
    const buffer = (perStep: number) => new EventBuffer(Math.min(MOST_EVENTS, Math.max(1, steps * perStep)));
    const output = buffer(outputsOf(this.#mapping));
    const spikes = raster ? buffer(this.#columns.length) : undefined;
    this.#isBroken = true;
    await this.#runSteps({ steps, input, output, raster: spikes });
    // Also where nobody asks for membranes: a chip that lost its power in this window is found here.
    const v = await this.#board.readMembranes(columns.flat());
    this.#isBroken = false;
    return {
      output: output.toList(),
      raster: spikes?.toList(),
      membranes: this.#membranes(membranes, columns, v),
      dropped: output.dropped + (spikes?.dropped ?? 0),
      step: this.#activity.step,
      counters: { ...this.#activity.counters },
      taught: [],
    };
  }

  async #runSteps(request: Parameters<typeof runSteps>[2]): Promise<void> {
    const course = runSteps(this.#mapping, this.#activity, request);
    for (let next = course.next(); !next.done; ) next = course.next(await this.#board.events(next.value));
  }

  #membranes(names: readonly string[], columns: readonly (readonly number[])[], v: Int32Array) {
    let at = 0;
    const { cells } = this.#mapping;
    const real = (of: readonly number[]) => Float64Array.from(of, (column) => v[at++]! * cells[column]!.unit);
    return Object.fromEntries(names.map((name, k) => [name, real(columns[k]!)]));
  }

  async #startAgain(): Promise<void> {
    this.#activity.coming.clear();
    if (this.#isBroken) await this.#board.recover();
    this.#isBroken = false;
    await this.#board.clearState(this.#columns);
  }

  setLearning(on: boolean): Promise<void> {
    return this.#inOrder(async () => {
      this.#learns = on;
    });
  }

  resetLearning(): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#mapping.sdsp !== undefined) await this.#board.writeSynapses(this.#mapping.image.synapses);
    });
  }

  save(): Promise<Uint8Array> {
    return this.#inOrder(async () => writeState(this.#parts(await this.#synapses())));
  }

  restore(state: Uint8Array) {
    return this.#inOrder(async () => {
      const synapses = (await this.#synapses()).slice();
      const parts = this.#parts(synapses);
      const taken = goOn(
        {
          restore: (bytes) => {
            this.#activity.step = restoreState(bytes, parts);
          },
          restoreLearned: (learned) => {
            parts.learning.expectFit(learned);
            parts.learning.takeOver(learned);
            return [];
          },
          resetActivity: () => {},
        },
        state,
      );
      if (this.#mapping.sdsp !== undefined) await this.#board.writeSynapses(synapses);
      await this.#startAgain();
      return taken;
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#last;
    this.#onClose();
  }

  /** Those of the image, where they cannot have changed. */
  async #synapses(): Promise<Uint8Array> {
    return this.#mapping.sdsp === undefined ? this.#mapping.image.synapses : this.#board.readSynapses();
  }

  /** A saved state has what was learned, the step and the counters, and nothing of the membranes. */
  #parts(synapses: Uint8Array) {
    const { learned, takeOver, chip } = this.#mapping;
    return {
      engine: chip.name,
      model: this.#digest,
      step: this.#activity.step,
      counters: this.#activity.counters,
      state: {},
      learning: {
        save: () => learned(synapses),
        expectFit: (given: Parameters<typeof takeOver>[0]) => takeOver(given, synapses.slice()),
        takeOver: (given: Parameters<typeof takeOver>[0]) => takeOver(given, synapses),
      },
    };
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

/** Events that all Outputs emit in one step at most. */
function outputsOf({ graph: { nodes } }: Mapping): number {
  return nodes.reduce((sum, { kind, shape }) => sum + (kind.role === 'output' ? elementCount(shape) : 0), 0);
}

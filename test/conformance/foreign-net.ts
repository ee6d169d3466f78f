import { checkInput } from '@spikewire/engine/network';
import {
  type Model,
  neuronConstants,
  numbersOf,
  prepareFiring,
  readAnyModel,
  resolveGraph,
  SpikewireError,
  valueFor,
} from '@spikewire/models';
import { EventBuffer, type EventList } from 'spikewire';
import {
  type Executor,
  type ExecutorSource,
  refuseMisfits,
  type WindowRequest,
  type WindowResult,
} from 'spikewire/accelerators';
import { goOn, kept, modelDigest, newCounters, restoreState, whole, writeState } from 'spikewire/state';

/** Sends a request to the board; resolves with its answer. */
export type Ask = (request: object) => Promise<unknown>;

/** What the board keeps of a net, as it hands it out. */
interface Kept {
  readonly v: readonly number[];
  readonly rest: readonly number[];
  readonly step: number;
  readonly counts: Readonly<Record<'spikes' | 'passed' | 'high' | 'low' | 'clipped', number>>;
}

const WORD = whole(-(2 ** 31), 2 ** 31 - 1);

/** A net on the foreign board. Rejects with `unsupported` for a model that is no single layer, or too large. */
export async function openForeignNet(
  source: Pick<ExecutorSource, 'name' | 'abilities'>,
  ask: Ask,
  net: number,
  bytes: Uint8Array,
): Promise<Executor> {
  const model = readAnyModel(bytes);
  await refuseMisfits(source, model);
  const layer = layerOf(model);
  const size = (await ask({ do: 'load', net, ...layer.numbers })) as number;
  return new ForeignNet(source.name, (request) => ask({ net, ...request }), model, layer, size);
}

type Layer = ReturnType<typeof layerOf>;

/** The numbers of Input → Linear → LIF → Output, as the board takes them. */
function layerOf(model: Model) {
  const graph = resolveGraph(model.graph, model.semantics);
  const [first, second, third, ...rest] = graph.nodes.map(({ kind }) => kind.role);
  const links = graph.edges.map(({ source, target, delay }) => `${source}→${target}+${delay}`);
  const outputs = graph.nodes.flatMap(({ kind }, node) => (kind.role === 'output' ? [node] : []));
  const expected = ['0→1+0', '1→2+0', ...outputs.map((node) => `2→${node}+0`)];
  const isLayer = first === 'input' && second === 'connection' && third === 'neuron' && rest.length === outputs.length;
  if (!isLayer || links.toSorted().join(' ') !== expected.toSorted().join(' '))
    throw new SpikewireError(
      'unsupported',
      'model',
      'is not a single layer',
      'an Input, a Linear, a LIF and an Output',
    );
  const [input, connection, cells] = graph.nodes;
  const { inputs, connections } = model.quantization!;
  const constants = neuronConstants(model.quantization!, cells!);
  const { membraneBits, fraction, decay, bias, initial, threshold, reset, subtract, scale } = constants;
  const size = decay.length;
  const list = (values: Iterable<number> | undefined) => values && Array.from(values);
  const weights = numbersOf(connection!.node, 'weight')!.data;
  return {
    graph,
    cells: cells!.name,
    population: 2,
    outputs,
    /** The real worth of one unit of each membrane. */
    worth: (n: number) => valueFor(scale, n, size) * 2 ** -fraction,
    numbers: {
      inputs: weights.length / size,
      neurons: size,
      ...inputs.get(input!.name)!,
      weights: [...weights],
      shift: connections.get(connection!.name)!.shift,
      bits: membraneBits,
      fraction,
      decay: [...decay],
      bias: [...bias],
      initial: [...initial],
      threshold: list(threshold),
      reset: list(reset),
      subtract: list(subtract),
      rest: [...prepareFiring(cells!.node, size, cells!.semantics).refractorySteps],
    },
  };
}

class ForeignNet implements Executor {
  readonly name: string;
  readonly bytes: number;
  readonly choice: Executor['choice'];
  readonly #ask: Ask;
  readonly #layer: Layer;
  readonly #digest: string;
  #isOpen = true;
  #last: Promise<unknown> = Promise.resolve();

  constructor(name: string, ask: Ask, model: Model, layer: Layer, bytes: number) {
    this.name = name;
    this.bytes = bytes;
    this.choice = { engine: name, because: null };
    this.#ask = ask;
    this.#layer = layer;
    this.#digest = modelDigest(model);
  }

  run(request: WindowRequest): Promise<WindowResult> {
    return this.#inOrder(() => this.#run(request));
  }

  async #run({ steps, input, teach = [], fresh, membranes = [], raster }: WindowRequest): Promise<WindowResult> {
    const { graph, cells, population, outputs, worth } = this.#layer;
    const [lesson] = teach;
    if (lesson !== undefined)
      throw new SpikewireError('learning', `connection "${lesson.connection}"`, 'does not learn', 'no lesson');
    checkInput(graph, steps, EventBuffer.of(input));
    const foreign = membranes.find((name) => name !== cells);
    if (foreign !== undefined) throw new SpikewireError('input', `node "${foreign}"`, 'has no membrane', `"${cells}"`);
    if (fresh) await this.#ask({ do: 'fresh' });
    const events = Array.from(input.step, (step, k) => [step, input.index[k], input.value[k]]);
    const spikes = (await this.#ask({ do: 'run', steps, events })) as readonly (readonly [number, number])[];
    const { v, step, counts } = await this.#read();
    return {
      output: eventsOf(spikes, outputs),
      raster: raster ? eventsOf(spikes, [population]) : undefined,
      membranes: Object.fromEntries(
        membranes.map((name) => [name, Float64Array.from(v, (word, n) => word * worth(n))]),
      ),
      dropped: 0,
      step,
      counters: countersOf(counts),
      taught: [],
    };
  }

  /** Nothing learns here, whatever is said. */
  setLearning(): Promise<void> {
    return this.#inOrder(async () => {});
  }

  resetLearning(): Promise<void> {
    return this.#inOrder(async () => {});
  }

  save(): Promise<Uint8Array> {
    return this.#inOrder(async () => {
      const { step, ...parts } = this.#parts(await this.#read());
      return writeState({ ...parts, step });
    });
  }

  restore(state: Uint8Array) {
    return this.#inOrder(async () => {
      const parts = this.#parts(await this.#read());
      const { v, rest } = parts.state;
      let { step } = parts;
      const taken = goOn(
        {
          restore: (bytes) => {
            step = restoreState(bytes, parts);
          },
          restoreLearned: (learned) => {
            const [name] = learned.keys();
            if (name === undefined) return [];
            throw new SpikewireError('store', `what "${name}" has learned`, 'finds no connection that learns', 'none');
          },
          resetActivity: () => {
            v.view.set(this.#layer.numbers.initial);
            rest.view.fill(0);
          },
        },
        state,
      );
      const { spikes, synapticOperations, saturatedHigh, saturatedLow, clippedInputs } = parts.counters;
      const counts = {
        spikes,
        passed: synapticOperations,
        high: saturatedHigh,
        low: saturatedLow,
        clipped: clippedInputs,
      };
      await this.#ask({ do: 'write', v: [...v.view], rest: [...rest.view], step, counts });
      return taken;
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    await this.#inOrder(() => this.#ask({ do: 'free' }));
    this.#isOpen = false;
  }

  async #read(): Promise<Kept> {
    return (await this.#ask({ do: 'read' })) as Kept;
  }

  #parts({ v, rest, step, counts }: Kept) {
    const { numbers } = this.#layer;
    const longest = Math.max(0, ...numbers.rest);
    return {
      engine: 'foreign',
      model: this.#digest,
      step,
      counters: countersOf(counts),
      state: { v: kept(Int32Array.from(v), WORD), rest: kept(Int32Array.from(rest), whole(0, longest)) },
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

function countersOf({ spikes, passed, high, low, clipped }: Kept['counts']) {
  const counts = { spikes, synapticOperations: passed, saturatedHigh: high, saturatedLow: low, clippedInputs: clipped };
  return { ...newCounters(), ...counts };
}

/** The spikes at each of these nodes, in the order of steps. */
function eventsOf(spikes: readonly (readonly [number, number])[], nodes: readonly number[]): EventList {
  const events = spikes.flatMap(([step, neuron]) => nodes.map((node) => [step, node, neuron] as const));
  events.sort(([step, node], [later, next]) => step - later || node - next);
  return {
    step: Int32Array.from(events, ([step]) => step),
    node: Int32Array.from(events, ([, node]) => node),
    index: Int32Array.from(events, ([, , neuron]) => neuron),
    value: Float64Array.from(events, () => 1),
  };
}

import { type Engine, EventBuffer, type RunningNetwork } from '@spikewire/engine/network';
import { elementCount, type Model, type ResolvedNode, SpikewireError, type Stimulus } from '@spikewire/models';

/** One number per element of a node, by the node's name. */
export type ByNode = ReadonlyMap<string, Float64Array>;

type GivenEvent = readonly [step: number, node: number, index: number, value: number];

/** A net that runs step by step while everything that it does is looked at. */
export class WatchedNet {
  readonly name: string;
  /** Seconds. */
  readonly dt: number;
  /** How often each neuron spiked in the last step, of the nodes that spike. */
  readonly spikes: ByNode;
  /** What the Outputs gave in the last step: spikes, or the states of a read-out. */
  readonly emitted: ByNode;
  /** The same, summed over the sample. */
  readonly answers: ByNode;
  /** The membranes v at the end of the last step, of the nodes that have them. */
  readonly membranes: ByNode;
  readonly #network: RunningNetwork;
  readonly #counted: ReadonlyMap<number, Float64Array>;
  readonly #leaving: EventBuffer;
  readonly #raster: EventBuffer;
  #given: readonly GivenEvent[] = [];
  #next = 0;
  #step = 0;

  constructor(name: string, model: Model, engine: Engine) {
    this.name = name;
    this.#network = engine.load(model);
    this.#network.learning = false;
    const { graph } = this.#network;
    this.dt = graph.semantics.dt;
    const neurons = graph.nodes.filter(({ kind }) => kind.role === 'neuron');
    this.spikes = zeros(neurons.filter(({ kind }) => kind.role === 'neuron' && kind.emits === 'spikes'));
    const outputs = graph.nodes.filter(({ kind }) => kind.role === 'output');
    this.emitted = zeros(outputs);
    this.answers = zeros(outputs);
    this.membranes = zeros(neurons.filter((neuron) => hasMembrane(this.#network, neuron)));
    const counted = new Map([...this.spikes, ...this.emitted]);
    this.#counted = new Map(
      [...graph.nodes.entries()].flatMap(([index, node]) => {
        const counts = counted.get(node.name);
        return counts === undefined ? [] : [[index, counts] as const];
      }),
    );
    const size = graph.nodes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    [this.#leaving, this.#raster] = [new EventBuffer(size), new EventBuffer(size)];
  }

  /** A fresh start with another sample. Throws `input` for an Input that the net does not have. */
  begin({ input }: Stimulus): void {
    this.#network.resetActivity();
    for (const sums of this.answers.values()) sums.fill(0);
    const given = [...input].flatMap(([name, { data }]) => {
      const node = this.#inputNamed(name);
      return Array.from({ length: data.length / 3 }, (_, row): GivenEvent => {
        return [data[3 * row]!, node, data[3 * row + 1]!, data[3 * row + 2]!];
      });
    });
    this.#given = given.sort(([a], [b]) => a - b);
    [this.#next, this.#step] = [0, 0];
  }

  step(): void {
    for (const counts of this.#counted.values()) counts.fill(0);
    this.#leaving.clear();
    this.#raster.clear();
    this.#network.run(1, this.#arriving(), this.#leaving, this.#raster);
    for (const { length, node, index, value } of [this.#leaving, this.#raster])
      for (let k = 0; k < length; k++) this.#counted.get(node[k]!)![index[k]!]! += value[k]!;
    for (const [name, sums] of this.answers) {
      const emitted = this.emitted.get(name)!;
      for (let i = 0; i < sums.length; i++) sums[i]! += emitted[i]!;
    }
    for (const [name, membranes] of this.membranes) membranes.set(this.#network.readState(name, 'v'));
    this.#step++;
  }

  #arriving(): EventBuffer {
    const first = this.#next;
    while (this.#given[this.#next]?.[0] === this.#step) this.#next++;
    const arriving = new EventBuffer(this.#next - first);
    for (const [, ...event] of this.#given.slice(first, this.#next)) arriving.push(0, ...event);
    return arriving;
  }

  #inputNamed(name: string): number {
    const { nodes } = this.#network.graph;
    const index = nodes.findIndex((node) => node.name === name && node.kind.role === 'input');
    if (index >= 0) return index;
    const known = nodes.filter(({ kind }) => kind.role === 'input').map((input) => input.name);
    throw new SpikewireError('input', `input "${name}"`, `is not an Input of ${this.name}`, known.join(', '));
  }
}

function zeros(nodes: readonly ResolvedNode[]): ByNode {
  return new Map(nodes.map(({ name, shape }) => [name, new Float64Array(elementCount(shape))]));
}

function hasMembrane(network: RunningNetwork, { name }: ResolvedNode): boolean {
  try {
    network.readState(name, 'v');
    return true;
  } catch (problem) {
    if (problem instanceof SpikewireError && problem.code === 'input') return false;
    throw problem;
  }
}

import type { EventList } from '@spikewire/engine/network';
import {
  type Connectivity,
  elementCount,
  encoderKindOf,
  type Model,
  type ResolvedGraph,
  type ResolvedNode,
} from '@spikewire/models';

/**
 * Which synaptic operations of a net are multiplications: those of graded events, from an Input whose encoder gives
 * numbers or from neurons that send their state. A spike only adds a weight.
 */
export class GradedWork {
  /** Multiplications of a step in which all of these send. */
  readonly synapses: number;
  /** Those of neurons that send their state, in every step. */
  readonly #ofStates: number;
  /** By index of a graded Input: multiplications of an event of each of its elements. */
  readonly #ofInputs: ReadonlyMap<number, Float64Array>;
  #multiplications = 0;

  constructor(model: Model, graph: ResolvedGraph) {
    const fans = new Fans(graph);
    const sumOf = (index: number) => fans.from(index).reduce((sum, fan) => sum + fan, 0);
    const indices = [...graph.nodes.keys()];
    const inputs = indices.filter((index) => isGradedInput(model, graph.nodes[index]!));
    const states = indices.filter((index) => sendsState(graph.nodes[index]!));
    this.#ofInputs = new Map(inputs.map((index) => [index, fans.from(index)]));
    this.#ofStates = states.reduce((sum, index) => sum + sumOf(index), 0);
    this.synapses = inputs.reduce((sum, index) => sum + sumOf(index), this.#ofStates);
  }

  /** Counts the window of these events. */
  add({ node, index }: EventList, steps: number): void {
    this.#multiplications += this.#ofStates * steps;
    for (let k = 0; k < node.length; k++) this.#multiplications += this.#ofInputs.get(node[k]!)?.[index[k]!] ?? 0;
  }

  /** Of all windows so far. */
  get multiplications(): number {
    return this.#multiplications;
  }
}

function isGradedInput({ encoder }: Model, { name, kind }: ResolvedNode): boolean {
  const declared = kind.role === 'input' ? encoder.get(name) : undefined;
  return declared !== undefined && encoderKindOf(declared.type, name).emits(declared.parameters) === 'graded';
}

function sendsState({ kind }: ResolvedNode): boolean {
  return kind.role === 'neuron' && kind.emits !== 'spikes';
}

/** How many synapses an event passes until it reaches neurons. */
class Fans {
  readonly #graph: ResolvedGraph;
  readonly #known = new Map<number, Float64Array>();

  constructor(graph: ResolvedGraph) {
    this.#graph = graph;
  }

  /** Of an event of each element of a node. */
  from(index: number): Float64Array {
    const fans = new Float64Array(elementCount(this.#graph.nodes[index]!.shape));
    for (const { source, target } of this.#graph.edges) {
      if (source !== index) continue;
      for (const [k, fan] of this.#through(target).entries()) fans[k]! += fan;
    }
    return fans;
  }

  /** Of an event that comes to each element of a connection; none where the node is none. */
  #through(index: number): Float64Array {
    const { kind, node, inputShape } = this.#graph.nodes[index]!;
    const known = this.#known.get(index);
    if (known !== undefined || kind.role !== 'connection') return known ?? new Float64Array(0);
    const connectivity = kind.connect(node, inputShape);
    const fans = new Float64Array(connectivity.inputs);
    this.#known.set(index, fans); // where connections form a loop, it counts once
    const next = this.from(index);
    const passesOn = next.some((fan) => fan > 0);
    for (let k = 0; k < fans.length; k++) {
      if (connectivity.weights !== undefined) fans[k] = fanOut(connectivity, k);
      if (!passesOn) continue;
      connectivity.forEachSynapse(k, (output) => {
        fans[k]! += next[output]!;
      });
    }
    return fans;
  }
}

/** Synapses of an element. */
function fanOut(connectivity: Connectivity, input: number): number {
  if (connectivity.structure === 'dense') return connectivity.outputs;
  if (connectivity.structure === 'all-but-one') return connectivity.outputs - 1;
  let count = 0;
  connectivity.forEachSynapse(input, () => count++);
  return count;
}

/** What a spike of every input would pass. */
export function countSynapses(connectivity: Connectivity): number {
  let count = 0;
  for (let input = 0; input < connectivity.inputs; input++) count += fanOut(connectivity, input);
  return count;
}

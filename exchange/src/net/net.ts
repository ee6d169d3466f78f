import { type Fan, fanOf } from '@spikewire/engine';
import {
  type Demand,
  demandOf,
  elementCount,
  encoderKindOf,
  type Firing,
  type LinearDynamics,
  type Model,
  type ResolvedNode,
  resolveGraph,
  type Wiring,
  wire,
} from '@spikewire/models';
import { type Projection, projectionsInto } from './projection.ts';

/** A population as boards count it. */
export interface Population {
  readonly index: number;
  readonly node: ResolvedNode;
  readonly name: string;
  readonly neurons: number;
  /** Absent where it emits its state instead of spikes. */
  readonly firing: Firing | undefined;
  /** Absent where its membrane is not linear between spikes. */
  readonly linear: LinearDynamics | undefined;
}

/** What the limits of boards ask of a model; found when it is asked for, and kept. */
export class Net {
  readonly model: Model;
  readonly wiring: Wiring;
  /** Those that spike, and those whose state is read. */
  readonly populations: readonly Population[];
  readonly demand: Demand;
  #fan: Fan | undefined;
  readonly #projections = new Map<number, readonly Projection[]>();

  constructor(model: Model) {
    this.model = model;
    const graph = resolveGraph(model.graph, model.semantics);
    this.wiring = wire(graph);
    this.populations = graph.nodes.flatMap((node, index) => populationOf(node, index) ?? []);
    this.demand = demandOf(model, graph);
  }

  get nodes(): readonly ResolvedNode[] {
    return this.wiring.graph.nodes;
  }

  get spiking(): readonly Population[] {
    return this.populations.filter(({ node }) => node.kind.role === 'neuron' && node.kind.emits === 'spikes');
  }

  get fan(): Fan {
    this.#fan ??= fanOf(this.wiring);
    return this.#fan;
  }

  /** What arrives at a population, way by way. */
  projectionsInto(index: number): readonly Projection[] {
    const known = this.#projections.get(index) ?? projectionsInto(this.wiring, index);
    this.#projections.set(index, known);
    return known;
  }

  /** Populations that emit their state, and from there reach some that spike. */
  get gradedPopulations(): readonly Population[] {
    const sources = new Set(
      this.spiking.flatMap(({ index }) => this.projectionsInto(index).map(({ source }) => source)),
    );
    const { spiking } = this;
    return this.populations.filter((each) => sources.has(each.index) && !spiking.includes(each));
  }

  /** Inputs whose encoder sends numbers, or spikes of both signs; without an encoder an Input gets spikes. */
  get gradedInputs(): readonly ResolvedNode[] {
    return this.nodes.filter(({ name, kind }) => {
      const declared = this.model.encoder.get(name);
      if (kind.role !== 'input' || declared === undefined) return false;
      const { type, parameters } = declared;
      return encoderKindOf(type, name).emits(parameters) === 'graded' || parameters.polarity === 'signed';
    });
  }
}

const nets = new WeakMap<Model, Net>();

/** What boards ask of a model, found once however many boards ask. */
export function netOf(model: Model): Net {
  const net = nets.get(model) ?? new Net(model);
  nets.set(model, net);
  return net;
}

function populationOf(node: ResolvedNode, index: number): Population | undefined {
  const { kind, name, shape, semantics } = node;
  if (kind.role !== 'neuron') return undefined;
  const neurons = elementCount(shape);
  const linear = kind.linear?.(node.node, neurons, semantics);
  const firing = linear?.firing ?? kind.crossing?.(node.node, neurons, semantics).firing;
  return { index, node, name, neurons, firing, linear };
}

import {
  type ConnectionKind,
  elementCount,
  type NeuronKind,
  numbersOf,
  type ResolvedEdge,
  type ResolvedGraph,
  type ResolvedNode,
  SpikewireError,
} from '@spikewire/models';
import { stored } from '../graph/operations/stored.ts';
import { sumOf } from '../graph/operations/time.ts';
import { given, type Value } from '../graph/operations/value.ts';
import { type Component, componentsOf } from './components.ts';
import { lateElements } from './late-elements.ts';
import type { LearnedParameter } from './learned.ts';
import type { Population, SpikeTraining } from './neurons/population.ts';
import { lowerPopulation } from './neurons/populations.ts';
import { throughTrain } from './neurons/train-slope.ts';
import { type LoweredNode, lowerTrainingNodes, type PlacedNode } from './placed.ts';
import { selection } from './selection.ts';
import { Signal, silence } from './signal.ts';
import type { RowMap } from './structures/structure.ts';
import { lowerStructure } from './structures/structures.ts';

export interface LowerOptions {
  readonly batch: number;
  /** Of a sample. */
  readonly steps: number;
  /**
   * Input nodes whose values are the same in every step: they are given once, [batch, …], the others as [steps·batch,
   * …].
   */
  readonly held: ReadonlySet<string>;
  /** What Input nodes emit, where another graph is given it already; absent: they are given under their names. */
  readonly inputs?: ReadonlyMap<string, Value>;
  readonly learned: readonly LearnedParameter[];
  /** What connections compute with in the place of what is learned; absent: with that itself. */
  readonly weights?: (name: string, learned: Value) => Value;
  readonly spikes: SpikeTraining;
  /** What nodes emit goes through these, in their order. */
  readonly trainingNodes?: readonly PlacedNode[];
  /** Whether they are in the form that learns, and not in the one that is evaluated. */
  readonly learns?: boolean;
}

/** A graph of models as a differentiable one, over a batch of samples of so many steps. */
export interface LoweredGraph {
  /** By Input node; given under `input/` and its name. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** What every node emits, by name, behind its nodes of training. */
  readonly signals: ReadonlyMap<string, Signal>;
  /** Neuron nodes by name, after their last step. */
  readonly populations: ReadonlyMap<string, Population>;
  /** What is learned, given under its name. */
  readonly parameters: ReadonlyMap<string, Value>;
  /** Arrays that nodes of training change themselves, by name, as they are after a step of training. */
  readonly next: ReadonlyMap<string, Value>;
}

/** What a node computes: a function of rows, or something that goes from step to step. */
type Lowered = { readonly map: RowMap; readonly biased: boolean } | Population | undefined;

/**
 * Lowers a graph: what lies in no cycle over the rows of all steps at once, so that a connection is one product; what
 * lies in one step by step, in the order of the reference engine. Throws `unsupported` for what cannot be trained.
 */
export function lowerGraph(graph: ResolvedGraph, options: LowerOptions): LoweredGraph {
  const lowering = new Lowering(graph, options);
  for (const component of componentsOf(graph)) lowering.add(component);
  const named = <Entry>(entries: ReadonlyMap<number, Entry>) =>
    new Map([...entries].map(([index, entry]) => [graph.nodes[index]!.name, entry] as const));
  return {
    inputs: lowering.inputs,
    signals: named(lowering.signals),
    populations: named(lowering.populations),
    parameters: lowering.parameters,
    next: lowering.next,
  };
}

class Lowering {
  readonly inputs = new Map<string, Value>();
  readonly signals = new Map<number, Signal>();
  readonly populations = new Map<number, Population>();
  readonly parameters: ReadonlyMap<string, Value>;
  readonly #graph: ResolvedGraph;
  readonly #options: LowerOptions;
  readonly #incoming: readonly (readonly ResolvedEdge[])[];
  readonly #trainingNodes: readonly LoweredNode[];

  constructor(graph: ResolvedGraph, options: LowerOptions) {
    this.#graph = graph;
    this.#options = options;
    this.parameters = new Map(options.learned.map(({ name, shape }) => [name, given(name, shape)] as const));
    const { trainingNodes = [], batch, learns = false } = options;
    this.#trainingNodes = lowerTrainingNodes(trainingNodes, batch, learns, this.parameters);
    this.#incoming = graph.nodes.map((_, index) => graph.edges.filter(({ target }) => target === index));
  }

  add({ members, isCycle }: Component): void {
    if (isCycle) this.#addCycle(members);
    else this.signals.set(members[0]!, this.#through(members[0]!, this.#overTime(members[0]!)));
  }

  /** Arrays that nodes of training have changed, once all is lowered. */
  get next(): ReadonlyMap<string, Value> {
    return new Map(
      this.#trainingNodes.flatMap(({ name, next = {} }) =>
        Object.entries(next).map(([key, value]) => [`${name}.${key}`, value] as const),
      ),
    );
  }

  /** A signal behind a node's nodes of training. */
  #through(index: number, signal: Signal): Signal {
    return this.#trainingNodesBehind(index).reduce((passing, node) => node.over(passing), signal);
  }

  /** The same of one step, in a cycle. */
  #stepThrough(index: number, value: Value): Value {
    return this.#trainingNodesBehind(index).reduce((passing, { name, step }) => {
      if (step !== undefined) return step(passing);
      throw new SpikewireError('unsupported', `node "${name}"`, 'lies in a cycle', 'one that needs no other step');
    }, value);
  }

  #trainingNodesBehind(index: number): readonly LoweredNode[] {
    return this.#trainingNodes.filter(({ behind }) => behind === this.#graph.nodes[index]!.name);
  }

  /** All steps of a node that does not depend on itself. */
  #overTime(index: number): Signal {
    const node = this.#graph.nodes[index]!;
    if (node.kind.role === 'input') return this.#input(node);
    const lowered = this.#lower(node, index);
    if (lowered !== undefined && 'step' in lowered) {
      const ports = Array.from({ length: portsOf(node) }, (_, port) => this.#arriving(index, port).parts);
      const emitted = ports[0]!.map((_, step) => lowered.step(ports.map((parts) => parts[step]!)));
      const { spikes } = this.#options;
      const credited = spikes.credit?.(emitted, ports[0]!, this.#answers(index));
      return Signal.ofParts(credited ?? throughTrain(emitted, ports[0]!, lowered, spikes));
    }
    const arriving = this.#arriving(index, 0);
    if (lowered === undefined) return arriving;
    const { map } = lowered;
    return map.stepwise ? arriving.mapParts(map.apply) : arriving.map(map.apply);
  }

  #answers(index: number): boolean {
    return this.#graph.edges.some((e) => e.source === index && this.#graph.nodes[e.target]!.kind.role === 'output');
  }

  /** What the edges bring to a port, all sources known: a signal as it is where only one comes, at once. */
  #arriving(index: number, port: number): Signal {
    const { steps } = this.#options;
    const edges = this.#incoming[index]!.filter((edge) => edge.port === port);
    if (edges.length === 1 && edges[0]!.delay === 0) return this.signals.get(edges[0]!.source)!;
    const sources = edges.map(({ source }) => this.signals.get(source)!);
    if (edges.length > 0 && edges.every(({ delay }, k) => delay === 0 && sources[k]!.isHeld)) {
      return Signal.held(sumOf(sources.map(({ rows }) => rows)), steps);
    }
    return Signal.ofParts(
      Array.from({ length: steps }, (_, step) => {
        const parts = edges.flatMap(({ delay }, k) => (step < delay ? [] : [sources[k]!.parts[step - delay]!]));
        return parts.length > 0 ? sumOf(parts) : this.#silence(index);
      }),
    );
  }

  /** Nodes that depend on each other: all of them in one step, then in the next. */
  #addCycle(members: readonly number[]): void {
    const lowered = new Map(members.map((index) => [index, this.#lower(this.#graph.nodes[index]!, index)] as const));
    // Undefined where nothing is emitted, so that nothing is added up for it.
    const emitted = new Map<number, (Value | undefined)[]>(members.map((index) => [index, []]));
    const at = ({ source, delay }: ResolvedEdge, step: number): Value | undefined =>
      step < delay ? undefined : (emitted.get(source) ?? this.signals.get(source)!.parts)[step - delay];
    for (let step = 0; step < this.#options.steps; step++) {
      for (const index of members) {
        const arriving = Array.from({ length: portsOf(this.#graph.nodes[index]!) }, (_, port) => {
          const edges = this.#incoming[index]!.filter((edge) => edge.port === port);
          const parts = edges.flatMap((edge) => at(edge, step) ?? []);
          return parts.length > 0 ? sumOf(parts) : undefined;
        });
        const value = this.#emitted(lowered.get(index), arriving, index);
        emitted.get(index)!.push(value && this.#stepThrough(index, value));
      }
    }
    for (const [index, parts] of emitted) {
      const { shape } = this.#graph.nodes[index]!;
      this.signals.set(index, Signal.ofParts(parts.map((part) => part ?? silence(this.#options.batch, shape))));
    }
  }

  #emitted(lowered: Lowered, arriving: readonly (Value | undefined)[], index: number): Value | undefined {
    if (lowered === undefined) return arriving[0];
    if ('step' in lowered) return lowered.step(arriving.map((value) => value ?? this.#silence(index)));
    const [value] = arriving;
    if (value === undefined && !lowered.biased) return undefined;
    return lowered.map.apply(value ?? this.#silence(index));
  }

  #silence(index: number): Value {
    return silence(this.#options.batch, this.#graph.nodes[index]!.inputShape);
  }

  #input({ name, shape }: ResolvedNode): Signal {
    const { batch, steps, held } = this.#options;
    const rows = held.has(name) ? batch : steps * batch;
    // What changes from step to step is made of events.
    const input = this.#options.inputs?.get(name) ?? given(`input/${name}`, [rows, ...shape], !held.has(name));
    this.inputs.set(name, input);
    return held.has(name) ? Signal.held(input, steps) : Signal.ofRows(input, steps);
  }

  /** What a node computes; undefined where it hands on what arrives. */
  #lower(node: ResolvedNode, index: number): Lowered {
    const { kind } = node;
    if (kind.role === 'neuron') return this.#lowerNeurons(node, kind, index);
    if (kind.role === 'connection') return this.#lowerConnection(node, kind);
    return undefined;
  }

  #lowerNeurons(node: ResolvedNode, kind: NeuronKind, index: number): Population {
    const { batch, spikes } = this.#options;
    const learned = (key: string) => this.parameters.get(`${node.name}.${key}`);
    const population = lowerPopulation({ node, kind, batch, size: elementCount(node.shape), spikes, learned });
    this.populations.set(index, population);
    return population;
  }

  #lowerConnection(node: ResolvedNode, kind: ConnectionKind): Lowered {
    const { inputShape, shape } = node;
    const connectivity = kind.connect(node.node, inputShape);
    if (connectivity.structure === 'elementwise' && connectivity.delays !== undefined) {
      return lateElements(connectivity.delays, shape);
    }
    if (connectivity.structure === 'selection') return selection(connectivity, shape);
    const parameter = (key: string): Value | undefined => {
      const numbers = numbersOf(node.node, key);
      const [name, { weights }] = [`${node.name}.${key}`, this.#options];
      const learned = this.parameters.get(name);
      if (learned === undefined) return numbers && stored(numbers.data, numbers.shape);
      return weights?.(name, learned) ?? learned;
    };
    const map = lowerStructure({ connectivity, inputShape, shape, parameter });
    return { map, biased: connectivity.bias !== undefined };
  }
}

function portsOf({ kind }: ResolvedNode): number {
  return kind.role === 'neuron' ? Math.max(1, kind.ports?.length ?? 0) : 1;
}

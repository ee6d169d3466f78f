import { SpikewireError } from '../error.ts';
import { defaultSample } from '../file/text/model.ts';
import type { Edge, GraphNode, ParameterValue } from '../graph/graph.ts';
import { defaultSemantics, type Semantics } from '../graph/semantics.ts';
import { kindOf } from '../kinds/kinds.ts';
import type { CodingDeclaration, LearningDeclaration, Model } from '../model/model.ts';
import { type EnsembleOptions, ensemble } from '../nef/ensemble.ts';
import { RandomGenerator } from '../random/generator.ts';
import { scalar, tensor } from '../tensor.ts';
import { Group } from './group.ts';
import { drawInputs, drawPairs, drawPairsBy, type SynapseRows, sparseNode, weightTensor } from './random-synapses.ts';
import { type SynapseSign, type SynapseWeights, type WeightOf, weightsOf } from './synapse-weights.ts';

export interface NetworkOptions {
  /** Length of a step in seconds; 0.001. */
  readonly dt?: number;
  /** Seed of all that is drawn; equal calls give an equal model. */
  readonly seed?: number | bigint;
  readonly semantics?: Partial<Omit<Semantics, 'dt'>>;
}

/** A neuron by its type and parameters (NIR's names): numbers for all neurons, or one for each. */
export type NeuronDescription = {
  readonly type: string;
  readonly semantics?: Partial<Semantics>;
} & Readonly<Record<string, number | ArrayLike<number> | string | Partial<Semantics>>>;

/** What pairs of source and target a connection has, see `ConnectionOptions`. */
const CONNECTION_KINDS = ['all-to-all', 'one-to-one', 'all-but-one', 'random', 'listed'] as const;

export interface ConnectionOptions {
  /**
   * `all-to-all` (default), `one-to-one`, `all-but-one` (every source but a target's own, computed and not stored),
   * `random` with a `probability` or an `inDegree`, or `listed` with `synapses`. Parts of groups take
   * all-to-all, random and listed.
   */
  readonly kind?: (typeof CONNECTION_KINDS)[number];
  /** Default 1. */
  readonly weights?: SynapseWeights;
  /**
   * Weights are then magnitudes; into a target with a port of this name they go there, else inhibition counts negative.
   */
  readonly sign?: SynapseSign;
  /** Of a pair, 0…1, for all or by source and target (counted within their groups). */
  readonly probability?: number | ((source: number, target: number) => number);
  /** Sources of every target. */
  readonly inDegree?: number;
  /** Targets of each source, ascending, counted within their groups. */
  readonly synapses?: SynapseRows;
  /** Seconds, rounded to whole steps. Default: one step for a group to itself, else 0. */
  readonly delay?: number;
  /**
   * Time constant in seconds of an exponential synapse (a Lowpass before the target), or of one whose current is an
   * alpha function (two of them in a row); those that are equal share one.
   */
  readonly synapse?: number | { readonly alpha: number };
  /** Input of a target that has several. */
  readonly port?: string;
  readonly learning?: LearningDeclaration | readonly LearningDeclaration[];
  /** Of the connection node; `<source>-<target>` where absent. */
  readonly name?: string;
}

/** An ensemble of the Neural Engineering Framework as part of a net. */
export interface BuiltEnsemble {
  /** Takes x. */
  readonly input: Group;
  readonly neurons: Group;
  /** Gives the decoded function of x. */
  readonly output: Group;
  /** The connection of the decoders, where PES learns. */
  readonly decoder: string;
}

/** What a model holds besides the net. */
export type ModelDetails = Partial<Pick<Model, 'channels' | 'features' | 'sample' | 'labels' | 'provenance'>>;

/**
 * Puts a net together from groups of neurons and connections, in the vocabulary of PyNN (populations, projections) and
 * Nengo (ensembles). `model` gives plain data that any engine runs and any file holds: nothing of the builder is left
 * in it.
 */
export class NetworkBuilder {
  readonly dt: number;
  readonly #seed: number | bigint;
  readonly #semantics: Semantics;
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges: Edge[] = [];
  readonly #learning = new Map<string, readonly LearningDeclaration[]>();
  readonly #encoder = new Map<string, CodingDeclaration>();
  readonly #decoder = new Map<string, CodingDeclaration>();

  constructor({ dt = defaultSemantics.dt, seed = 1, semantics = {} }: NetworkOptions = {}) {
    if (!(dt > 0 && Number.isFinite(dt)))
      throw new SpikewireError('parameter', 'dt', `is ${dt}`, 'a positive number of seconds');
    this.dt = dt;
    this.#seed = seed;
    this.#semantics = { ...defaultSemantics, ...semantics, dt };
  }

  /** Where spikes or values enter. */
  input(name: string, size: number, encoder?: CodingDeclaration): Group {
    this.#add(name, { type: 'Input', parameters: { shape: shapeOf(size) } });
    if (encoder !== undefined) this.#encoder.set(name, encoder);
    return new Group(name, size);
  }

  /** Neurons of one kind. */
  population(name: string, size: number, { type, semantics, ...parameters }: NeuronDescription): Group {
    const values = Object.entries(parameters).map(([key, value]): [string, ParameterValue] => [
      key,
      parameterOf(value as number | ArrayLike<number> | string),
    ]);
    if (kindOf(type, `population "${name}"`).role !== 'neuron') {
      throw new SpikewireError('parameter', `population "${name}"`, `is of type ${type}`, 'a type of neurons');
    }
    this.#add(name, { type, parameters: Object.fromEntries(values), ...(semantics && { semantics }) });
    return new Group(name, size);
  }

  /** Neurons that represent a vector, with decoders for a function of it. */
  ensemble(name: string, options: Omit<EnsembleOptions, 'name' | 'random' | 'dt'>): BuiltEnsemble {
    const built = ensemble({
      ...options,
      name,
      dt: this.dt,
      random: new RandomGenerator(this.#seed, `ensemble ${name}`),
    });
    for (const [node, description] of built.nodes) this.#add(node, description);
    this.#edges.push(...built.edges);
    return {
      input: new Group(built.input, options.dimensions),
      neurons: new Group(built.population, options.neurons),
      output: new Group(built.output, built.decoders.length / options.neurons),
      decoder: built.decoder,
    };
  }

  /** Where what a group emits leaves the net. */
  output(name: string, source: Group, decoder?: CodingDeclaration): void {
    this.#requireWhole(source, `output "${name}"`);
    this.#add(name, { type: 'Output', parameters: { shape: shapeOf(source.size) } });
    this.#edges.push({ source: source.node, target: name, delay: 0 });
    if (decoder !== undefined) this.#decoder.set(name, decoder);
  }

  /**
   * Connects two groups, or a group to itself; returns the name of the connection node, which learning, teaching and
   * the reading of weights refer to. Throws `parameter` for options that contradict each other.
   */
  connect(source: Group, target: Group, options: ConnectionOptions = {}): string {
    const name = this.#freeName(options.name ?? `${source.node}-${target.node}`);
    const where = `connection "${name}"`;
    this.#requireOwn(source, where, 'comes from');
    this.#requireOwn(target, where, 'leads to');
    const port = options.port ?? this.#portOf(target, options.sign);
    const sign = port !== undefined && port === options.sign ? 'excitatory' : options.sign;
    const weightOf = weightsOf(options.weights ?? 1, sign, this.#randomFor(`weights of ${name}`), where);
    this.#add(name, this.#connectionNode(source, target, options, weightOf, name));
    const itself = source.node === target.node ? this.dt : 0;
    this.#edges.push({ source: source.node, target: name, delay: this.#stepsOf(options.delay ?? itself, where) });
    this.#edges.push(this.#arrive(name, target.node, options.synapse, port));
    if (options.learning !== undefined) {
      this.#learning.set(name, Array.isArray(options.learning) ? options.learning : [options.learning]);
    }
    return name;
  }

  /** The net as a model. */
  model(details: ModelDetails = {}): Model {
    return {
      graph: { nodes: new Map(this.#nodes), edges: [...this.#edges] },
      semantics: this.#semantics,
      learning: new Map(this.#learning),
      encoder: new Map(this.#encoder),
      decoder: new Map(this.#decoder),
      channels: [],
      sample: defaultSample,
      labels: [],
      provenance: {},
      selfTests: [],
      ...details,
    };
  }

  #connectionNode(
    source: Group,
    target: Group,
    options: ConnectionOptions,
    weightOf: WeightOf,
    name: string,
  ): GraphNode {
    const where = `connection "${name}"`;
    const { kind = 'all-to-all' } = options;
    if (!CONNECTION_KINDS.includes(kind))
      throw new SpikewireError('parameter', where, `is of kind "${kind}"`, CONNECTION_KINDS.join(', '));
    if (kind === 'random') {
      const rows = this.#drawRows(source, target, options, name);
      return sparseNode(source, target, rows, weightOf, where);
    }
    if ((kind === 'listed') !== (options.synapses !== undefined)) {
      throw new SpikewireError('parameter', where, `is ${kind}`, 'synapses with kind "listed", and only there');
    }
    if (kind === 'listed') return sparseNode(source, target, options.synapses!, weightOf, where);
    if (options.probability !== undefined || options.inDegree !== undefined) {
      throw new SpikewireError('parameter', where, `is ${kind} and draws synapses`, 'kind "random"');
    }
    if (kind === 'all-to-all') {
      if (source.isWhole && target.isWhole) return denseNode(source.size, target.size, weightOf);
      const every = Array.from({ length: target.size }, (_, j) => j);
      return sparseNode(source, target, new Array<number[]>(source.size).fill(every), weightOf, where);
    }
    this.#requireWhole(source, where);
    this.#requireWhole(target, where);
    if (source.size !== target.size) {
      const problem = `is ${kind} from ${source.size} to ${target.size} elements`;
      throw new SpikewireError('parameter', where, problem, 'equally many');
    }
    const weight = weightTensor(Float64Array.from({ length: target.size }, (_, i) => weightOf(i, i)));
    if (kind === 'one-to-one') return { type: 'Scale', parameters: { scale: weight } };
    return { type: 'AllButOne', parameters: { weight } };
  }

  #drawRows(source: Group, target: Group, { probability, inDegree }: ConnectionOptions, name: string): SynapseRows {
    if ((probability === undefined) === (inDegree === undefined)) {
      throw new SpikewireError('parameter', `connection "${name}"`, 'is random', 'either a probability or an inDegree');
    }
    const random = this.#randomFor(`synapses of ${name}`);
    if (inDegree !== undefined) return drawInputs(source.size, target.size, inDegree, random);
    if (typeof probability === 'number') return drawPairs(source.size, target.size, probability, random);
    return drawPairsBy(source.size, target.size, probability!, random);
  }

  /** The edge from a connection to its target, or to the synapse before it. */
  #arrive(connection: string, target: string, synapse: ConnectionOptions['synapse'], port: string | undefined): Edge {
    const toPort = port === undefined ? {} : { port };
    if (synapse === undefined) return { source: connection, target, delay: 0, ...toPort };
    const prefix = `${target}/${port === undefined ? '' : `${port} `}`;
    if (typeof synapse === 'number') {
      return this.#through(`${prefix}synapse ${synapse} s`, synapse, connection, { target, delay: 0, ...toPort });
    }
    const falling = `${prefix}alpha synapse ${synapse.alpha} s`;
    const last = this.#through(falling, synapse.alpha, connection, { target, delay: 0, ...toPort });
    return this.#through(`${falling}, rising`, synapse.alpha, connection, { target: last.target, delay: 0 });
  }

  /** The edge from a connection to the low-pass of this name, which is put before the target unless it is there. */
  #through(name: string, tau: number, connection: string, onward: Omit<Edge, 'source'>): Edge {
    if (!this.#nodes.has(name)) {
      this.#add(name, { type: 'Lowpass', parameters: { tau: scalar(tau) } });
      this.#edges.push({ source: name, ...onward });
    }
    return { source: connection, target: name, delay: 0 };
  }

  #portOf(target: Group, sign: SynapseSign | undefined): string | undefined {
    const kind = kindOf(this.#nodes.get(target.node)!.type, `node "${target.node}"`);
    const ports = kind.role === 'neuron' ? (kind.ports ?? []) : [];
    return sign !== undefined && ports.includes(sign) ? sign : undefined;
  }

  #stepsOf(seconds: number, where: string): number {
    const steps = Math.round(seconds / this.dt);
    if (Number.isSafeInteger(steps) && steps >= 0) return steps;
    throw new SpikewireError('parameter', where, `has a delay of ${seconds} s`, 'a time from 0');
  }

  #randomFor(purpose: string): RandomGenerator {
    return new RandomGenerator(this.#seed, purpose);
  }

  #requireOwn(group: Group, where: string, relation: string): void {
    if (this.#nodes.has(group.node)) return;
    throw new SpikewireError('parameter', where, `${relation} "${group.node}"`, 'a group of this net');
  }

  #requireWhole(group: Group, where: string): void {
    if (group.isWhole) return;
    throw new SpikewireError('parameter', where, `takes a part of "${group.node}"`, 'the whole group');
  }

  #add(name: string, node: GraphNode): void {
    if (this.#nodes.has(name)) {
      throw new SpikewireError('parameter', `node "${name}"`, 'stands twice', 'a name of its own');
    }
    this.#nodes.set(name, node);
  }

  #freeName(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#nodes.has(name); n++) name = `${wanted}-${n}`;
    return name;
  }
}

function shapeOf(size: number) {
  return tensor(Float64Array.of(size));
}

function parameterOf(value: number | ArrayLike<number> | string): ParameterValue {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? scalar(value) : tensor(Float64Array.from(value));
}

function denseNode(sources: number, targets: number, weightOf: WeightOf): GraphNode {
  const weights = new Float32Array(sources * targets);
  for (let j = 0; j < targets; j++) for (let i = 0; i < sources; i++) weights[j * sources + i] = weightOf(i, j);
  return { type: 'Linear', parameters: { weight: tensor(weights, [targets, sources]) } };
}

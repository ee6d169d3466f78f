import {
  type Connectivity,
  elementCount,
  type NeuronKind,
  type PoolingConnectivity,
  type ResolvedEdge,
  type TensorData,
  type Wiring,
} from '@spikewire/models';
import { EventListPlan } from './event-list.ts';
import { encode, type InstructionName, type OperandsOf, type SumFormat } from './instructions.ts';
import type { Layout } from './layout.ts';
import { fixed, MemoryPlan } from './memory.ts';
import type { NumberForm } from './number-form.ts';
import { PackedWeights, packingOf } from './packed-weights.ts';
import type {
  OutputPlan,
  PopulationPlan,
  Program,
  ProgramPart,
  StateVariable,
  Stream,
  WeightsPlan,
} from './program.ts';
import { Structure } from './structure.ts';

/** Where a connection or an edge adds: an accumulator that some node empties in this step. */
interface Sums {
  readonly address: number;
  readonly format: SumFormat;
  readonly layout: Layout;
}

/** A part of a step before it has addresses. */
type DraftPart = number[] | Extract<ProgramPart, { role: 'dynamics' }>;

const bytesOf = { int8: 1, int16: 2, int32: 4, float32: 4 } as const;
const LARGEST_INT16 = 32767;
/** Largest |q| of a learned weight. */
const LARGEST_LEARNED = 127;
/** In a table of windows: this position is in none. */
const NOWHERE = 65535;
const suffixOf = { int16: 'Int16', int32: 'Int32', float32: 'Float32' } as const;

/**
 * Compiles a graph: every node gets its place in memory, and a step becomes a list of instructions in the order of the nodes. A
 * connection that leads to one population without a delay adds straight to that population's accumulator; any other first
 * sums for itself and hands on a list of its own.
 */
export function compileProgram(wiring: Wiring, form: NumberForm, learned: ReadonlySet<number>): Program {
  return new Compiler(wiring, form, learned).program();
}

class Compiler {
  readonly #wiring: Wiring;
  readonly #form: NumberForm;
  readonly #structure: Structure;
  readonly #learned: ReadonlySet<number>;
  readonly #memory = new MemoryPlan();
  /** By place: what the node emits. */
  readonly #emissions = new Map<number, EventListPlan>();
  /** By place of a population: its accumulators by port. */
  readonly #accumulators = new Map<number, readonly Sums[]>();
  /** By place: constant input from connections that add straight to the node. */
  readonly #biases = new Map<number, Float64Array>();
  readonly #lists: EventListPlan[] = [];
  readonly #begin: number[] = [];
  /** Accumulators that start from a bias instead of 0. */
  readonly #starts: number[] = [];
  readonly #step: DraftPart[] = [];
  readonly #populations: PopulationPlan[] = [];
  readonly #weights = new Map<number, WeightsPlan>();
  readonly #arrivals = new Map<number, Stream>();

  constructor(wiring: Wiring, form: NumberForm, learned: ReadonlySet<number>) {
    this.#wiring = wiring;
    this.#form = form;
    this.#learned = learned;
    this.#structure = new Structure(wiring, form);
  }

  program(): Program {
    const { graph } = this.#wiring;
    for (const place of graph.nodes.keys()) this.#reserve(place);
    for (const place of graph.nodes.keys()) this.#visit(place);
    const outputs = graph.nodes.flatMap(({ kind }, place) => (kind.role === 'output' ? [this.#output(place)] : []));
    this.#placeLists();
    return {
      graph,
      memory: this.#memory,
      begin: this.#begin.length === 0 ? [] : [this.#placeInstructions(this.#begin)],
      step: [...(this.#starts.length === 0 ? [] : [this.#starts]), ...this.#step].map((part) =>
        Array.isArray(part) ? this.#placeInstructions(part) : part,
      ),
      inputs: graph.nodes.flatMap(({ kind }, place) =>
        kind.role === 'input' ? [{ place, list: this.#emissions.get(place)! }] : [],
      ),
      outputs,
      populations: this.#populations,
      weights: this.#weights,
      arrivals: this.#arrivals,
      rings: new Map([...this.#emissions].filter(([place, { slots }]) => slots > 1 && !this.#structure.isAlias(place))),
    };
  }

  /** Lists and accumulators of all nodes, before any instruction names them. */
  #reserve(place: number): void {
    const { kind } = this.#structure.node(place);
    if (kind.role === 'output') return;
    if (this.#structure.isAlias(place)) {
      this.#emissions.set(place, this.#emissions.get(this.#wiring.incoming[place]![0]!.source)!);
      return;
    }
    if (this.#structure.targetOf(place) === undefined)
      this.#emissions.set(place, this.#list(this.#structure.layouts[place]!));
    if (kind.role !== 'neuron') return;
    const ports = Math.max(1, kind.ports?.length ?? 0);
    const format = this.#form.sumsOf(place);
    const accumulators = Array.from({ length: ports }, () => this.#sums(format, this.#structure.layouts[place]!));
    this.#accumulators.set(place, accumulators);
  }

  #list(layout: Layout): EventListPlan {
    const list = new EventListPlan(this.#memory, layout);
    this.#lists.push(list);
    return list;
  }

  #sums(format: SumFormat, layout: Layout): Sums {
    return { address: this.#memory.reserve(bytesOf[format] * layout.length), format, layout };
  }

  #visit(place: number): void {
    const { kind } = this.#structure.node(place);
    if (kind.role === 'connection') this.#visitConnection(place);
    else if (kind.role === 'neuron') this.#visitPopulation(place, kind);
  }

  #visitConnection(place: number): void {
    if (this.#structure.isAlias(place)) return;
    const connectivity = this.#structure.connectivity(place)!;
    const target = this.#structure.targetOf(place);
    const sums =
      target === undefined
        ? this.#sums(this.#sumsFor(this.#structure.largestOf(place)), this.#structure.layouts[place]!)
        : this.#accumulators.get(target)![0]!;
    this.#addBias(connectivity, target, sums);
    this.#transmit(place, connectivity, sums);
    if (target === undefined) this.#collect(sums, this.#emissions.get(place)!);
  }

  /** Constant input: part of the constants of a population with a kernel, else where the sum starts from. */
  #addBias(connectivity: Connectivity, target: number | undefined, sums: Sums): void {
    const bias = this.#form.biasOf(connectivity);
    if (bias === undefined) return;
    if (target !== undefined) {
      const total = this.#biases.get(target) ?? new Float64Array(bias.length);
      this.#biases.set(
        target,
        total.map((value, i) => value + bias[i]!),
      );
      return;
    }
    this.#startFrom(sums, bias);
  }

  #startFrom({ address, layout }: Sums, bias: Float64Array): void {
    const from = this.#memory.float32(layout.arrange(bias).map(this.#form.weight));
    this.#starts.push(...encode('copy', { to: address, from, bytes: 4 * layout.length }));
  }

  /** The narrowest format for sums of magnitude `largest` that belong to no population. */
  #sumsFor(largest: number): SumFormat {
    if (this.#form.values === 'float32') return 'float32';
    return largest <= LARGEST_INT16 ? 'int16' : 'int32';
  }

  /** What arrives at a connection: its one source's list, or the sum of several. */
  #arrival(place: number): Stream {
    const incoming = this.#wiring.incoming[place]!;
    const edge = incoming[0];
    if (edge !== undefined && incoming.length === 1) return this.#follow(edge);
    const size = elementCount(this.#structure.node(place).inputShape);
    const layouts = incoming.map(({ source }) => this.#emissions.get(source)!.layout);
    const common = layouts.every((layout) => layout.equals(layouts[0]!)) ? layouts[0] : undefined;
    const layout = common ?? this.#structure.planar(size);
    const sums = this.#sums(this.#sumsFor(this.#structure.largestArriving(place)), layout);
    for (const each of incoming) this.#addElements(this.#follow(each), sums, 0, 0);
    const list = this.#list(layout);
    this.#collect(sums, list);
    return { list, delay: 0 };
  }

  #follow({ source, delay }: ResolvedEdge): Stream {
    const list = this.#emissions.get(source)!;
    list.lookBack(delay);
    return { list, delay };
  }

  #transmit(place: number, connectivity: Connectivity, sums: Sums): void {
    const arrival = this.#arrival(place);
    if (this.#learned.has(place)) this.#arrivals.set(place, arrival);
    if (connectivity.structure === 'pooling') {
      this.#pool(arrival, connectivity, sums);
      return;
    }
    const weights = connectivity.weights === undefined ? 0 : this.#placeWeights(place, connectivity, sums.layout);
    const shift = this.#form.shiftOf(this.#structure.node(place));
    if (connectivity.structure === 'elementwise') {
      this.#addElements(arrival, sums, weights, shift);
    } else if (connectivity.structure === 'dense') {
      this.#emit(`addRows${suffixOf[sums.format]}`, {
        ...source(arrival),
        weights,
        rowBytes: sums.layout.length * (this.#form.values === 'int32' ? 1 : 4),
        accumulator: sums.address,
        columns: sums.layout.length,
        shift,
        synapses: connectivity.outputs,
      });
    } else {
      const { geometry } = connectivity;
      this.#emit(`convolve${suffixOf[sums.format]}`, {
        ...source(arrival),
        weights,
        accumulator: sums.address,
        shift,
        ...windows(geometry),
        dilationY: geometry.dilation[0],
        dilationX: geometry.dilation[1],
        stride: sums.layout.stride,
        inputsPerGroup: geometry.inputChannels / geometry.groups,
        outputsPerGroup: geometry.outputChannels / geometry.groups,
        groups: geometry.groups,
        partial: sums.format === 'int32' ? this.#memory.reserve(2 * sums.layout.length) : 0,
        largest: this.#learned.has(place) ? LARGEST_LEARNED : largestMagnitude(connectivity.weights!),
      });
    }
  }

  #pool(arrival: Stream, connectivity: PoolingConnectivity, sums: Sums): void {
    const { geometry, gain } = connectivity;
    const { places, stride } = sums.layout;
    const isImage = places > 1;
    this.#emit(`pool${suffixOf[sums.format]}`, {
      ...source(arrival),
      accumulator: sums.address,
      gain: new Int32Array(Float32Array.of(gain).buffer)[0]!,
      ...windows(geometry),
      placeStep: isImage ? stride : 1,
      channelStep: isImage ? 1 : geometry.outputSize[0] * geometry.outputSize[1],
      table: this.#windowTable(arrival.list.layout, connectivity, sums.layout),
    });
  }

  /** Where windows do not overlap: the accumulator element of every source position. */
  #windowTable(from: Layout, { geometry, forEachSynapse }: PoolingConnectivity, to: Layout): number {
    const apart = geometry.kernel.every((length, axis) => length <= geometry.stride[axis]!);
    if (!apart || to.length > NOWHERE) return 0;
    const table = new Uint16Array(from.length).fill(NOWHERE);
    for (let index = 0; index < from.size; index++) {
      forEachSynapse(index, (output) => {
        table[from.position(index)] = to.position(output);
      });
    }
    return this.#memory.int16(table);
  }

  #addElements(arrival: Stream, sums: Sums, weights: number, shift: number): void {
    this.#emit(`addElements${suffixOf[sums.format]}`, {
      ...source(arrival),
      targetStride: sums.layout.stride,
      targetPlaces: sums.layout.places,
      accumulator: sums.address,
      weights,
      shift,
    });
  }

  #collect({ address, layout, format }: Sums, list: EventListPlan): void {
    this.#emit(`collect${suffixOf[format]}`, { accumulator: address, length: layout.length, list: list.descriptor });
  }

  #placeWeights(place: number, connectivity: Connectivity, target: Layout): number {
    const weights = connectivity.weights!;
    const { weight, values } = this.#form;
    const packing = packingOf(connectivity, target, values === 'int32');
    const address: number = this.#memory.reserve(bytesOf[packing.format] * packing.length, (memory) => {
      const packed = new PackedWeights(packing, address, memory);
      packed.clear();
      for (let k = 0; k < weights.length; k++) packed.write(k, weight(weights[k]!));
    });
    this.#weights.set(place, { place, connectivity, packing, address });
    return address;
  }

  #visitPopulation(place: number, kind: NeuronKind): void {
    const accumulators = this.#accumulators.get(place)!;
    for (const edge of this.#wiring.incoming[place]!) {
      if (this.#structure.targetOf(edge.source) !== place)
        this.#addElements(this.#follow(edge), accumulators[edge.port]!, 0, 0);
    }
    const node = this.#structure.node(place);
    const list = this.#emissions.get(place)!;
    const bias = this.#biases.get(place);
    if (this.#form.hasKernel(node)) {
      const site = {
        memory: this.#memory,
        node,
        place,
        layout: list.layout,
        list,
        accumulator: accumulators[0]!.address,
        bias,
      };
      const { plan, instruction } = this.#form.population(site);
      this.#populations.push(plan);
      this.#append(instruction);
      return;
    }
    if (bias !== undefined) this.#startFrom(accumulators[0]!, bias);
    this.#planDynamics(place, kind, list, accumulators);
  }

  #planDynamics(place: number, kind: NeuronKind, list: EventListPlan, accumulators: readonly Sums[]): void {
    const { node, semantics } = this.#structure.node(place);
    const { layout } = list;
    const dynamics = kind.prepare(node, layout.size, semantics);
    const state = new Map<string, StateVariable>();
    for (const [name, start] of Object.entries(dynamics.initial)) {
      const address = this.#memory.float32(layout.arrange(start));
      state.set(name, { address, format: 'float32', length: layout.length, layout, resets: true });
    }
    const population = { place, list, spikes: kind.emits === 'spikes', state };
    this.#populations.push(population);
    const inputs = accumulators.map(({ address }) => address);
    this.#step.push({ role: 'dynamics', plan: { kind, dynamics, population, size: layout.size, inputs } });
  }

  #output(place: number): OutputPlan {
    const { shape } = this.#structure.node(place);
    const sources = this.#wiring.incoming[place]!.map((edge) => ({
      ...this.#follow(edge),
      unit: this.#form.unitOf(edge.source),
    }));
    return { place, size: elementCount(shape), sources };
  }

  #emit<Name extends InstructionName>(name: Name, operands: OperandsOf<Name>): void {
    this.#append(encode(name, operands));
  }

  #append(words: readonly number[]): void {
    const last = this.#step.at(-1);
    if (Array.isArray(last)) last.push(...words);
    else this.#step.push([...words]);
  }

  /** Rings and scratch, now that all who look back are known. */
  #placeLists(): void {
    for (const list of this.#lists) {
      list.place();
      if (list.slots > 1) this.#begin.push(...encode('advance', { list: list.descriptor }));
    }
    const longest = this.#lists.reduce((most, { capacity }) => Math.max(most, capacity), 0);
    const scratch = [this.#memory.reserve(4 * longest), this.#memory.reserve(8 * longest)];
    this.#memory.later(fixed.offsets, () => scratch[0]!);
    this.#memory.later(fixed.factors, () => scratch[1]!);
  }

  #placeInstructions(words: number[]): ProgramPart {
    const from = this.#memory.int32(words);
    return { role: 'kernels', from, to: from + 4 * words.length };
  }
}

function source({ list, delay }: Stream) {
  const { descriptor, layout } = list;
  return { list: descriptor, delay, sourceStride: layout.stride, sourcePlaces: layout.places };
}

function windows({
  inputSize,
  outputSize,
  kernel,
  stride,
  padding,
}: Extract<Connectivity, { structure: 'pooling' }>['geometry']) {
  return {
    inputWidth: inputSize[1],
    inputArea: inputSize[0] * inputSize[1],
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    paddingY: padding[0],
    paddingX: padding[1],
    outputHeight: outputSize[0],
    outputWidth: outputSize[1],
  };
}

function largestMagnitude(weights: TensorData): number {
  let largest = 1;
  for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  return Math.ceil(largest);
}

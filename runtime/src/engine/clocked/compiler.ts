import {
  type Connectivity,
  elementCount,
  LEARNED_MAXIMUM,
  type NeuronKind,
  type PoolingConnectivity,
  type ResolvedEdge,
  type SparseConnectivity,
  type TensorData,
  type Wiring,
} from '@spikewire/models';
import { EventListPlan } from './event-list.ts';
import { InputWindowPlan } from './input-window.ts';
import { encode, type InstructionName, type OperandsOf, type SumFormat, sparseFlags } from './instructions.ts';
import type { Layout } from './layout.ts';
import { planLearning } from './learning-kernels.ts';
import { fixed, MemoryPlan } from './memory.ts';
import type { NumberForm, PlacedNumbers } from './number-form.ts';
import { PackedWeights, type Packing, packEqualRows, packingOf } from './packed-weights.ts';
import { planConvolution, planPooling, planSpikePooling } from './plan-convolution.ts';
import { planSynapse, planSynapticPopulation } from './plan-synaptic-population.ts';
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
import { bytesOf, type Sums, sourceOperands, suffixOf } from './sums.ts';
import type { SynapticDrive } from './synaptic-drive.ts';
import { planWatchedLists } from './watched-lists.ts';

/** A part of a step before it has addresses. */
type DraftPart = number[] | Exclude<ProgramPart, { role: 'kernels' }>;

/** Bytes. */
const VECTOR = 16;
const LARGEST_INT16 = 32767;

/**
 * Compiles a graph: every node gets its place in memory, and a step becomes a list of instructions in the order of the
 * nodes. A connection that leads to one population without a delay adds straight to that population's accumulator; any
 * other first sums for itself and hands on a list of its own.
 */
export function compileProgram(wiring: Wiring, form: NumberForm, learned: ReadonlySet<number>): Program {
  return new Compiler(wiring, form, learned).program();
}

class Compiler {
  readonly #wiring: Wiring;
  readonly #form: NumberForm;
  readonly #structure: Structure;
  readonly #placed: PlacedNumbers;
  readonly #learned: ReadonlySet<number>;
  readonly #memory = new MemoryPlan();
  /** By place: what the node emits. */
  readonly #emissions = new Map<number, EventListPlan>();
  /** By place of a population: its accumulators by port. */
  readonly #accumulators = new Map<number, readonly Sums[]>();
  /** By place: constant input from connections that add straight to the node. */
  readonly #biases = new Map<number, Float64Array>();
  /** By place of a population: its spikes as a byte per neuron. */
  readonly #maps = new Map<number, number>();
  readonly #lists: EventListPlan[] = [];
  readonly #inputLists = new Set<EventListPlan>();
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
    this.#placed = form.placed(this.#structure, learned);
  }

  program(): Program {
    const { graph } = this.#wiring;
    for (const place of graph.nodes.keys()) this.#reserve(place);
    const window = this.#takeInputs();
    for (const place of graph.nodes.keys()) if (!this.#structure.isLate(place)) this.#visit(place);
    for (const place of graph.nodes.keys()) if (this.#structure.isLate(place)) this.#visit(place);
    const outputs = graph.nodes.flatMap(({ kind }, place) => (kind.role === 'output' ? [this.#output(place)] : []));
    this.#placeLists();
    const step = [...(this.#starts.length === 0 ? [] : [this.#starts]), ...this.#step];
    const [only] = step;
    return {
      graph,
      memory: this.#memory,
      begin: this.#begin.length === 0 ? [] : [this.#placeInstructions(this.#begin)],
      step: step.map((part) => (Array.isArray(part) ? this.#placeInstructions(part) : part)),
      whole: step.length === 1 && Array.isArray(only) ? this.#placeInstructions([...this.#begin, ...only]) : undefined,
      watched: planWatchedLists(this.#memory, this.#watchedBy(outputs)),
      window,
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

  /** What somebody outside the kernels may read in every step, rasters aside. */
  #watchedBy(outputs: readonly OutputPlan[]): Stream[] {
    const rules = [...this.#arrivals.values()];
    const targets = rules.length === 0 ? [] : this.#populations.map(({ list }) => ({ list, delay: 0 }));
    return [...outputs.flatMap(({ sources }) => sources), ...rules, ...targets];
  }

  /** Lists and accumulators of all nodes, before any instruction names them. */
  #reserve(place: number): void {
    const { kind } = this.#structure.node(place);
    if (kind.role === 'output') return;
    if (this.#structure.isAlias(place)) {
      this.#emissions.set(place, this.#emissions.get(this.#wiring.incoming[place]![0]!.source)!);
      return;
    }
    const driven = this.#structure.drivenBy(place);
    if (driven !== undefined) {
      this.#reserveSynapse(place, driven);
      return;
    }
    if (this.#structure.targetOf(place) === undefined)
      this.#emissions.set(place, this.#list(this.#structure.layouts[place]!));
    if (kind.role !== 'neuron' || this.#structure.drives.has(place)) return;
    const ports = Math.max(1, kind.ports?.length ?? 0);
    const layout = this.#structure.layouts[place]!;
    const isAdaptive = this.#form.isAdaptive(this.#structure.node(place));
    const takesInput = this.#placed.exactSumsOf(place)?.input !== undefined;
    const accumulators = Array.from({ length: ports }, () => ({
      ...this.#sums(this.#placed.sumsOf(place), layout),
      ...(takesInput && { graded: this.#sums('float32', layout) }),
      ...(isAdaptive && { mark: this.#memory.reserve(4) }),
    }));
    this.#accumulators.set(place, accumulators);
  }

  /**
   * What arrives at a synapse is added to its state, which the population behind reads: it needs no list that is
   * written.
   */
  #reserveSynapse(place: number, drive: SynapticDrive): void {
    const layout = this.#structure.layouts[place]!;
    const state = planSynapse(this.#memory, layout, drive.synapses.find((synapse) => synapse.place === place)!);
    const list = new EventListPlan(this.#memory, layout);
    this.#accumulators.set(place, [{ address: state.address, format: 'float32', layout }]);
    this.#populations.push({ place, list, spikes: false, state: new Map([['v', state]]) });
  }

  #takeInputs(): InputWindowPlan {
    const inputs = this.#wiring.graph.nodes.flatMap((node, place) => {
      if (node.kind.role !== 'input') return [];
      return [{ place, size: elementCount(node.shape), spike: this.#form.inputFormat(node).one }];
    });
    const window = new InputWindowPlan(this.#memory, inputs);
    for (const { place } of inputs) {
      const list = this.#emissions.get(place)!;
      this.#inputLists.add(list);
      this.#emit('takeInput', { window: window.descriptor, input: place, list: list.descriptor });
    }
    return window;
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
    if (connectivity.structure === 'pooling' && this.#structure.poolsSpikes(place)) {
      this.#poolSpikes(place, connectivity);
      return;
    }
    const target = this.#structure.targetOf(place);
    const sums =
      target === undefined
        ? this.#sums(
            this.#sumsFor(() => this.#structure.largestOf(place)),
            this.#structure.layouts[place]!,
          )
        : this.#accumulators.get(target)![this.#wiring.outgoing[place]![0]!.port]!;
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

  /** The narrowest format for sums of magnitude `largest` that belong to no population; real ones may have ways without end. */
  #sumsFor(largest: () => number): SumFormat {
    if (this.#form.values === 'float32') return 'float32';
    return largest() <= LARGEST_INT16 ? 'int16' : 'int32';
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
    const sums = this.#sums(
      this.#sumsFor(() => this.#structure.largestArriving(place)),
      layout,
    );
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
    if (connectivity.structure === 'elementwise' && connectivity.delays !== undefined) {
      this.#delay(place, connectivity.delays, sums);
      return;
    }
    const arrival = this.#arrival(place);
    if (this.#learned.has(place)) this.#arrivals.set(place, arrival);
    this.#mark(arrival, sums);
    if (connectivity.structure === 'pooling') {
      this.#append(planPooling(this.#memory, arrival, connectivity, sums));
      return;
    }
    const { graded } = sums;
    if (graded !== undefined) this.#onlyIf(arrival, 0);
    this.#add(place, connectivity, arrival, sums);
    if (graded === undefined) return;
    this.#onlyIf(arrival, 1);
    this.#add(place, connectivity, arrival, graded);
  }

  /** The next instruction is for steps alone in which not all values of a list are 1 (`graded` 1), or all are (0). */
  #onlyIf({ list, delay }: Stream, graded: 0 | 1): void {
    this.#emit('onlyIf', { list: list.descriptor, delay, graded });
  }

  #add(place: number, connectivity: Exclude<Connectivity, PoolingConnectivity>, arrival: Stream, sums: Sums): void {
    const weights = this.#weightsFor(place, connectivity, sums);
    const { isWhole, shift, unit } = this.#placed.weightsOf(place);
    if (connectivity.structure === 'elementwise') {
      this.#addElements(arrival, sums, weights, shift);
    } else if (connectivity.structure === 'sparse') {
      this.#emit(`addSparse${suffixOf[sums.format]}`, {
        ...sourceOperands(arrival),
        weights,
        ...this.#placeRows(connectivity, this.#weights.get(place)!, sums.layout),
        accumulator: sums.address,
        shift,
      });
    } else if (connectivity.structure === 'all-but-one') {
      this.#emit(`addOthers${suffixOf[sums.format]}`, {
        ...sourceOperands(arrival),
        targetStride: sums.layout.stride,
        targetPlaces: sums.layout.places,
        accumulator: sums.address,
        weights,
        shift,
        synapses: connectivity.outputs - 1,
      });
    } else if (connectivity.structure === 'dense') {
      const isWidened = isWhole && sums.format === 'float32';
      this.#emit(isWidened ? 'addByteRowsFloat32' : `addRows${suffixOf[sums.format]}`, {
        ...sourceOperands(arrival),
        weights,
        rowBytes: sums.layout.length * (isWhole ? 1 : 4),
        accumulator: sums.address,
        columns: sums.layout.length,
        shift,
        synapses: connectivity.outputs,
        kept: this.#keepsSums(place, arrival, sums)
          ? this.#memory.reserve(bytesOf[sums.format] * sums.layout.length)
          : 0,
      });
    } else {
      const largest = this.#learned.has(place) ? LEARNED_MAXIMUM : largestKept(connectivity.weights!, unit);
      const isLearned = this.#learned.has(place);
      const largestValue = this.#structure.largestCount(place);
      const memory = this.#memory;
      const { geometry } = connectivity;
      this.#append(
        planConvolution({ memory, arrival, geometry, weights, shift, sums, largest, isLearned, largestValue }),
      );
    }
  }

  /**
   * Whether sums are worth keeping for the next step: they come from nothing but an Input node, whose current often
   * stays for a sample. Not where others add, too, nor where weights change or the sums are a state, nor those of
   * spikes, which never stay.
   */
  #keepsSums(place: number, { list, delay }: Stream, { graded }: Sums): boolean {
    if (graded !== undefined) return false;
    const fromInput = this.#inputLists.has(list) && delay === 0 && !this.#learned.has(place);
    const target = this.#structure.targetOf(place);
    if (!fromInput || this.#structure.isLate(place)) return false;
    if (target === undefined) return true;
    const only = this.#wiring.incoming[target]!.length === 1 && this.#structure.drivenBy(target) === undefined;
    return only && !this.#form.isAdaptive(this.#structure.node(target));
  }

  #mark({ list, delay }: Stream, { mark }: Sums): void {
    if (mark !== undefined) this.#emit('mark', { list: list.descriptor, delay, mark });
  }

  #delay(place: number, delays: Int32Array, sums: Sums): void {
    const longest = delays.reduce((most, steps) => Math.max(most, steps), 0);
    const arrivals = this.#wiring.incoming[place]!.map((edge) => this.#follow(edge));
    for (const { list, delay } of arrivals) list.lookBack(delay + longest);
    this.#step.push({ role: 'late elements', plan: { arrivals, delays, ...sums } });
  }

  #poolSpikes(place: number, connectivity: PoolingConnectivity): void {
    const { source } = this.#wiring.incoming[place]![0]!;
    const list = this.#emissions.get(place)!;
    this.#append(
      planSpikePooling(this.#memory, this.#maps.get(source)!, list, connectivity, this.#placed.valuesOf(place)),
    );
  }

  /** Where the synapses of each input begin, and the accumulator elements that they reach. */
  #placeRows({ offsets, targets }: SparseConnectivity, { packing }: WeightsPlan, to: Layout) {
    const places = Uint32Array.from(targets, (output) => to.position(output));
    const wide = to.length > 2 ** 16;
    return {
      offsets: this.#memory.int32(offsets),
      targets: wide ? this.#memory.int32(places) : this.#memory.int16(places),
      flags: (packing.equalRows ? sparseFlags.equalRows : 0) | (wide ? sparseFlags.wide : 0),
    };
  }

  #addElements(arrival: Stream, sums: Sums, weights: number, shift: number): void {
    this.#emit(`addElements${suffixOf[sums.format]}`, {
      ...sourceOperands(arrival),
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

  /** Address of a connection's weights, as the kernel reads them that adds to `sums`. */
  #weightsFor(place: number, connectivity: Connectivity, { layout }: Sums): number {
    const { weights } = connectivity;
    if (weights === undefined) return 0;
    const placed = this.#weights.get(place);
    if (placed === undefined) return this.#placeWeights(place, connectivity, layout);
    // Numbers that are not whole are added besides: rows are widened as they are read, the few taps of a convolution
    // lie there twice.
    if (connectivity.structure === 'dense') return placed.address;
    return this.#packWeights(packingOf(connectivity, layout, false), weights, placed.unit);
  }

  #placeWeights(place: number, connectivity: Connectivity, target: Layout): number {
    const weights = connectivity.weights!;
    const { isWhole, unit } = this.#placed.weightsOf(place);
    const equalRows =
      connectivity.structure === 'sparse' && !this.#learned.has(place)
        ? packEqualRows(connectivity, isWhole ? 'int8' : 'float32')
        : undefined;
    const packing = equalRows ?? packingOf(connectivity, target, isWhole);
    const address = this.#packWeights(packing, weights, unit);
    const learning =
      this.#learned.has(place) && connectivity.structure === 'dense' && packing.strides !== undefined && !isWhole
        ? planLearning(this.#memory, address, connectivity, target.length)
        : undefined;
    this.#weights.set(place, { place, length: weights.length, packing, address, unit, learning });
    return address;
  }

  #packWeights(packing: Packing, weights: TensorData, unit: number): number {
    const { weight } = this.#form;
    const address: number = this.#memory.reserve(bytesOf[packing.format] * packing.length, (memory) => {
      const packed = new PackedWeights(packing, address, memory);
      packed.clear();
      for (let k = 0; k < weights.length; k++) packed.write(k, weight(weights[k]!) / unit);
    });
    return address;
  }

  #visitPopulation(place: number, kind: NeuronKind): void {
    const drive = this.#structure.drives.get(place);
    if (drive !== undefined) {
      this.#planSynaptic(place, drive);
      return;
    }
    const accumulators = this.#accumulators.get(place)!;
    for (const edge of this.#wiring.incoming[place]!) {
      if (this.#structure.targetOf(edge.source) === place) continue;
      const arrival = this.#follow(edge);
      this.#mark(arrival, accumulators[edge.port]!);
      this.#addElements(arrival, accumulators[edge.port]!, 0, 0);
    }
    if (this.#structure.drivenBy(place) !== undefined) return;
    const node = this.#structure.node(place);
    const list = this.#emissions.get(place)!;
    const bias = this.#biases.get(place);
    if (this.#form.hasKernel(node)) {
      const { address, graded } = accumulators[0]!;
      const exact = this.#placed.exactSumsOf(place);
      const site = {
        memory: this.#memory,
        node,
        place,
        layout: list.layout,
        list,
        accumulator: address,
        exact,
        graded: graded && { ...this.#follow(exact!.input!), accumulator: graded.address },
        ports: this.#portsOf(place, accumulators),
        bias,
        map: this.#mapOf(place, list.layout),
      };
      if (bias !== undefined && this.#form.isAdaptive(node)) this.#startFrom(accumulators[0]!, bias);
      const { plan, instruction } = this.#form.population(site);
      this.#populations.push(this.#withArrivals(plan, accumulators));
      this.#append(instruction);
      return;
    }
    if (bias !== undefined) this.#startFrom(accumulators[0]!, bias);
    this.#planDynamics(place, kind, list, accumulators);
  }

  #portsOf(place: number, accumulators: readonly Sums[]) {
    const incoming = this.#wiring.incoming[place]!;
    return accumulators.map(({ address, mark }, port) => {
      const sources = incoming.filter((edge) => edge.port === port).map(({ source }) => source);
      // What is there in every step, or added outside the kernels, leaves no mark.
      const unmarked = sources.some((source) => {
        const connectivity = this.#structure.connectivity(source);
        const delays = connectivity?.structure === 'elementwise' ? connectivity.delays : undefined;
        return connectivity?.bias !== undefined || delays !== undefined;
      });
      return { address, isFed: sources.length > 0, mark: mark === undefined || unmarked ? 0 : mark };
    });
  }

  /** Where connections add for the next step, the sums belong to the state. */
  #withArrivals(plan: PopulationPlan, accumulators: readonly Sums[]): PopulationPlan {
    const late = this.#wiring.incoming[plan.place]!.filter(({ source }) => this.#structure.isLate(source));
    const arrivals = [...new Set(late.map(({ port }) => port))].map((port): [string, StateVariable] => {
      const { address, layout } = accumulators[port]!;
      return [`arrivals${port}`, { address, format: 'float32', length: layout.length, layout, resets: true }];
    });
    const marks = accumulators.flatMap(({ mark }, port): [string, StateVariable][] =>
      mark === undefined ? [] : [[`mark${port}`, { address: mark, format: 'int32', length: 1, resets: true }]],
    );
    return { ...plan, state: new Map([...plan.state, ...arrivals, ...marks]) };
  }

  /** A byte per neuron, and room for the last vector that is read. */
  #mapOf(place: number, layout: Layout): number {
    if (!this.#structure.hasMap(place)) return 0;
    const map = this.#memory.reserve(layout.length + VECTOR);
    this.#maps.set(place, map);
    return map;
  }

  #planSynaptic(place: number, drive: SynapticDrive): void {
    const list = this.#emissions.get(place)!;
    const site = { memory: this.#memory, node: this.#structure.node(place), place, layout: list.layout, list };
    const synapses = drive.synapses.map((synapse) => this.#accumulators.get(synapse.place)![0]!.address);
    const { plan, instruction } = planSynapticPopulation(site, drive, synapses);
    this.#populations.push(plan);
    this.#append(instruction);
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
    this.#populations.push(this.#withArrivals(population, accumulators));
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

  #placeInstructions(words: number[]): Extract<ProgramPart, { role: 'kernels' }> {
    const from = this.#memory.int32(words);
    return { role: 'kernels', from, to: from + 4 * words.length };
  }
}

/** A whole number that no weight is beyond, in units. */
function largestKept(weights: TensorData, unit: number): number {
  let largest = unit;
  for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  return Math.ceil(largest / unit);
}

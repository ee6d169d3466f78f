import { learnedConnections } from '@spikewire/engine/network';
import {
  elementCount,
  graphOf,
  type IntegerForm,
  integerFormOf,
  linearDynamics,
  type Model,
  neuronConstants,
  type ResolvedGraph,
  type ResolvedNode,
  SpikewireError,
  weightUnits,
} from '@spikewire/models';
import type { MemoryWords } from './board-places.ts';
import {
  type CoreRoom,
  forms,
  integrateBits,
  integrateWords,
  opcodes,
  RECORD_WORDS,
  record,
  updateBits,
  updateWords,
} from './core-description.ts';
import { copyInstructions, type Instruction, instructionWords } from './instructions.ts';
import { type CoreLearning, LearnedBlock } from './learned-block.ts';
import { type RecordedState, type Records, recordsOf } from './records.ts';
import { refusalsOf } from './refusals.ts';
import { type Route, routesOf } from './routes.ts';
import { type Rows, rowsOf } from './rows.ts';
import type { Stretch } from './stretch.ts';

/** A net as words of the core: what the host writes before the first step, and where it finds the rest. */
export interface CoreImage {
  /** Where the net begins in each memory, and its words there. The activity memory begins with zeros. */
  readonly memory: { readonly at: number; readonly words: Uint16Array };
  readonly program: { readonly at: number; readonly words: Uint16Array };
  readonly activity: Stretch;
  /** In the memory: records with constants and state; to start again, the host writes these words anew. */
  readonly records: Stretch;
  /** Of the activity memory: what the host writes before a step, all Inputs. */
  readonly input: Stretch;
  /** By name of an Input or a population: what it emits in a step. */
  readonly emissions: ReadonlyMap<string, CoreEmission>;
  /** By name of a population, in the order of a step. */
  readonly populations: ReadonlyMap<string, CorePopulation>;
  /** By name of a connection that learns. */
  readonly learned: ReadonlyMap<string, CoreLearning>;
  /** Words of the program at which the host may let a step begin besides `program.at`. */
  readonly entries: CoreEntries;
}

/** A step from one of these changes what is learned, and nothing else. */
export interface CoreEntries {
  /** Keeps what is learned, in a copy. */
  readonly commit: number;
  /** Goes back to that copy. */
  readonly takeBack: number;
  /** By name of a connection: an error, of which the host has written the table. */
  readonly errors: ReadonlyMap<string, number>;
}

/** A part of the activity memory. */
export interface CoreEmission {
  /** Word of the activity memory. */
  readonly at: number;
  readonly words: number;
  readonly elements: number;
  /** Bits, or signed bytes; `forms` says how they lie. */
  readonly form: keyof typeof forms;
}

/** Where the memory has a population's state. */
export interface CorePopulation {
  readonly neurons: number;
  /** Word of the memory: the record of neuron 0. */
  readonly at: number;
  /** Words from one record to the next. */
  readonly length: number;
  readonly state: RecordedState;
  /** Words of the memory, 32 bits each: how often a number was held at the [upper, lower] end. They wrap. */
  readonly saturated: readonly [number, number];
}

export interface CoreImageOptions {
  readonly room: CoreRoom;
  /** The resolved graph, where the caller has it. */
  readonly graph?: ResolvedGraph;
  /** Where the words begin, behind other nets on the board; default 0 in each memory. In `memory` a multiple of 8. */
  readonly at?: MemoryWords;
  /** Inputs with spikes that may also bring −1: they take a byte for an element instead of a bit. */
  readonly signed?: ReadonlySet<string>;
  /** Of the generators of connections that learn; default 1. */
  readonly seed?: number;
}

/** What of a model does not fit, a line each with the number and the limit. */
export interface CoreMisfits {
  readonly problems: readonly string[];
  /** By name of a node. */
  readonly ofNodes: ReadonlyMap<string, string>;
  /** What the model takes of each memory; less than it needs where a node is in `ofNodes`. */
  readonly sizes: readonly TakenRoom[];
}

/** What a model takes of a memory, in its words or pairs, and what there is of it. */
export interface TakenRoom {
  readonly what: string;
  readonly needed: number;
  readonly room: number;
}

/**
 * Compiles an integer model for the core. Throws `unsupported` with the node where the core has no instruction for it,
 * and with the number where the room is too small; and whatever `integerFormOf` throws.
 */
export function coreImage(model: Model, options: CoreImageOptions): CoreImage {
  const layout = new Layout(model, options);
  const { problems, ofNodes } = layout.misfits;
  for (const [name, problem] of ofNodes) throw new SpikewireError('unsupported', `node "${name}" on the core`, problem);
  if (problems.length > 0) throw new SpikewireError('unsupported', 'model on the core', problems.join('; '));
  return layout.image();
}

/** What hinders a model on the core. Throws what `integerFormOf` throws. */
export function coreMisfits(model: Model, options: CoreImageOptions): CoreMisfits {
  return new Layout(model, options).misfits;
}

/** A population and where everything of it lies. */
interface Placed {
  readonly index: number;
  readonly node: ResolvedNode;
  readonly records: Records;
  readonly at: number;
  pair: number;
}

interface PlacedRows extends Route {
  readonly rows: Pick<Rows, 'sparse' | 'rowWords'>;
  readonly at: number;
  /** Writes the weights into words of the memory, which begin with word `start`. */
  write(memory: Uint16Array, start: number): void;
  /** Where the connection learns. */
  readonly block: LearnedBlock | undefined;
}

/** The room that is taken of a memory. */
class Region {
  readonly start: number;
  end: number;

  constructor(start: number) {
    this.start = start;
    this.end = start;
  }

  /** The first of so many words, at a multiple of another number. */
  take(words: number, multiple = 1): number {
    this.end = Math.ceil(this.end / multiple) * multiple + words;
    return this.end - words;
  }
}

const END: Instruction = [opcodes.end, {}];

class Layout {
  readonly misfits: CoreMisfits;
  readonly #form: IntegerForm;
  readonly #signed: ReadonlySet<string>;
  readonly #memory: Region;
  readonly #activity: Region;
  readonly #program: Region;
  readonly #recordsEnd: number;
  readonly #populations: readonly Placed[];
  readonly #routes: readonly PlacedRows[];
  readonly #emissions = new Map<number, CoreEmission>();
  readonly #inputsEnd: number;
  readonly #instructions: Uint16Array;
  readonly #entries: CoreEntries;

  constructor(model: Model, { room, graph, at, signed = new Set(), seed = 1 }: CoreImageOptions) {
    this.#form = integerFormOf(model, graphOf(model, graph));
    this.#signed = signed;
    this.#memory = new Region(at?.memory ?? 0);
    this.#activity = new Region(at?.activity ?? 0);
    this.#program = new Region(at?.program ?? 0);
    const routes = routesOf(this.#form);
    const ofNodes = refusalsOf(model, this.#form, routes, room);
    this.#populations = ofNodes.size === 0 ? this.#placeRecords() : [];
    this.#recordsEnd = this.#memory.end;
    this.#routes = ofNodes.size === 0 ? this.#placeRows(routes, model, seed) : [];
    this.#inputsEnd = this.#placeEmissions();
    const pairs = this.#placePairs();
    // So a net behind this one begins at a multiple of 8, as a generator has to.
    this.#memory.take(0, 8);
    const { words, entries } = this.#assemble();
    this.#instructions = words;
    this.#entries = entries;
    this.#program.take(words.length);
    const sizes = [
      { what: 'words of memory', needed: this.#memory.end, room: room.memory },
      { what: 'words of activity memory', needed: this.#activity.end, room: room.activity },
      { what: 'words of program memory', needed: this.#program.end, room: room.program },
      { what: 'pairs of neurons', needed: pairs, room: room.pairs },
    ];
    this.misfits = { problems: sizes.flatMap(beyond), ofNodes, sizes };
  }

  image(): CoreImage {
    const { start } = this.#memory;
    const memory = new Uint16Array(this.#memory.end - start);
    for (const { at, records } of this.#populations) memory.set(records.words, at - start);
    for (const route of this.#routes) route.write(memory, start);
    const activity = this.#activity.start;
    const { nodes } = this.#form.wiring.graph;
    return {
      memory: { at: start, words: memory },
      program: { at: this.#program.start, words: this.#instructions },
      activity: { at: activity, length: this.#activity.end - activity },
      records: { at: start, length: this.#recordsEnd - start },
      input: { at: activity, length: this.#inputsEnd - activity },
      emissions: new Map(Array.from(this.#emissions, ([index, emission]) => [nodes[index]!.name, emission])),
      populations: new Map(this.#populations.map((placed) => [placed.node.name, describePopulation(placed)])),
      learned: new Map(this.#learned.map(({ connection, block }) => [nodes[connection]!.name, block.learning])),
      entries: this.#entries,
    };
  }

  #placeRecords(): Placed[] {
    const { quantization, wiring } = this.#form;
    return wiring.graph.nodes.flatMap((node, index) => {
      if (node.kind.role !== 'neuron') return [];
      const records = recordsOf(node, neuronConstants(quantization, node));
      return [{ index, node, records, at: this.#memory.take(records.words.length), pair: 0 }];
    });
  }

  #placeRows(routes: readonly Route[], model: Model, seed: number): PlacedRows[] {
    const { wiring, quantization } = this.#form;
    const learned = new Map(learnedConnections(model, wiring.graph).map((each) => [each.index, each]));
    const take = (words: number, multiple: number) => this.#memory.take(words, multiple);
    return routes.map((route) => {
      const connection = learned.get(route.connection);
      if (connection !== undefined) {
        const units = weightUnits(wiring, connection.index, quantization);
        const block = new LearnedBlock(connection, units, model.semantics.dt, seed, take);
        const { weights: at, outputs } = block.learning;
        const write = (memory: Uint16Array, start: number) => block.write(memory, start);
        return { ...route, at, block, write, rows: { sparse: false, rowWords: outputs } };
      }
      const rows = rowsOf(route.synapses, elementCount(wiring.graph.nodes[route.target]!.shape));
      const at = this.#memory.take(rows.length);
      const write = (memory: Uint16Array, start: number) => memory.set(rows.words(at), at - start);
      return { ...route, at, rows, write, block: undefined };
    });
  }

  get #learned(): readonly (PlacedRows & { readonly block: LearnedBlock })[] {
    return this.#routes.filter((route): route is PlacedRows & { block: LearnedBlock } => route.block !== undefined);
  }

  /** Inputs first, then all populations: the host writes and reads one stretch each. Gives where the Inputs end. */
  #placeEmissions(): number {
    const { nodes } = this.#form.wiring.graph;
    const place = (role: 'input' | 'neuron') => {
      nodes.forEach(({ kind, shape }, index) => {
        if (kind.role !== role) return;
        const [elements, form] = [elementCount(shape), this.#formOf(index)];
        const words = Math.ceil(elements / (form === 'bits' ? 16 : 2));
        this.#emissions.set(index, { at: this.#activity.take(words), words, elements, form });
      });
      return this.#activity.end;
    };
    const inputsEnd = place('input');
    place('neuron');
    return inputsEnd;
  }

  #formOf(index: number): keyof typeof forms {
    const { quantization, wiring } = this.#form;
    const node = wiring.graph.nodes[index]!;
    const input = quantization.inputs.get(node.name);
    if (input !== undefined) return input.maximum > 1 || this.#signed.has(node.name) ? 'bytes' : 'bits';
    return linearDynamics(node).firing?.spikesPerStep === 'one' ? 'bits' : 'bytes';
  }

  /**
   * What arrives late is summed before the first population of a step, so its sums must keep their places. All others
   * share theirs, which every population leaves 0.
   */
  #placePairs(): number {
    const late = new Set(this.#routes.filter(({ delay }) => delay > 0).map(({ target }) => target));
    const pairsOf = ({ node }: Placed) => Math.ceil(elementCount(node.shape) / 2);
    const own = new Region(0);
    for (const placed of this.#populations) if (late.has(placed.index)) placed.pair = own.take(pairsOf(placed));
    let end = own.end;
    for (const placed of this.#populations) {
      if (late.has(placed.index)) continue;
      placed.pair = own.end;
      end = Math.max(end, own.end + pairsOf(placed));
    }
    return end;
  }

  #assemble(): { words: Uint16Array; entries: CoreEntries } {
    const { nodes } = this.#form.wiring.graph;
    const words = this.#step();
    const enter = (instructions: readonly Instruction[]) => {
      const at = this.#program.start + words.length;
      words.push(...[...instructions, END].flatMap(instructionWords));
      return at;
    };
    const learned = this.#learned;
    const copies = (back: boolean) =>
      learned.flatMap(({ block }) => {
        const { changing, kept } = block.learning;
        return back ? copyInstructions(kept, changing.at) : copyInstructions(changing, kept.at);
      });
    const errors = learned.flatMap(({ connection, block }): [string, number][] => {
      const teach = block.teach();
      return teach === undefined ? [] : [[nodes[connection]!.name, enter([teach])]];
    });
    const hasCopies = learned.length > 0;
    const [commit, takeBack] = [false, true].map((back) => (hasCopies ? enter(copies(back)) : this.#program.start));
    return {
      words: Uint16Array.from(words),
      entries: { commit: commit!, takeBack: takeBack!, errors: new Map(errors) },
    };
  }

  #step(): number[] {
    const pairs = new Map(this.#populations.map(({ index, pair }) => [index, pair]));
    const integrate = (route: PlacedRows) => this.#integrate(route, pairs.get(route.target)!);
    const late = this.#routes.filter(({ delay }) => delay > 0).map(integrate);
    const populations = this.#populations.flatMap((placed) => [
      ...this.#routes.filter(({ delay, target }) => delay === 0 && target === placed.index).map(integrate),
      this.#update(placed),
    ]);
    const learning = this.#learned.flatMap(({ source, target, block }) => {
      const [arrivals, spikes] = [source, target].map((index) => this.#emissions.get(index)!.at);
      return block.step(arrivals!, spikes);
    });
    return [...late, ...populations, ...learning, END].flatMap(instructionWords);
  }

  #integrate({ source, connection, rows, at, block }: PlacedRows, pair: number): Instruction {
    const { quantization, wiring } = this.#form;
    const emission = this.#emissions.get(source)!;
    const { shift } = quantization.connections.get(wiring.graph.nodes[connection]!.name)!;
    const flags =
      (forms[emission.form] << integrateBits.bytes) |
      (Number(rows.sparse) << integrateBits.sparse) |
      (Number(block !== undefined) << integrateBits.learned) |
      (shift << integrateBits.shift);
    return [
      opcodes.integrate | flags,
      {
        [integrateWords.source]: emission.at,
        [integrateWords.sourceWords]: emission.words,
        [integrateWords.rows]: at,
        [integrateWords.rowWords]: rows.rowWords,
        [integrateWords.pair]: pair,
      },
    ];
  }

  #update({ index, node, records, at, pair }: Placed): Instruction {
    const { membraneBits, fraction, current, handOn } = this.#form.quantization.neurons.get(node.name)!;
    const { firing } = linearDynamics(node);
    const flags =
      (Number(handOn !== undefined) << updateBits.readOut) |
      (Number(current !== undefined) << updateBits.current) |
      (Number(firing?.reset === 'subtract') << updateBits.subtract) |
      (Number(firing?.spikesPerStep === 'many') << updateBits.many) |
      (Number(membraneBits === 32) << updateBits.wide) |
      (Number(fraction >= 0) << updateBits.unshifted) |
      ((handOn ?? 0) << updateBits.handOn);
    return [
      opcodes.update | flags,
      {
        [updateWords.target]: this.#emissions.get(index)!.at,
        [updateWords.neurons]: elementCount(node.shape),
        [updateWords.record]: at,
        [updateWords.ownLow]: records.own & 0xffff,
        [updateWords.ownHigh]: records.own >> 16,
        [updateWords.pair]: pair,
      },
    ];
  }
}

function describePopulation({ node, records, at }: Placed): CorePopulation {
  return {
    neurons: elementCount(node.shape),
    at: at + RECORD_WORDS,
    length: records.length,
    state: records.state,
    saturated: [at + record.current, at + record.membrane],
  };
}

function beyond({ what, needed, room }: TakenRoom): string[] {
  return needed <= room ? [] : [`needs ${needed} ${what}, ${needed - room} more than the ${room} of the board`];
}

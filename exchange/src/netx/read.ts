import {
  defaultBudget,
  defaultSample,
  type Edge,
  type GraphNode,
  type Model,
  type Reading,
  type Shape,
  SpikewireError,
  type StepChoices,
  scalar,
  tensor,
} from '@spikewire/models';
import { type Hdf5Group, isHdf5, readHdf5 } from '../hdf5/index.ts';
import { groupIn, textIn } from '../nir/datasets.ts';
import { ReadingMemory } from '../reading-memory.ts';
import { layerTypes, refuseUnknown, shapeIn } from './layers.ts';
import { neuronsIn } from './neurons.ts';
import { type Bounds, numbersIn, spread } from './numbers.ts';
import { stepUnder } from './step.ts';

/** How much a layer takes beside its numbers. */
const OF_LAYER = 8192;
/** What looking for the layers of a file may take. */
const GLANCE = 16e6;
/** Of 6 bits, of which the last is taken. */
const DELAY: Bounds = { minimum: 0, maximum: 62 };

export interface NetxReadOptions {
  /** Bytes at most. */
  readonly memory?: number | undefined;
  readonly step?: StepChoices | undefined;
}

/** Whether bytes are an HDF5 file whose root has layers. */
export function isNetx(bytes: Uint8Array): boolean {
  if (!isHdf5(bytes)) return false;
  try {
    return readHdf5(bytes, new ReadingMemory(GLANCE)).children.get('layer')?.kind === 'group';
  } catch (error) {
    if (error instanceof SpikewireError) return false;
    throw error;
  }
}

/**
 * Reads a net that lava-dl's slayer exported (its `netx` module describes the format): layers in order, each a step
 * after the one before, with Loihi's neurons. Throws `file` for what is no such file, `graph` and `parameter` for a net
 * that contradicts itself, `unsupported` for layers, neurons and datasets that are not known here, and `budget` where
 * it takes more than `memory`; each names the layer.
 */
export function readNetx(
  bytes: Uint8Array,
  { memory = defaultBudget.bytes, step = {} }: NetxReadOptions = {},
): Reading {
  const reading = new ReadingMemory(memory);
  const root = readHdf5(bytes, reading);
  const notes: string[] = [];
  const semantics = stepUnder(step, notes);
  if (root.children.has('simulation')) notes.push('simulation: not followed; --dt gives the length of a step');
  refuseUnknown(root, ['layer', 'simulation'], 'file');
  const chain = new LayerChain(semantics.dt, reading, notes);
  const layers = groupIn(root, 'layer', 'file');
  const count = layers.children.size;
  for (let index = 0; index < count; index++) chain.add(groupIn(layers, `${index}`, 'layer'), index);
  const model: Model = {
    graph: chain.graph(),
    semantics,
    learning: new Map(),
    encoder: new Map(),
    decoder: new Map(),
    channels: [],
    sample: defaultSample,
    labels: [],
    provenance: { netx: step.from === undefined ? {} : { from: step.from } },
    selfTests: [],
  };
  return { model, notes };
}

/** Layers behind each other, as they become nodes and edges. */
class LayerChain {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges: Edge[] = [];
  readonly #dt: number;
  readonly #memory: ReadingMemory;
  readonly #notes: string[];
  #last: string | undefined;
  #shape: Shape | undefined;

  constructor(dt: number, memory: ReadingMemory, notes: string[]) {
    this.#dt = dt;
    this.#memory = memory;
    this.#notes = notes;
  }

  add(group: Hdf5Group, index: number): void {
    const type = textIn(group, 'type', `layer ${index}`);
    const where = `layer ${index} (${type.slice(0, 40)})`;
    this.#memory.take(where, OF_LAYER);
    if (type === 'input') this.#addInput(group, index, where);
    else if (type === 'flatten') this.#addFlatten(group, index, where);
    else if (Object.hasOwn(layerTypes, type)) this.#addSynapses(group, index, type, where);
    else {
      const known = ['input', 'flatten', ...Object.keys(layerTypes)].join(', ');
      throw new SpikewireError('unsupported', where, 'is an unknown layer', known);
    }
  }

  graph() {
    if (this.#last === undefined) throw new SpikewireError('graph', 'layer', 'has no layers', 'a net');
    this.#append('output', { type: 'Output', parameters: {} });
    return { nodes: this.#nodes, edges: this.#edges };
  }

  #addInput(group: Hdf5Group, index: number, where: string): void {
    if (index > 0) throw new SpikewireError('graph', where, 'follows another layer', 'an input at the start');
    // What arrives at such neurons is scaled, by lava-dl's two programs in different ways.
    if (group.children.has('neuron')) {
      throw new SpikewireError('unsupported', where, 'has neurons of its own', 'an input that is the spikes');
    }
    refuseUnknown(group, ['type', 'shape'], where);
    this.#addTerminal(shapeIn({ group, where, memory: this.#memory }));
    this.#notes.push(`${where}: its spikes arrive in the same step; slayer passes them on one step later`);
  }

  #addTerminal(shape: Shape): void {
    this.#append('input', { type: 'Input', parameters: { shape: tensor(Float64Array.from(shape), [shape.length]) } });
    this.#shape = shape;
  }

  #addFlatten(group: Hdf5Group, index: number, where: string): void {
    refuseUnknown(group, ['type', 'shape'], where);
    if (this.#shape === undefined) throw new SpikewireError('graph', where, 'has no layer before it', 'a layer');
    this.#append(`flatten${index}`, { type: 'Flatten', parameters: {} });
    this.#shape = [this.#shape.reduce((product, size) => product * size, 1)];
  }

  #addSynapses(group: Hdf5Group, index: number, type: string, where: string): void {
    const { datasets, read } = layerTypes[type]!;
    const memory = this.#memory;
    refuseUnknown(group, ['type', 'shape', 'neuron', ...datasets], where);
    const { node, shape, input } = read({ group, input: this.#shape, where, memory });
    if (this.#last === undefined) this.#addTerminal(input!);
    this.#append(`${type}${index}`, node, 1);
    this.#append(`layer${index}`, neuronsIn(group, shape, where, this.#dt, memory));
    this.#shape = shape;
    if (group.children.has('delay')) this.#append(`delay${index}`, this.#delay(group, shape, where));
  }

  /** Of the axons of a layer, in steps. */
  #delay(group: Hdf5Group, shape: Shape, where: string): GraphNode {
    const { data } = numbersIn(group, 'delay', where, this.#memory);
    const steps = Float64Array.from(data, Math.floor);
    const wrong = steps.find((delay) => !(delay >= DELAY.minimum && delay <= DELAY.maximum));
    if (wrong !== undefined || steps.length === 0) {
      const found = wrong === undefined ? 'has no values' : `is ${wrong}`;
      throw new SpikewireError('parameter', `${where}.delay`, found, `${DELAY.minimum} to ${DELAY.maximum} steps`);
    }
    const delay = spread(steps, shape, `${where}.delay`, this.#memory, this.#dt);
    return { type: 'Delay', parameters: { delay: delay.data.length === 1 ? scalar(delay.data[0]!) : delay } };
  }

  #append(name: string, node: GraphNode, delay = 0): void {
    this.#nodes.set(name, node);
    if (this.#last !== undefined) this.#edges.push({ source: this.#last, target: name, delay });
    this.#last = name;
  }
}

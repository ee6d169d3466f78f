import {
  defaultSemantics,
  type Graph,
  type GraphNode,
  type LearningDeclaration,
  type Model,
  scalar,
  tensor,
} from '@spikewire/models';
import { terminal } from '../architecture/terminal.ts';
import { contrastFilter, FILTER } from './contrast-filter.ts';

/** Seconds of a step. */
const DT = 0.001;
/** What a neuron that is inhibited never makes up for. */
const SILENCE = 1e4;

/**
 * Neurons of each of `maps` look at a field of kernel × kernel over [channels, height, width], at every place alike.
 */
export interface MapsShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  /** Rows and columns of nothing around. */
  readonly padding: number;
  readonly maps: number;
}

/** Two layers of maps over the contrasts of an image, and parts of the second, of each of which one number is read. */
export interface NetShape {
  /** Over [on and off, height, width]. */
  readonly first: MapsShape;
  /** Over the first, of which each 2 × 2 is one. */
  readonly second: MapsShape;
  /** Side of a part, and how many of them there are down and across. */
  readonly window: number;
  readonly parts: readonly [number, number];
}

export interface NetDynamics {
  readonly steps: number;
  /** By how much a full contrast moves its neuron in a step, in thresholds. */
  readonly contrast: number;
  readonly firstThreshold: number;
  /** Of the second layer while it learns. */
  readonly secondThreshold: number;
  /** And where it answers; it spikes again with each further unit. */
  readonly answerThreshold: number;
}

export type Layer = 'first' | 'second';

/** Weights of the layers, [maps, channels, kernel, kernel]. */
export type LayerWeights = Readonly<Record<Layer, Float64Array>>;

/** What the parts have in common: the rest of a model is the caller's. */
type Part = Pick<Model, 'graph' | 'semantics' | 'sample' | 'learning'>;

/** The connection of a layer that learns. */
export const weightsOf = (layer: Layer): string => `${layer}.weights`;

/** The net as its layers are made, by the name of each node; a part of it ends anywhere. */
export class ConvolutionalModel {
  readonly #shape: NetShape;
  readonly #dynamics: NetDynamics;

  constructor(shape: NetShape, dynamics: NetDynamics) {
    this.#shape = shape;
    this.#dynamics = dynamics;
  }

  /** Up to a layer that learns by a rule. A neuron of it that spikes silences its place. */
  learning(layer: Layer, weights: LayerWeights, rule: LearningDeclaration): Part {
    const { secondThreshold } = this.#dynamics;
    const { second } = this.#shape;
    const [own, before]: readonly [Layers, Layers] =
      layer === 'first'
        ? [this.#first(weights), []]
        : [
            connected('second', weights, second, neurons(1, secondThreshold)),
            [...this.#first(weights), ...this.#chosen],
          ];
    const graph = this.#graph([...before, ...own], layer === 'first' ? ['first'] : ['first', 'second']);
    return this.#part(graph, new Map([[weightsOf(layer), [rule]]]));
  }

  /** Up to the spikes that are read: of each part of each map, [maps, parts down, parts across]. */
  features(weights: LayerWeights): Part {
    return this.#part(this.#graph(this.#features(weights), ['first']));
  }

  /** And what they say of each class: weights and bias. */
  answering(weights: LayerWeights, votes: readonly Float64Array[]): Part {
    const readout: Layers = [['votes', votesOf(votes, this.#dynamics.steps)]];
    return this.#part(this.#graph([...this.#features(weights), ...readout], ['first'], votes.length));
  }

  #features(weights: LayerWeights): Layers {
    const { second, window } = this.#shape;
    const answers = neurons(1, 1, { v_initial: scalar(1 - this.#dynamics.answerThreshold) });
    return [
      ...this.#first(weights),
      ...this.#chosen,
      ...connected('second', weights, second, answers),
      ['second.pool', pool(window, 'count')],
      ['flat', { type: 'Flatten', parameters: {} }],
      ['features', threshold],
    ];
  }

  #first(weights: LayerWeights): Layers {
    return connected('first', weights, this.#shape.first, neurons(1, this.#dynamics.firstThreshold));
  }

  /** Of the first layer what the second gets: at a place one map, and of each 2 × 2 of it the first spike. */
  get #chosen(): Layers {
    const { maps } = this.#shape.first;
    return [
      ['first.order', convolution(lowestAlone(maps), [maps, maps, 1, 1])],
      ['first.lowest', threshold],
      ['first.pool', pool(2, 'first')],
    ];
  }

  #graph(layers: Layers, competing: readonly Layer[], outputs?: number): Graph {
    const { height, width } = this.#shape.first;
    const { steps, contrast } = this.#dynamics;
    const onAndOff = [...contrastFilter, ...contrastFilter.map((weight) => -weight)];
    const way: Layers = [
      ['in', { type: 'Input', parameters: { shape: numbers(1, height, width) } }],
      ['filter', convolution(onAndOff, [2, 1, FILTER, FILTER], (FILTER - 1) / 2)],
      ['contrasts', neurons(contrast, 1, { tau_ref: scalar(steps * DT) })],
      ...layers,
      ['out', outputs === undefined ? { type: 'Output', parameters: {} } : terminal('Output', outputs)],
    ];
    const edges = way.slice(1).map(([target], k) => ({ source: way[k]![0], target, delay: 0 }));
    const chain: Graph = { nodes: new Map(way), edges };
    return competing.reduce((graph, layer) => inhibited(graph, layer, this.#shape[layer].maps), chain);
  }

  #part(graph: Graph, learning: Part['learning'] = new Map()): Part {
    const { steps } = this.#dynamics;
    return {
      graph,
      learning,
      semantics: { ...defaultSemantics, dt: DT, reset: 'subtract' },
      sample: { steps, between: 'reset' },
    };
  }
}

type Layers = readonly (readonly [string, GraphNode])[];

/** A neuron of a layer that spikes silences its place, itself included, from the next step on. */
function inhibited({ nodes, edges }: Graph, layer: Layer, maps: number): Graph {
  const [spiked, silence] = [`${layer}.spiked`, `${layer}.silence`];
  const alike = (outputs: number, inputs: number, weight: number) =>
    convolution(Array(maps).fill(weight), [outputs, inputs, 1, 1]);
  return {
    nodes: new Map([...nodes, [spiked, alike(1, maps, 1)], [silence, alike(maps, 1, -SILENCE)]]),
    edges: [
      ...edges,
      { source: layer, target: spiked, delay: 1 },
      { source: spiked, target: silence, delay: 0 },
      { source: silence, target: layer, delay: 0 },
    ],
  };
}

const threshold: GraphNode = { type: 'Threshold', parameters: { threshold: scalar(0.5) } };

/** Neurons without leak that a weight of 1 moves by `gain`. */
function neurons(gain: number, v_threshold: number, more: GraphNode['parameters'] = {}): GraphNode {
  return { type: 'IF', parameters: { r: scalar(gain / DT), v_threshold: scalar(v_threshold), ...more } };
}

/** A layer behind its weights. */
function connected(
  layer: Layer,
  weights: LayerWeights,
  { kernel, channels, maps, padding }: MapsShape,
  population: GraphNode,
): Layers {
  return [
    [weightsOf(layer), convolution(weights[layer], [maps, channels, kernel, kernel], padding)],
    [layer, population],
  ];
}

function pool(side: number, winner: string): GraphNode {
  return { type: 'MaxPool2d', parameters: { kernel_size: numbers(side), stride: numbers(side), winner } };
}

/** Of the maps that spike at a place in one step the lowest alone passes a threshold behind it. */
function lowestAlone(maps: number): number[] {
  return Array.from({ length: maps * maps }, (_, k) => {
    const [output, input] = [Math.floor(k / maps), k % maps];
    return input === output ? 1 : input < output ? -1 : 0;
  });
}

function convolution(weights: ArrayLike<number>, shape: number[], padding = 0): GraphNode {
  return {
    type: 'Conv2d',
    parameters: { weight: tensor(Float64Array.from(weights), shape), padding: numbers(padding) },
  };
}

/** The bias is there in each step, so that all of them add up to it. */
function votesOf(votes: readonly Float64Array[], steps: number): GraphNode {
  const weights = votes.flatMap((row) => [...row.subarray(0, -1)]);
  return {
    type: 'Affine',
    parameters: {
      weight: tensor(Float64Array.from(weights), [votes.length, weights.length / votes.length]),
      bias: numbers(...votes.map((row) => row.at(-1)! / steps)),
    },
  };
}

function numbers(...values: number[]) {
  return tensor(Float64Array.from(values));
}

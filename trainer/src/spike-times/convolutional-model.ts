import { defaultSemantics, type Graph, type GraphNode, type Model, scalar, tensor } from '@spikewire/models';
import { terminal } from '../architecture/terminal.ts';
import { contrastFilter, FILTER, type NetDynamics, type NetShape } from './convolutional-net.ts';
import type { MapsShape } from './feature-maps.ts';

/** Seconds of a step. */
const DT = 0.001;
/** What a neuron that is inhibited never makes up for. */
const SILENCE = 1e4;

/** What a net has learned: weights as its layers have them, and of each class weights and bias of what is read. */
export interface Learned {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly votes: readonly Float64Array[];
}

/** The net and its read-out as a graph that runs on engines; the rest of the model is the caller's. */
export function convolutionalModel(
  { first, second, window }: NetShape,
  { steps, contrast, firstThreshold, answerThreshold }: NetDynamics,
  learned: Learned,
): Pick<Model, 'graph' | 'semantics' | 'sample'> {
  const onAndOff = [...contrastFilter, ...contrastFilter.map((weight) => -weight)];
  const way: readonly (readonly [string, GraphNode])[] = [
    ['in', { type: 'Input', parameters: { shape: numbers(1, first.height, first.width) } }],
    ['filter', convolution(onAndOff, [2, 1, FILTER, FILTER], (FILTER - 1) / 2)],
    ['contrasts', neurons(contrast, 1, { tau_ref: scalar(steps * DT) })],
    ['first.weights', learnedConvolution(learned.first, first)],
    ['first.all', neurons(1, firstThreshold)],
    ['first.order', convolution(lowestAlone(first.maps), [first.maps, first.maps, 1, 1])],
    ['first', threshold],
    ['first.pool', pool(2, 'first')],
    ['second.weights', learnedConvolution(learned.second, second)],
    ['second', neurons(1, 1, { v_initial: scalar(1 - answerThreshold) })],
    ['second.pool', pool(window, 'count')],
    ['flat', { type: 'Flatten', parameters: {} }],
    ['features', threshold],
    ['votes', votesOf(learned.votes, steps)],
    ['out', terminal('Output', learned.votes.length)],
  ];
  const edges = way.slice(1).map(([target], k) => ({ source: way[k]![0], target, delay: 0 }));
  return {
    graph: withInhibition({ nodes: new Map(way), edges }, first.maps),
    semantics: { ...defaultSemantics, dt: DT, reset: 'subtract' },
    sample: { steps, between: 'reset' },
  };
}

/** A neuron of the first layer that spikes silences its place, itself included, from the next step on. */
function withInhibition({ nodes, edges }: Graph, maps: number): Graph {
  const alike = (outputs: number, inputs: number, weight: number) =>
    convolution(Array(maps).fill(weight), [outputs, inputs, 1, 1]);
  return {
    nodes: new Map([...nodes, ['spiked', alike(1, maps, 1)], ['silence', alike(maps, 1, -SILENCE)]]),
    edges: [
      ...edges,
      { source: 'first', target: 'spiked', delay: 1 },
      { source: 'spiked', target: 'silence', delay: 0 },
      { source: 'silence', target: 'first.all', delay: 0 },
    ],
  };
}

const threshold: GraphNode = { type: 'Threshold', parameters: { threshold: scalar(0.5) } };

/** Neurons without leak that a weight of 1 moves by `gain`. */
function neurons(gain: number, v_threshold: number, more: GraphNode['parameters'] = {}): GraphNode {
  return { type: 'IF', parameters: { r: scalar(gain / DT), v_threshold: scalar(v_threshold), ...more } };
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

/** Weights [kernel, kernel, channels, maps] in the order of convolutions, [maps, channels, kernel, kernel]. */
function learnedConvolution(weights: Float64Array, { kernel, channels, maps, padding }: MapsShape): GraphNode {
  const fields = kernel * kernel;
  const byMap = Array.from(weights, (_, k) => {
    const [map, channel, field] = [Math.floor(k / (channels * fields)), Math.floor(k / fields) % channels, k % fields];
    return weights[(field * channels + channel) * maps + map]!;
  });
  return convolution(byMap, [maps, channels, kernel, kernel], padding);
}

function convolution(weights: readonly number[], shape: number[], padding = 0): GraphNode {
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

import { type Model, numbersOf, parseModel, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import { type BoardNetwork, injectors, senders } from './board-network.ts';

/** Seconds that a sample lasts where nothing else is known. */
const SAMPLE_SECONDS = 0.1;

/**
 * A model that stands for a net on a board: its populations as Inputs and Outputs, by label, and between them one
 * synapse of weight 0 where the board has its own. It computes nothing; the board does. Readings become spikes by
 * `bernoulli`, and spikes are counted, until somebody says otherwise. Throws `unsupported` where nothing goes in or
 * out.
 */
export function modelOfNetwork(network: BoardNetwork): Model {
  const [given, answered] = [injectors(network), senders(network)];
  if (given.length === 0 || answered.length === 0)
    throw new SpikewireError(
      'unsupported',
      'network',
      `has ${given.length} populations that take spikes and ${answered.length} that send them`,
      'one of each at least, such as a SpikeInjector, and a population with activate_live_output_for',
    );
  const nodes: Record<string, unknown> = {};
  const edges: [string, string][] = [];
  for (const { label, keys } of given) nodes[label] = { type: 'Input', shape: [keys.length] };
  for (const { label, keys } of answered) {
    nodes[onBoard(label)] = { type: 'Threshold', threshold: 1 };
    nodes[label] = { type: 'Output', shape: [keys.length] };
    edges.push([onBoard(label), label]);
    for (const source of given) {
      const between = `${source.label} to ${label}`;
      nodes[between] = nothingBetween(source.keys.length, keys.length);
      edges.push([source.label, between], [between, onBoard(label)]);
    }
  }
  return parseModel({
    nodes,
    edges,
    semantics: { dt: network.timeStep },
    encoder: Object.fromEntries(given.map(({ label }) => [label, { type: 'bernoulli' }])),
    decoder: Object.fromEntries(answered.map(({ label }) => [label, { type: 'count' }])),
    sample: { steps: Math.max(1, Math.round(SAMPLE_SECONDS / network.timeStep)), between: 'continue' },
  });
}

const onBoard = (label: string) => `${label} on the board`;

/** A Sparse connection has one synapse at least. */
function nothingBetween(inputs: number, outputs: number) {
  const offset = Array.from({ length: inputs + 1 }, (_, k) => Math.min(k, 1));
  return { type: 'Sparse', weight: [0], target: [0], offset, outputs };
}

/** Whether a model computes nothing by itself: all its weights are 0. */
export function standsForBoard({ nodes }: ResolvedGraph): boolean {
  const connections = nodes.filter(({ kind }) => kind.role === 'connection');
  const isSilent = connections.every(({ node }) => numbersOf(node, 'weight')?.data.every((weight) => weight === 0));
  return connections.length > 0 && isSilent;
}

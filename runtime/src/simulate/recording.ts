import type { RunningNetwork } from '@spikewire/engine/network';
import { candidates, SpikewireError } from '@spikewire/models';

/** What is asked of a net to record it: a running one, or what an executor lets be seen of one. */
export type Observed = Pick<RunningNetwork, 'graph' | 'readState' | 'readWeights'>;

/** What to record: `spikes`, `weights` or a state variable such as `v`, of one node or of all that have it. */
export interface RecordRequest {
  readonly what: string;
  readonly node?: string;
}

/** Reads `spikes,v:lif1,weights`: what is recorded of all nodes, or of the node after the colon. */
export function parseRecordRequests(text: string): RecordRequest[] {
  return text.split(',').map((part) => {
    const colon = part.indexOf(':');
    const what = (colon < 0 ? part : part.slice(0, colon)).trim();
    const node = part.slice(colon + 1).trim();
    if (what === '' || node === '') {
      throw new SpikewireError(
        'usage',
        '--record',
        `has the part "${part}"`,
        'spikes, v or weights, or one of them with :NODE',
      );
    }
    return colon < 0 ? { what } : { what, node };
  });
}

/** Throws `input` for a node that the net does not have, which is known before there is an input or an engine. */
export function checkRecordedNodes(requests: readonly RecordRequest[], { nodes }: Observed['graph']): void {
  const names = nodes.map(({ name }) => name);
  const wrong = requests.find(({ node }) => node !== undefined && !names.includes(node));
  if (wrong === undefined) return;
  throw new SpikewireError(
    'input',
    `record of node "${wrong.node}"`,
    'finds no such node',
    `one of ${candidates(names)}`,
  );
}

/** Which nodes are recorded, by what is recorded of them. */
export interface RecordPlan {
  /** Indices of spiking neurons and Output nodes. */
  readonly spikes: readonly { readonly index: number; readonly name: string }[];
  readonly traces: readonly { readonly node: string; readonly variable: string }[];
  readonly weights: readonly string[];
}

/** Finds the nodes that the requests mean. Throws `input` where a node is unknown or has no such thing. */
export function planRecording(requests: readonly RecordRequest[], network: Observed): RecordPlan {
  const spikes = new Map<string, { index: number; name: string }>();
  const traces = new Map<string, { node: string; variable: string }>();
  const weights = new Set<string>();
  for (const { what, node } of requests) {
    const found = network.graph.nodes
      .map(({ name }, index) => ({ name, index }))
      .filter(({ name, index }) => {
        return (node === undefined || name === node) && offers(network, index, what);
      });
    if (found.length === 0) refuse(network, what, node);
    for (const { name, index } of found) {
      if (what === 'spikes') spikes.set(name, { index, name });
      else if (what === 'weights') weights.add(name);
      else traces.set(`${what}:${name}`, { node: name, variable: what });
    }
  }
  return { spikes: [...spikes.values()], traces: [...traces.values()], weights: [...weights] };
}

function offers(network: Observed, index: number, what: string): boolean {
  const { name, kind } = network.graph.nodes[index]!;
  if (what === 'spikes') return kind.role === 'output' || (kind.role === 'neuron' && kind.emits === 'spikes');
  if (kind.role !== (what === 'weights' ? 'connection' : 'neuron')) return false;
  try {
    if (what === 'weights') network.readWeights(name);
    else network.readState(name, what);
    return true;
  } catch (error) {
    if (error instanceof SpikewireError && error.code === 'input') return false;
    throw error;
  }
}

function refuse(network: Observed, what: string, node: string | undefined): never {
  const able = network.graph.nodes.filter((_, index) => offers(network, index, what)).map(({ name }) => name);
  const where = node === undefined ? 'record' : `record of node "${node}"`;
  throw new SpikewireError(
    'input',
    where,
    `finds no ${what}`,
    able.length > 0 ? `one of ${able.join(', ')}` : 'spikes, weights or a state variable such as v',
  );
}

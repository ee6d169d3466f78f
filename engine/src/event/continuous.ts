import {
  elementCount,
  type ResolvedEdge,
  type ResolvedGraph,
  type ResolvedNode,
  SpikewireError,
  type Wiring,
} from '@spikewire/models';
import { followConstants } from './constants.ts';
import { continuousDynamics, hasClosedForm } from './nodes.ts';

/** The edges by which read-outs hand their states to Outputs; off the grid these are samples. */
export function samplesOf({ nodes, edges }: ResolvedGraph): ResolvedEdge[] {
  return edges.filter(
    ({ source, target, delay }) => isReadOut(nodes[source]!) && nodes[target]!.kind.role === 'output' && delay === 0,
  );
}

function isReadOut({ kind }: ResolvedNode): boolean {
  return kind.role === 'neuron' && kind.emits === 'state';
}

/** Throws `unsupported` with the first node whose meaning is one of steps. */
export function refuseWhatNeedsSteps(wiring: Wiring): void {
  const samples = samplesOf(wiring.graph);
  const { arriving, explicit } = followConstants(wiring, () => false);
  wiring.graph.nodes.forEach((node, index) => {
    if (node.kind.role === 'neuron') refuseNeurons(node);
    if (isReadOut(node) && wiring.outgoing[index]!.some((edge) => !samples.includes(edge))) {
      refuse(node, 'emits its state in continuous time, not only to an Output', 'a read-out in front of an Output');
    }
    if (explicit[index] === true && wiring.connectivity[index]!.structure === 'selection') {
      refuse(node, 'gets a bias all the time', 'a neuron behind the bias');
    }
    if (explicit[index] === true) refuse(node, 'is part of a loop of connections', 'a neuron in the loop');
    const isTerminal = node.kind.role === 'input' || node.kind.role === 'output';
    if (isTerminal && arriving[index]!.some((constants) => constants.length > 0)) {
      refuse(node, 'gets a bias all the time', 'a neuron behind the bias');
    }
  });
}

function refuseNeurons(node: ResolvedNode): void {
  const dynamics = continuousDynamics(node);
  if (dynamics === undefined)
    refuse(node, 'has no closed form between its spikes', 'a neuron that is linear between them');
  if (!hasClosedForm(dynamics)) {
    refuse(node, 'has a v_min behind a synaptic current, or does not decay', 'v_min absent, time constants above 0');
  }
  const { firing } = dynamics;
  for (let i = 0; firing !== undefined && i < elementCount(node.shape); i++) {
    if (firing.resetValue[i]! < firing.threshold[i]! || firing.refractorySteps[i]! > 0) continue;
    refuse(
      node,
      'is reset to its threshold and does not rest: it would never stop spiking',
      'v_reset below v_threshold',
    );
  }
}

function refuse({ name, kind }: ResolvedNode, problem: string, expected: string): never {
  throw new SpikewireError('unsupported', `node "${name}" (${kind.type})`, `${problem} (in continuous time)`, expected);
}

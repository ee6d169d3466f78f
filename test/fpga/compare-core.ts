import { coreImage, rooms } from '@spikewire/devices/accelerators';
import {
  elementCount,
  inputGain,
  linearDynamics,
  type Model,
  type NeuronKind,
  type ResolvedNode,
  sourceUnit,
} from '@spikewire/models';
import { engineNamed, type RunningNetwork } from 'spikewire';
import { type Events, play, type Stimulus } from '../conformance/play.ts';
import { type CoreInput, type CoreState, runCore } from './simulated-core.ts';

/** Where the core differs first from the `integer` engine, or undefined; and the cycles of each step. */
export function compareCore(
  program: string,
  model: Model,
  steps: number,
  stimulus: Stimulus,
  signed: ReadonlySet<string> = new Set(),
): { difference: string | undefined; cycles: number[] } {
  const network = engineNamed('integer').load(model);
  const image = coreImage(model, { room: rooms.up5k, graph: network.graph, signed });
  const inputs = Array.from({ length: steps }, (_, step) => inputOf(network, stimulus, step));
  const done = runCore(program, image, inputs);
  const cycles = done.map((step) => step.cycles);
  for (const [step, { emitted, states }] of done.entries()) {
    const events = play(network, 1, stimulus, step);
    for (const [name, state] of states) {
      const node = network.graph.nodes.find((candidate) => candidate.name === name)!;
      const shown = emittedBy(network, node, events);
      const expected = { ...stateOf(network, node), ...(shown && { emitted: shown }) };
      const got = { ...state, emitted: emitted.get(name)! };
      for (const [variable, values] of Object.entries(expected)) {
        const numbers: ArrayLike<number> = got[variable as keyof typeof got]!;
        const wrong = Array.from(values).findIndex((value, n) => value !== numbers[n]);
        if (wrong < 0) continue;
        const which = `step ${step}, ${variable} of "${name}"[${wrong}]`;
        return { difference: `${which}: ${numbers[wrong]}; expected ${Array.from(values)[wrong]}`, cycles };
      }
    }
  }
  return { difference: undefined, cycles };
}

function inputOf(network: RunningNetwork, stimulus: Stimulus, step: number): CoreInput {
  return new Map(
    Object.entries(stimulus).map(([name, events]) => {
      const node = network.graph.nodes.find((candidate) => candidate.name === name)!;
      const scale = network.model.quantization!.inputs.get(name)!.scale;
      const values = new Array<number>(elementCount(node.shape)).fill(0);
      for (const [at, index, value = 1] of events) if (at === step) values[index!]! += value / scale;
      return [name, values];
    }),
  );
}

/** The state of the reference in whole numbers, from the real units in which it shows them. */
function stateOf(network: RunningNetwork, node: ResolvedNode): CoreState {
  const { scale, fraction, current } = network.model.quantization!.neurons.get(node.name)!;
  const size = elementCount(node.shape);
  const dynamics = linearDynamics(node);
  const unit = (n: number) => scale[Math.floor((n * scale.length) / size)]! * 2 ** -fraction;
  const whole = (variable: string, worth: (n: number) => number = () => 1) =>
    Array.from(network.readState(node.name, variable), (value, n) => Math.round((value * worth(n)) / unit(n)));
  const { currentWorth } = inputGain(dynamics);
  const [upper, lower] = network.readState(node.name, 'saturated');
  return {
    v: whole('v'),
    ...(current && { i: whole('i', (n) => currentWorth[n]!) }),
    refractory: dynamics.firing ? Array.from(network.readState(node.name, 'refractory')) : [],
    saturated: [upper!, lower!],
  };
}

/** What a node emitted; undefined for a read-out that no Output shows. */
function emittedBy(
  network: RunningNetwork,
  node: ResolvedNode,
  events: Readonly<Record<string, Events>>,
): number[] | undefined {
  const isSpiking = (node.kind as NeuronKind).emits === 'spikes';
  const unit = isSpiking ? 1 : sourceUnit(node, network.model.quantization!);
  const seen = isSpiking ? node.name : outputOf(network, node);
  if (seen === undefined) return undefined;
  const emitted = new Array<number>(elementCount(node.shape)).fill(0);
  for (const [, index, value] of events[seen]!) emitted[index] = Math.round(value / unit);
  return emitted;
}

/** The name of an Output that shows this node. */
function outputOf({ graph }: RunningNetwork, node: ResolvedNode): string | undefined {
  const index = graph.nodes.indexOf(node);
  const edge = graph.edges.find(
    ({ source, target }) => source === index && graph.nodes[target]!.kind.role === 'output',
  );
  return edge && graph.nodes[edge.target]!.name;
}

import { type CoreImage, coreImage, rooms, tableRow } from '@spikewire/devices/accelerators';
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
import type { IntegerNet, Lesson } from './arbitrary-integer-net.ts';
import { type CoreAction, type CoreInput, type CoreLearned, type CoreState, runCore } from './simulated-core.ts';
import { arraysOf } from './state-arrays.ts';

/** What a net is given. */
export type CoreTask = Pick<IntegerNet, 'model' | 'steps' | 'stimulus'> & Partial<IntegerNet>;

/** Where the core differs first from the `integer` engine, or undefined; and the cycles of each step. */
export function compareCore(
  program: string,
  { model, steps, stimulus, signed = new Set(), lessons = [], held = new Set() }: CoreTask,
): { difference: string | undefined; cycles: number[] } {
  const network = engineNamed('integer').load(model);
  const image = coreImage(model, { room: rooms.simulated, graph: network.graph, signed });
  const inputs = Array.from({ length: steps }, (_, step) => inputOf(network, stimulus, step));
  const actions = inputs.map((_, step) => {
    const told = lessons.filter((lesson) => lesson.step === step && !held.has(step));
    return told.map((lesson) => errorOf(image, model, lesson));
  });
  const done = runCore(program, image, { inputs, actions, held });
  const cycles = done.map((step) => step.cycles);
  for (const [step, { emitted, states, learned }] of done.entries()) {
    network.learning = !held.has(step);
    for (const lesson of lessons) if (lesson.step === step) network.teach(lesson.connection, lesson.signal);
    const events = play(network, 1, stimulus, step);
    const found = [
      ...Array.from(states, ([name, state]) => {
        const node = network.graph.nodes.find((candidate) => candidate.name === name)!;
        const shown = emittedBy(network, node, events);
        const expected = { ...stateOf(network, node), ...(shown && { emitted: shown }) };
        return differenceOf(name, expected, { ...state, emitted: emitted.get(name)! });
      }),
      ...Array.from(learned, ([name, state]) => differenceOf(name, learnedBy(network), { ...state })),
    ].find((each) => each !== undefined);
    if (found !== undefined) return { difference: `step ${step}, ${found}`, cycles };
  }
  return { difference: undefined, cycles };
}

type Numbers = ArrayLike<number> | undefined;

function differenceOf(name: string, expected: object, got: object): string | undefined {
  for (const [variable, values] of Object.entries(expected) as [string, Numbers][]) {
    if (values === undefined) continue;
    const numbers = (got as Record<string, ArrayLike<number>>)[variable]!;
    const wrong = Array.from(values).findIndex((value, n) => value !== numbers[n]);
    if (wrong >= 0) return `${variable} of "${name}"[${wrong}]: ${numbers[wrong]}; expected ${values[wrong]}`;
  }
  return undefined;
}

/** What the host writes for an error, by the text: the factor −κ/n·E·(1 − e^(−dt/τ))/dt of an output. */
function errorOf(image: CoreImage, model: Model, { connection, signal }: Lesson): CoreAction {
  const { errors, rows, inputs } = image.learned.get(connection)!;
  const { learningRate, tauPre } = model.learning.get(connection)![0]!.parameters as Record<string, number>;
  const { dt } = model.semantics;
  const hertz = -Math.expm1(-dt / tauPre!) / dt / 2 ** 16;
  const words = rows.flatMap((row, j) => tableRow(-(learningRate! / inputs) * signal[j]! * hertz, row));
  return { entry: image.entries.errors.get(connection)!, words: { at: errors!, words } };
}

/** What the one connection that learns has learned, out of a saved state. */
function learnedBy(network: RunningNetwork): CoreLearned {
  const state = arraysOf(network.save());
  const side = (name: string) => Object.entries(state).find(([key]) => key.startsWith(`learner0.rule0.${name}.`))?.[1];
  const [learned] = network.saveLearned().values();
  return {
    weights: Array.from(learned!.weights),
    pre: side('pre')!,
    post: side('post'),
    generator: state['learner0.weights.random']!,
  };
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

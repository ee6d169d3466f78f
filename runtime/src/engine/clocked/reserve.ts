import { elementCount } from '@spikewire/models';
import type { Draft } from './draft.ts';
import { EventListPlan } from './event-list.ts';
import { InputWindowPlan } from './input-window.ts';
import { planSynapse } from './populations/synaptic.ts';
import type { SynapticDrive } from './synaptic-drive.ts';

/** Lists and accumulators of the node at `place`, before any instruction names them. */
export function reserve(draft: Draft, place: number): void {
  const { structure, emissions, wiring } = draft;
  const { kind } = structure.node(place);
  if (kind.role === 'output') return;
  if (structure.isAlias(place)) {
    emissions.set(place, emissions.get(wiring.incoming[place]![0]!.source)!);
    return;
  }
  const driven = structure.drivenBy(place);
  if (driven !== undefined) {
    reserveSynapse(draft, place, driven);
    return;
  }
  if (structure.targetOf(place) === undefined) emissions.set(place, draft.list(structure.layouts[place]!));
  if (kind.role === 'neuron' && !structure.drives.has(place)) reserveSums(draft, place, kind.ports?.length ?? 0);
}

/** Accumulators of a population, one per port. */
function reserveSums(draft: Draft, place: number, ports: number): void {
  const { structure, placed, form, memory } = draft;
  const layout = structure.layouts[place]!;
  const isAdaptive = form.isAdaptive(structure.node(place));
  const takesInput = placed.exactSumsOf(place)?.input !== undefined;
  const accumulators = Array.from({ length: Math.max(1, ports) }, () => ({
    ...draft.sums(placed.sumsOf(place), layout),
    ...(takesInput && { graded: draft.sums('float32', layout) }),
    ...(isAdaptive && { mark: memory.reserve(4) }),
  }));
  draft.accumulators.set(place, accumulators);
}

/**
 * What arrives at a synapse is added to its state, which the population behind reads: it needs no list that is written.
 */
function reserveSynapse({ memory, structure, accumulators, populations }: Draft, place: number, drive: SynapticDrive) {
  const layout = structure.layouts[place]!;
  const state = planSynapse(memory, layout, drive.synapses.find((synapse) => synapse.place === place)!);
  const list = new EventListPlan(memory, layout);
  accumulators.set(place, [{ address: state.address, format: 'float32', layout }]);
  populations.push({ place, list, spikes: false, state: new Map([['v', state]]) });
}

/** Where the events of a window lie, and the instructions that hand them on to the Inputs' lists. */
export function takeInputs(draft: Draft): InputWindowPlan {
  const inputs = draft.wiring.graph.nodes.flatMap((node, place) => {
    if (node.kind.role !== 'input') return [];
    return [{ place, size: elementCount(node.shape), spike: draft.form.inputFormat(node).one }];
  });
  const window = new InputWindowPlan(draft.memory, inputs);
  for (const { place } of inputs) {
    const list = draft.emissions.get(place)!;
    draft.inputLists.add(list);
    draft.emit('takeInput', { window: window.descriptor, input: place, list: list.descriptor });
  }
  return window;
}

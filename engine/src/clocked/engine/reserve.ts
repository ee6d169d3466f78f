import { elementCount } from '@spikewire/models';
import type { Draft } from '../draft.ts';
import { EmissionRingPlan } from '../emission-ring.ts';
import { InputWindowPlan } from '../input-window.ts';
import { planSynapse } from '../populations/synaptic.ts';
import type { SynapticDrive } from '../synaptic-drive.ts';

/** Lists and accumulators of the node at `index`, before any instruction names them. */
export function reserve(draft: Draft, index: number): void {
  const { structure, emissions, wiring } = draft;
  const { kind } = structure.node(index);
  if (kind.role === 'output') return;
  if (structure.isAlias(index)) {
    emissions.set(index, emissions.get(wiring.incoming[index]![0]!.source)!);
    return;
  }
  const driven = structure.drivenBy(index);
  if (driven !== undefined) {
    reserveSynapse(draft, index, driven);
    return;
  }
  if (structure.targetOf(index) === undefined) emissions.set(index, draft.list(structure.layouts[index]!));
  if (kind.role === 'neuron' && !structure.drives.has(index)) reserveSums(draft, index, kind.ports?.length ?? 0);
}

/** Accumulators of a population, one per port. */
function reserveSums(draft: Draft, index: number, ports: number): void {
  const { structure, placed, form, memory } = draft;
  const layout = structure.layouts[index]!;
  const isAdaptive = form.isAdaptive(structure.node(index));
  const takesInput = placed.exactSumsOf(index)?.input !== undefined;
  const accumulators = Array.from({ length: Math.max(1, ports) }, () => ({
    ...draft.sums(placed.sumsOf(index), layout),
    ...(takesInput && { graded: draft.sums('float32', layout) }),
    ...(isAdaptive && { mark: memory.reserve(4) }),
  }));
  draft.accumulators.set(index, accumulators);
}

/**
 * What arrives at a synapse is added to its state, which the population behind reads: it needs no list that is written.
 */
function reserveSynapse({ memory, structure, accumulators, populations }: Draft, index: number, drive: SynapticDrive) {
  const layout = structure.layouts[index]!;
  const state = planSynapse(memory, layout, drive.synapses.find((synapse) => synapse.index === index)!);
  const list = new EmissionRingPlan(memory, layout);
  accumulators.set(index, [{ address: state.address, format: 'float32', layout }]);
  populations.push({ index, list, spikes: false, state: new Map([['v', state]]) });
}

/** Where the events of a window lie, and the instructions that hand them on to the Inputs' lists. */
export function takeInputs(draft: Draft): InputWindowPlan {
  const inputs = draft.wiring.graph.nodes.flatMap((node, index) => {
    if (node.kind.role !== 'input') return [];
    return [{ index, size: elementCount(node.shape), spike: draft.form.inputFormat(node).one }];
  });
  const window = new InputWindowPlan(draft.memory, inputs);
  for (const { index } of inputs) {
    const list = draft.emissions.get(index)!;
    draft.inputLists.add(list);
    draft.emit('takeInput', { window: window.descriptor, input: index, list: list.descriptor });
  }
  return window;
}

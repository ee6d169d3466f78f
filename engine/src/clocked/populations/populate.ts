import { anything, type NeuronKind } from '@spikewire/models';
import { connectBareEdges } from '../connect/connect.ts';
import type { Draft } from '../draft.ts';
import { HELD } from '../kernels/float-numbers.ts';
import type { Layout } from '../layout.ts';
import type { PopulationPlan, StateVariable } from '../program.ts';
import type { Sums } from '../sums.ts';
import { planDynamics } from './dynamics.ts';
import { planSynapticPopulation } from './synaptic.ts';

/** Bytes. */
const VECTOR = 16;

/** The work of the neuron node at `index`: by the kernel of its form, or by its kind's own equations. */
export function populate(draft: Draft, index: number, kind: NeuronKind): void {
  const { structure, form } = draft;
  if (structure.drives.has(index)) {
    populateSynaptic(draft, index);
    return;
  }
  const accumulators = draft.accumulators.get(index)!;
  connectBareEdges(draft, index, accumulators);
  if (structure.drivenBy(index) !== undefined) return;
  const node = structure.node(index);
  if (form.hasKernel(node)) {
    populateByKernel(draft, index, accumulators);
    return;
  }
  const bias = draft.biases.get(index);
  if (bias !== undefined) draft.startFrom(accumulators[0]!, bias);
  const plan = planDynamics(draft.memory, { kind, node, index, list: draft.emissions.get(index)! }, accumulators);
  const population = withArrivals(draft, plan.population, accumulators);
  draft.populations.push(population);
  draft.appendPart({ role: 'dynamics', plan });
}

function populateByKernel(draft: Draft, index: number, accumulators: readonly Sums[]): void {
  const { structure, form, memory } = draft;
  const node = structure.node(index);
  const list = draft.emissions.get(index)!;
  const bias = draft.biases.get(index);
  const { address, graded } = accumulators[0]!;
  const exact = draft.placed.exactSumsOf(index);
  const site = {
    memory,
    node,
    index,
    layout: list.layout,
    list,
    accumulator: address,
    exact,
    graded: graded && { ...draft.follow(exact!.input!), accumulator: graded.address },
    ports: portsOf(draft, index, accumulators),
    bias,
    map: mapOf(draft, index, list.layout),
  };
  if (bias !== undefined && form.isAdaptive(node)) draft.startFrom(accumulators[0]!, bias);
  const { plan, instruction } = form.population(site);
  draft.populations.push(withArrivals(draft, plan, accumulators));
  draft.append(instruction);
}

function populateSynaptic(draft: Draft, index: number): void {
  const { structure, memory } = draft;
  const drive = structure.drives.get(index)!;
  const list = draft.emissions.get(index)!;
  const synapses = drive.synapses.map((synapse) => draft.accumulators.get(synapse.index)![0]!.address);
  const { plan, instruction } = planSynapticPopulation({ memory, index, layout: list.layout, list }, drive, synapses);
  draft.populations.push(plan);
  draft.append(instruction);
}

function portsOf({ wiring, structure }: Draft, index: number, accumulators: readonly Sums[]) {
  const incoming = wiring.incoming[index]!;
  return accumulators.map(({ address, mark }, port) => {
    const sources = incoming.filter((edge) => edge.port === port).map(({ source }) => source);
    // What is there in every step, or added outside the kernels, leaves no mark.
    const unmarked = sources.some((source) => {
      const connectivity = structure.connectivity(source);
      const delays = connectivity?.structure === 'elementwise' ? connectivity.delays : undefined;
      return connectivity?.bias !== undefined || delays !== undefined;
    });
    return { address, isFed: sources.length > 0, mark: mark === undefined || unmarked ? 0 : mark };
  });
}

/** A byte per neuron, and room for the last vector that is read. */
function mapOf({ structure, memory, maps }: Draft, index: number, layout: Layout): number {
  if (!structure.hasMap(index)) return 0;
  const map = memory.reserve(layout.length + VECTOR);
  maps.set(index, map);
  return map;
}

/** Where connections add for the next step, the sums belong to the state. */
function withArrivals(
  { wiring, structure }: Draft,
  plan: PopulationPlan,
  accumulators: readonly Sums[],
): PopulationPlan {
  const late = wiring.incoming[plan.index]!.filter(({ source }) => structure.isLate(source));
  const arrivals = [...new Set(late.map(({ port }) => port))].map((port): [string, StateVariable] => {
    const { address, layout } = accumulators[port]!;
    return [
      `arrivals${port}`,
      { address, format: 'float32', length: layout.length, layout, resets: true, ranges: [HELD] },
    ];
  });
  const marks = accumulators.flatMap(({ mark }, port): [string, StateVariable][] =>
    mark === undefined
      ? []
      : [[`mark${port}`, { address: mark, format: 'int32', length: 1, resets: true, ranges: [anything] }]],
  );
  return { ...plan, state: new Map([...plan.state, ...arrivals, ...marks]) };
}

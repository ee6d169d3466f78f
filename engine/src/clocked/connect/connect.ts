import { type Connectivity, elementCount } from '@spikewire/models';
import type { Draft } from '../draft.ts';
import type { EmissionRingPlan } from '../emission-ring.ts';
import type { Stream } from '../program.ts';
import { type Sums, suffixOf } from '../sums.ts';
import { addOthers } from './all-but-one.ts';
import { convolve } from './convolution.ts';
import { copyElements } from './copying.ts';
import { addRows } from './dense.ts';
import { addElements, delayElements, scaleElements } from './elementwise.ts';
import type { Lowering, Lowerings } from './lowering.ts';
import { pool, poolSpikes } from './pooling.ts';
import { select } from './selection.ts';
import { addSparse } from './sparse.ts';

/** A new structure is a file and a line here. */
const lowerings: Lowerings = {
  dense: addRows,
  convolution: convolve,
  pooling: pool,
  selection: select,
  elementwise: scaleElements,
  sparse: addSparse,
  copying: copyElements,
  'all-but-one': addOthers,
};

/** The work of the connection node at `index`. */
export function connect(draft: Draft, index: number): void {
  const { structure, emissions, accumulators, wiring } = draft;
  if (structure.isAlias(index)) return;
  const connectivity = structure.connectivity(index)!;
  if (connectivity.structure === 'pooling' && structure.poolsSpikes(index)) {
    poolSpikes(draft, index, connectivity);
    return;
  }
  const target = structure.targetOf(index);
  const sums =
    target === undefined
      ? draft.sums(
          draft.formatFor(() => structure.largestOf(index)),
          structure.layouts[index]!,
        )
      : accumulators.get(target)![wiring.outgoing[index]![0]!.port]!;
  addBias(draft, connectivity, target, sums);
  transmit(draft, index, connectivity, sums);
  if (target === undefined) collect(draft, sums, emissions.get(index)!);
}

/** Constant input: part of the constants of a population with a kernel, else where the sum starts from. */
function addBias(draft: Draft, connectivity: Connectivity, target: number | undefined, sums: Sums): void {
  const bias = draft.form.biasOf(connectivity);
  if (bias === undefined) return;
  if (target === undefined) {
    draft.startFrom(sums, bias);
    return;
  }
  const total = draft.biases.get(target) ?? new Float64Array(bias.length);
  draft.biases.set(
    target,
    total.map((value, i) => value + bias[i]!),
  );
}

function transmit(draft: Draft, index: number, connectivity: Connectivity, sums: Sums): void {
  if (connectivity.structure === 'elementwise' && connectivity.delays !== undefined) {
    delayElements(draft, index, connectivity.delays, sums);
    return;
  }
  const arrival = arrivalAt(draft, index);
  if (draft.learned.has(index)) draft.arrivals.set(index, arrival);
  mark(draft, arrival, sums);
  const lower = lowerings[connectivity.structure] as Lowering;
  const { graded } = sums;
  if (graded !== undefined) onlyIf(draft, arrival, 0);
  lower(draft, { index, connectivity, arrival, sums });
  if (graded === undefined) return;
  onlyIf(draft, arrival, 1);
  lower(draft, { index, connectivity, arrival, sums: graded });
}

/** What arrives at a connection: its one source's list, or the sum of several. */
function arrivalAt(draft: Draft, index: number): Stream {
  const { structure, wiring, emissions } = draft;
  const incoming = wiring.incoming[index]!;
  const edge = incoming[0];
  if (edge !== undefined && incoming.length === 1) return draft.follow(edge);
  const size = elementCount(structure.node(index).inputShape);
  const layouts = incoming.map(({ source }) => emissions.get(source)!.layout);
  const common = layouts.every((layout) => layout.equals(layouts[0]!)) ? layouts[0] : undefined;
  const layout = common ?? structure.planar(size);
  const format = draft.formatFor(() => structure.largestArriving(index));
  const sums = draft.sums(format, layout);
  for (const each of incoming) addElements(draft, draft.follow(each), sums);
  const list = draft.list(layout);
  collect(draft, sums, list);
  return { list, delay: 0 };
}

/** What edges without a connection node bring to the accumulators of a population. */
export function connectBareEdges(draft: Draft, index: number, accumulators: readonly Sums[]): void {
  for (const edge of draft.wiring.incoming[index]!) {
    if (draft.structure.targetOf(edge.source) === index) continue;
    const arrival = draft.follow(edge);
    mark(draft, arrival, accumulators[edge.port]!);
    addElements(draft, arrival, accumulators[edge.port]!);
  }
}

/** The next instruction is for steps alone in which not all values of a list are 1 (`graded` 1), or all are (0). */
function onlyIf(draft: Draft, { list, delay }: Stream, graded: 0 | 1): void {
  draft.emit('onlyIf', { list: list.descriptor, delay, graded });
}

function mark(draft: Draft, { list, delay }: Stream, { mark }: Sums): void {
  if (mark !== undefined) draft.emit('mark', { list: list.descriptor, delay, mark });
}

function collect(draft: Draft, { address, layout, format }: Sums, list: EmissionRingPlan): void {
  draft.emit(`collect${suffixOf[format]}`, { accumulator: address, length: layout.length, list: list.descriptor });
}

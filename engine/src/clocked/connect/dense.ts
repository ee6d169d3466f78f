import type { DenseConnectivity } from '@spikewire/models';
import type { Draft } from '../draft.ts';
import { planLearning } from '../kernels/learning-kernels.ts';
import type { Layout } from '../layout.ts';
import type { Packing } from '../packed-weights.ts';
import type { Stream } from '../program.ts';
import { bytesOf, type Sums, sourceOperands, suffixOf } from '../sums.ts';
import type { ConnectionSite, Lowering } from './lowering.ts';
import { placeWeights } from './weights.ts';

/** Every event adds its row of weights. */
export const addRows: Lowering<DenseConnectivity> = (draft, site) => {
  const { index, connectivity, arrival, sums } = site;
  const { isInteger, shift } = draft.placed.weightsOf(index);
  const { length } = sums.layout;
  // Numbers that are not whole are added besides; rows are widened as they are read.
  const weights = draft.weights.get(index)?.address ?? placeRows(draft, site, isInteger);
  const isWidened = isInteger && sums.format === 'float32';
  draft.emit(isWidened ? 'addByteRowsFloat32' : `addRows${suffixOf[sums.format]}`, {
    ...sourceOperands(arrival),
    weights,
    rowBytes: length * (isInteger ? 1 : 4),
    accumulator: sums.address,
    columns: length,
    shift,
    synapses: connectivity.outputs,
    kept: keepsSums(draft, index, arrival, sums) ? draft.memory.reserve(bytesOf[sums.format] * length) : 0,
  });
};

function placeRows(draft: Draft, site: ConnectionSite<DenseConnectivity>, isInteger: boolean): number {
  const { index, connectivity, sums } = site;
  const packing = isInteger ? packPairs(connectivity, sums.layout) : packRows(connectivity, sums.layout);
  const hasKernels = draft.learned.has(index) && packing.strides !== undefined && !isInteger;
  return placeWeights(draft, site, packing, (address) =>
    hasKernels ? planLearning(draft.memory, address, connectivity, sums.layout.length) : undefined,
  );
}

/**
 * Whether sums are worth keeping for the next step: they come from nothing but an Input node, whose current often
 * stays for a sample. Not where others add, too, nor where weights change or the sums are a state, nor those of
 * spikes, which never stay.
 */
function keepsSums(draft: Draft, index: number, { list, delay }: Stream, { graded }: Sums): boolean {
  const { structure, wiring, form, learned, inputLists } = draft;
  if (graded !== undefined) return false;
  const fromInput = inputLists.has(list) && delay === 0 && !learned.has(index);
  const target = structure.targetOf(index);
  if (!fromInput || structure.isLate(index)) return false;
  if (target === undefined) return true;
  const only = wiring.incoming[target]!.length === 1 && structure.drivenBy(target) === undefined;
  return only && !form.isAdaptive(structure.node(target));
}

/** [inputs][target]: the row that an event adds is one run. */
function packRows({ inputs }: DenseConnectivity, target: Layout): Packing {
  const strides = { rowLength: inputs, rowStride: 1, columnStride: target.length };
  return {
    format: 'float32',
    length: inputs * target.length,
    paired: false,
    position: (k) => (k % inputs) * target.length + target.position(rowOf(k, inputs)),
    strides: target.pixels === 1 ? strides : undefined,
  };
}

/**
 * The row of element `k`. Divides without a remainder, because V8 would put the fraction on the heap, for each of all
 * weights.
 */
function rowOf(k: number, columns: number): number {
  return (k - (k % columns)) / columns;
}

/** The same in bytes: of sixteen columns, the first eight at even positions and the last eight at odd ones. */
function packPairs({ inputs }: DenseConnectivity, target: Layout): Packing {
  return {
    format: 'int8',
    length: inputs * target.length,
    paired: true,
    position(k) {
      const column = target.position(rowOf(k, inputs));
      const inSixteen = column % 16;
      const paired = inSixteen < 8 ? 2 * inSixteen : 2 * (inSixteen - 8) + 1;
      return (k % inputs) * target.length + column - inSixteen + paired;
    },
    strides: undefined,
  };
}

import type { CopyingConnectivity, SparseConnectivity } from '@spikewire/models';
import { sparseFlags } from '../kernels/instructions.ts';
import type { MemoryPlan } from '../kernels/memory.ts';
import type { Layout } from '../layout.ts';
import { type Packing, packInOrder, type WeightFormat } from '../packed-weights.ts';
import { sourceOperands, suffixOf } from '../sums.ts';
import type { Lowering } from './lowering.ts';
import { placeWeights } from './weights.ts';

/** Every event adds the weights of its listed synapses. */
export const addSparse: Lowering<SparseConnectivity> = (draft, site) => {
  const { index, connectivity, arrival, sums } = site;
  const { isInteger, shift } = draft.placed.weightsOf(index);
  const format = isInteger ? 'int8' : 'float32';
  const equalRows = draft.learned.has(index) ? undefined : packEqualRows(connectivity, format);
  const packing = equalRows ?? packInOrder(connectivity.targets.length, format);
  draft.emit(`addSparse${suffixOf[sums.format]}`, {
    ...sourceOperands(arrival),
    weights: placeWeights(draft, site, packing),
    ...placeSynapses(draft.memory, connectivity, packing.equalRows === true, sums.layout),
    accumulator: sums.address,
    shift,
  });
};

/** Where the synapses of each input begin, and the accumulator elements that they reach. */
export function placeSynapses(
  memory: MemoryPlan,
  { offsets, targets }: SparseConnectivity | CopyingConnectivity,
  equalRows: boolean,
  to: Layout,
) {
  const positions = Uint32Array.from(targets, (output) => to.position(output));
  const wide = to.length > 2 ** 16;
  return {
    offsets: memory.int32(offsets),
    targets: wide ? memory.int32(positions) : memory.int16(positions),
    flags: (equalRows ? sparseFlags.equalRows : 0) | (wide ? sparseFlags.wide : 0),
  };
}

/** One weight per input, for listed synapses whose rows have one weight each; undefined where a row has several. */
function packEqualRows({ inputs, offsets, weights }: SparseConnectivity, format: WeightFormat): Packing | undefined {
  for (let input = 0; input < inputs; input++) {
    for (let k = offsets[input]!; k < offsets[input + 1]!; k++) {
      if (weights![k] !== weights![offsets[input]!]) return undefined;
    }
  }
  const position = (k: number) => inputOf(k, offsets);
  return { format, length: inputs, paired: false, position, strides: undefined, equalRows: true, reads: offsets };
}

/** The input from which synapse k leaves: the last whose synapses do not begin behind it. */
function inputOf(k: number, offsets: Uint32Array): number {
  let [input, behind] = [0, offsets.length - 1];
  while (behind - input > 1) {
    const middle = (input + behind) >>> 1;
    if (offsets[middle]! <= k) input = middle;
    else behind = middle;
  }
  return input;
}

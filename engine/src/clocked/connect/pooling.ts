import type { PoolingConnectivity } from '@spikewire/models';
import type { Draft } from '../draft.ts';
import { floatOperand } from '../kernels/instructions.ts';
import { windowTable as windowTables } from '../kernels/kernel-constants.ts';
import type { MemoryPlan } from '../kernels/memory.ts';
import type { Layout } from '../layout.ts';
import { sourceOperands, suffixOf } from '../sums.ts';
import type { Lowering } from './lowering.ts';
import { windowOperands } from './window-operands.ts';

/** Three upper bytes of an index of four: of no byte. */
const NO_BYTES = 0xffffff00;

/** Every event adds its value to the windows it falls into. */
export const pool: Lowering<PoolingConnectivity> = (draft, { connectivity, arrival, sums }) => {
  const { geometry, gain } = connectivity;
  const { pixels, stride } = sums.layout;
  const isImage = pixels > 1;
  draft.emit(`pool${suffixOf[sums.format]}`, {
    ...sourceOperands(arrival),
    accumulator: sums.address,
    gain: floatOperand(gain),
    ...windowOperands(geometry),
    pixelStep: isImage ? stride : 1,
    channelStep: isImage ? 1 : geometry.outputSize[0] * geometry.outputSize[1],
    table: windowTable(draft.memory, arrival.list.layout, connectivity, sums.layout),
  });
};

/** A pooling of the spikes that one population sends in this step, which it leaves as a byte per neuron. */
export function poolSpikes(draft: Draft, index: number, { geometry, gain }: PoolingConnectivity): void {
  const { source } = draft.wiring.incoming[index]![0]!;
  const list = draft.emissions.get(index)!;
  const { inputWidth, kernelHeight, kernelWidth, outputHeight, outputWidth } = windowOperands(geometry);
  draft.emit(draft.placed.valuesOf(index) === 'int32' ? 'poolSpikesInt32' : 'poolSpikesFloat32', {
    map: draft.maps.get(source)!,
    list: list.descriptor,
    stride: list.layout.stride,
    ...{ inputWidth, kernelHeight, kernelWidth, outputHeight, outputWidth },
    gain: floatOperand(gain),
    lanes: draft.memory.int32(setLanes()),
  });
}

/**
 * For every four bits the lanes that are set, in order, as bytes that are picked with three bytes of zeros behind each.
 */
export function setLanes(): Int32Array {
  const table = new Int32Array(4 * 16);
  for (let bits = 0; bits < 16; bits++) {
    const set = [0, 1, 2, 3].filter((lane) => (bits >> lane) & 1);
    table.set(
      set.map((lane) => lane | NO_BYTES),
      4 * bits,
    );
  }
  return table;
}

/** Where windows do not overlap: the accumulator element of every source position. */
function windowTable(
  memory: MemoryPlan,
  from: Layout,
  { geometry, forEachSynapse }: PoolingConnectivity,
  to: Layout,
): number {
  const { nowhere } = windowTables;
  const apart = geometry.kernel.every((length, axis) => length <= geometry.stride[axis]!);
  if (!apart || to.length > nowhere) return 0;
  const table = new Uint16Array(from.length).fill(nowhere);
  for (let index = 0; index < from.size; index++) {
    forEachSynapse(index, (output) => {
      table[from.position(index)] = to.position(output);
    });
  }
  return memory.int16(table);
}

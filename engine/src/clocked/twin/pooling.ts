import { floatOf, type PoolingOperands, type SpikePoolingOperands } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { ArrivalReader, Emissions } from './arrivals.ts';
import type { Sums } from './sums.ts';
import { windowAt } from './window.ts';

/** Window sums: every event adds its value, times the gain of a real average, to each window it falls into. */
export function pool(memory: MemoryViews, { sums, values, product }: Sums, operands: PoolingOperands): () => void {
  const { inputWidth, inputArea, outputWidth, kernelHeight, kernelWidth } = operands;
  const arrivals = new ArrivalReader(memory, values, operands);
  const gain = sums instanceof Float32Array ? floatOf(operands.gain) : 1;
  return () => {
    arrivals.open();
    for (let k = 0; k < arrivals.count; k++) {
      const index = arrivals.index(k);
      const value = product(gain, arrivals.value(k));
      const channel = Math.floor(index / inputArea);
      const row = Math.floor((index % inputArea) / inputWidth);
      const column = index % inputWidth;
      for (let ky = 0; ky < kernelHeight; ky++) {
        const y = windowAt(row + operands.paddingY - ky, operands.strideY, operands.outputHeight);
        if (y < 0) continue;
        for (let kx = 0; kx < kernelWidth; kx++) {
          const x = windowAt(column + operands.paddingX - kx, operands.strideX, outputWidth);
          if (x < 0) continue;
          const element = (y * outputWidth + x) * operands.pixelStep + channel * operands.channelStep;
          sums[operands.accumulator / sums.BYTES_PER_ELEMENT + element]! += value;
        }
      }
    }
  };
}

/**
 * Sums over windows that do not overlap, from the bytes that a population leaves for its spikes; what is not zero
 * becomes a list.
 */
export function poolSpikes(
  memory: MemoryViews,
  values: Int32Array | Float32Array,
  operands: SpikePoolingOperands,
): () => void {
  const { map, list, stride, inputWidth, kernelHeight, kernelWidth, outputHeight, outputWidth } = operands;
  const emissions = new Emissions(memory, values, list, true);
  const gain = values instanceof Float32Array ? floatOf(operands.gain) : 1;
  return () => {
    emissions.open();
    for (let y = 0; y < outputHeight; y++) {
      for (let x = 0; x < outputWidth; x++) {
        for (let c = 0; c < stride; c++) {
          let sum = 0;
          for (let ky = 0; ky < kernelHeight; ky++) {
            for (let kx = 0; kx < kernelWidth; kx++) {
              const pixel = (y * kernelHeight + ky) * inputWidth + x * kernelWidth + kx;
              sum -= memory.int8[map + pixel * stride + c]!;
            }
          }
          if (sum !== 0) emissions.push((y * outputWidth + x) * stride + c, Math.fround(sum * gain));
        }
      }
    }
    emissions.close();
  };
}

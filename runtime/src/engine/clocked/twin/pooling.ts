import type { PoolingOperands } from '../instructions.ts';
import type { MemoryViews } from '../memory.ts';
import { Arrivals } from './arrivals.ts';
import type { Sums } from './sums.ts';
import { windowAt } from './window.ts';

const gainBits = new DataView(new ArrayBuffer(4));

/** The float32 number that an operand carries as its bits. */
function realOf(operand: number): number {
  gainBits.setInt32(0, operand);
  return gainBits.getFloat32(0);
}

/** Window sums: every event adds its value, times the gain of a real average, to each window it falls into. */
export function pool(memory: MemoryViews, { sums, values, product }: Sums, operands: PoolingOperands): () => void {
  const { inputWidth, inputArea, outputWidth, kernelHeight, kernelWidth } = operands;
  const arrivals = new Arrivals(memory, values, operands);
  const gain = sums instanceof Float32Array ? realOf(operands.gain) : 1;
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
          const element = (y * outputWidth + x) * operands.placeStep + channel * operands.channelStep;
          sums[operands.accumulator / sums.BYTES_PER_ELEMENT + element]! += value;
        }
      }
    }
  };
}

import type { ConvolutionOperands } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { ArrivalReader } from './arrivals.ts';
import { countSynapticOperations, type Sums } from './sums.ts';
import { windowAt } from './window.ts';

/**
 * Every event adds its channel's weights around its pixel. Weights lie [input channels][kernel height][kernel
 * width][stride], the taps of a row in reverse order; with several groups the last dimension is the output channels of
 * one group. Kernels that read tables made of these weights give the same sums.
 */
export function convolve(
  memory: MemoryViews,
  { sums, taps: weights, values, scaled, product }: Sums,
  operands: ConvolutionOperands,
): () => void {
  const { shift, inputWidth, inputArea, kernelHeight, kernelWidth, stride, outputWidth } = operands;
  const { inputsPerGroup, outputsPerGroup, groups } = operands;
  const arrivals = new ArrivalReader(memory, values, operands);
  const run = groups > 1 ? outputsPerGroup : stride;
  return () => {
    arrivals.open();
    let taps = 0;
    for (let k = 0; k < arrivals.count; k++) {
      const index = arrivals.index(k);
      const factor = scaled(arrivals.value(k), shift);
      const channel = Math.floor(index / inputArea);
      const top = Math.floor((index % inputArea) / inputWidth) * operands.apartY + operands.paddingY;
      const left = (index % inputWidth) * operands.apartX + operands.paddingX;
      const firstOutput = groups > 1 ? Math.floor(channel / inputsPerGroup) * outputsPerGroup : 0;
      for (let ky = 0; ky < kernelHeight; ky++) {
        const y = windowAt(top - ky * operands.dilationY, operands.strideY, operands.outputHeight);
        if (y < 0) continue;
        for (let kx = 0; kx < kernelWidth; kx++) {
          const x = windowAt(left - kx * operands.dilationX, operands.strideX, outputWidth);
          if (x < 0) continue;
          const tap = (channel * kernelHeight + ky) * kernelWidth + kernelWidth - 1 - kx;
          const from = operands.weights / weights.BYTES_PER_ELEMENT + tap * run;
          const to = operands.accumulator / sums.BYTES_PER_ELEMENT + (y * outputWidth + x) * stride + firstOutput;
          for (let o = 0; o < run; o++) sums[to + o]! += product(factor, weights[from + o]!);
          taps++;
        }
      }
    }
    countSynapticOperations(memory, taps * outputsPerGroup);
  };
}

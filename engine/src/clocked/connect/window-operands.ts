import type { WindowGeometry } from '@spikewire/models';

/** The operands of an instruction that say how a window slides. */
export function windowOperands({ inputSize, outputSize, kernel, stride, padding }: WindowGeometry) {
  return {
    inputWidth: inputSize[1],
    inputArea: inputSize[0] * inputSize[1],
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    paddingY: padding[0],
    paddingX: padding[1],
    outputHeight: outputSize[0],
    outputWidth: outputSize[1],
  };
}

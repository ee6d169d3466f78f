import { countOf, indexOf, isGraded, positionsOf, valuesOf } from './emission-ring';
import { address, operand } from './memory';
import { windowAt } from './window';
import { Convolution } from './names.generated';
import { valueOf } from './values';

/** Any geometry, event by event and tap by tap. */
export function addTaps<X>(p: usize, slot: usize): i32 {
  const positions = positionsOf(slot);
  const values = valuesOf(address(p, Convolution.list), slot);
  const graded = isGraded(slot);
  const width = operand(p, Convolution.inputWidth);
  const area = operand(p, Convolution.inputArea);
  let taps = 0;
  for (let k = 0; k < countOf(slot); k++) {
    const index = indexOf(load<i32>(positions + (<usize>k << 2)), operand(p, Convolution.sourceStride), operand(p, Convolution.sourcePixels));
    const channel = index / area;
    const pixel = index - channel * area;
    const row = pixel / width;
    const factor = valueOf<X>(values, k, graded, operand(p, Convolution.shift));
    taps += addEvent<X>(p, channel, row, pixel - row * width, factor);
  }
  return taps;
}

/** Returns the taps that met the output. */
export function addEvent<X>(p: usize, channel: i32, row: i32, column: i32, factor: X): i32 {
  const kernelWidth = operand(p, Convolution.kernelWidth);
  const outputWidth = operand(p, Convolution.outputWidth);
  const stride = operand(p, Convolution.stride);
  const outputs = operand(p, Convolution.outputsPerGroup);
  const grouped = operand(p, Convolution.groups) > 1;
  const tapLength = grouped ? outputs : stride;
  const firstOutput = grouped ? (channel / operand(p, Convolution.inputsPerGroup)) * outputs : 0;
  const weightBytes = isFloat<X>() ? 4 : 2;
  const top = row * operand(p, Convolution.apartY) + operand(p, Convolution.paddingY);
  const left = column * operand(p, Convolution.apartX) + operand(p, Convolution.paddingX);
  let taps = 0;
  for (let ky = 0; ky < operand(p, Convolution.kernelHeight); ky++) {
    const y = windowAt(top - ky * operand(p, Convolution.dilationY), operand(p, Convolution.strideY), operand(p, Convolution.outputHeight));
    if (y < 0) continue;
    for (let kx = 0; kx < kernelWidth; kx++) {
      const x = windowAt(left - kx * operand(p, Convolution.dilationX), operand(p, Convolution.strideX), outputWidth);
      if (x < 0) continue;
      const tap = (channel * operand(p, Convolution.kernelHeight) + ky) * kernelWidth + kernelWidth - 1 - kx;
      const weights = address(p, Convolution.weights) + <usize>(tap * tapLength * weightBytes);
      const accumulator = address(p, Convolution.accumulator) + <usize>(((y * outputWidth + x) * stride + firstOutput) * <i32>sizeof<X>());
      addEach<X>(accumulator, weights, tapLength, factor);
      taps++;
    }
  }
  return taps;
}

/** accumulator += factor · weights, one by one. */
function addEach<X>(accumulator: usize, weights: usize, length: i32, factor: X): void {
  for (let o = 0; o < length; o++) {
    const at = accumulator + <usize>o * sizeof<X>();
    if (isFloat<X>()) store<X>(at, load<X>(at) + factor * load<X>(weights + (<usize>o << 2)));
    else store<X>(at, load<X>(at) + factor * <X>load<i16>(weights + (<usize>o << 1)));
  }
}

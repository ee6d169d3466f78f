import { addPixels } from './convolution-scatter';
import { addTaps } from './convolution-taps';
import { countOf, slotOf } from './emission-ring';
import { address, countSynapticOperations, operand } from './memory';
import { Convolution } from './names.generated';

// Scatter: an event adds its channel's weights around its pixel. Accumulators lie channel-last,
// [height][width][stride], and so do the weights, [input channels][kernel height][kernel width][stride], with the taps
// of a row in reverse order: what one kernel row adds to is then one run of memory, for all channels and all its taps.
// Whole numbers have 16 bits here: kernels are small, and an event passes them too quickly for widening bytes to pay.

/**
 * Operands: list, delay, source stride, source pixels, weights, accumulator, shift, input width, input area, kernel
 * height, kernel width, stride y, stride x, padding y, padding x, dilation y, dilation x, output rows and columns by
 * which neighbours of the input lie apart, output height, output width, accumulator stride, input channels of a group,
 * output channels of a group, groups, partial sums, largest weight.
 */
export function convolve<X>(p: usize): void {
  const slot = slotOf(address(p, Convolution.list), operand(p, Convolution.delay));
  if (countOf(slot) == 0) return;
  const plain =
    operand(p, Convolution.groups) == 1 && operand(p, Convolution.strideY) == 1 && operand(p, Convolution.strideX) == 1 && operand(p, Convolution.dilationY) == 1 && operand(p, Convolution.dilationX) == 1;
  const taps = plain ? addPixels<X>(p, slot) : addTaps<X>(p, slot);
  countSynapticOperations(<f64>taps * <f64>operand(p, Convolution.outputsPerGroup));
}

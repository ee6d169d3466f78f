import { elementCount, type ParameterValue, scalar, tensor } from '@spikewire/models';
import { list } from './net-writer.ts';
import type { OnnxOperator } from './operator.ts';
import { listed, windowOf } from './window.ts';

/** A convolution the other way round, along one or two axes: each element reaches a window of the result. */
export const transposedConvolution: OnnxOperator = {
  types: ['ConvTranspose'],
  apply(site) {
    const { net, name } = site;
    const signal = net.settle(name, site.inOrder(site.signal(0)));
    const [weight, bias] = [site.constant(1), site.optionalConstant(2)];
    const sizes = signal.shape.slice(2);
    const axes = sizes.length;
    if ((axes !== 1 && axes !== 2) || weight.shape.length !== axes + 2) {
      throw site.refuse(`has a weight of ${weight.shape.length} dimensions`, 'one along one or two axes');
    }
    const isExplicit = site.text('auto_pad', 'NOTSET') === 'NOTSET' && site.integers('output_shape') === undefined;
    if (!isExplicit) throw site.refuse('has an output_shape or an auto_pad', 'pads and output_padding');
    const [inputs, perGroup, ...kernel] = weight.shape as [number, number, ...number[]];
    const groups = site.integer('group', 1);
    if (groups < 1 || inputs !== signal.shape[1] || inputs % groups !== 0 || perGroup < 1) {
      throw site.refuse(`has a weight for ${inputs} channels in ${groups} groups`, `${signal.shape[1]} channels`);
    }
    const { stride, dilation, before, behind } = windowOf(site, sizes, kernel);
    const more = listed(site, 'output_padding', axes, 0);
    // What is cut off before is cut off behind as well, less what is added there.
    const added = before.map((count, k) => count - behind[k]! + more[k]!);
    if (added.some((count) => count < 0)) throw site.refuse('has more pads behind than before', 'no more than before');
    if (bias !== undefined && bias.data.length !== perGroup * groups) {
      throw site.refuse(`has a bias of ${bias.data.length} numbers`, `${perGroup * groups}`);
    }
    net.take(weight.data.length);
    const parameters: Record<string, ParameterValue> = {
      weight: tensor(byOutput(weight.data, inputs / groups, perGroup, elementCount(kernel)), [
        perGroup * groups,
        inputs / groups,
        ...kernel,
      ]),
      ...(bias && { bias: list(bias.data) }),
      stride: list(stride),
      padding: list(before),
      output_padding: list(added),
      dilation: list(dilation),
      groups: scalar(groups),
    };
    return net.add(name, `ConvTranspose${axes}d`, parameters, signal);
  },
};

/** ONNX has the inputs first, within each group. */
function byOutput(data: ArrayLike<number>, inputs: number, outputs: number, taps: number): Float32Array {
  return Float32Array.from({ length: data.length }, (_, k) => {
    const [tap, input] = [k % taps, Math.floor(k / taps) % inputs];
    const output = Math.floor(k / (taps * inputs));
    const group = Math.floor(output / outputs);
    return data[((group * inputs + input) * outputs + (output % outputs)) * taps + tap]!;
  });
}

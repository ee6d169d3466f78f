import { SpikewireError } from '@spikewire/models';
import type { NumberArrays } from '../backend/backend.ts';
import type { NetworkParameter } from '../network/network.ts';
import { gradientLengthOf } from './programs.ts';

/**
 * Throws `learning`, naming layer and step, where the loss or a gradient is no longer a finite number. Gradients go from the
 * output to the input and take what is wrong along, so that the layer next to the output is the one.
 */
export function refuseDivergence(outputs: NumberArrays, parameters: readonly NetworkParameter[], step: number): void {
  const loss = outputs.loss![0]!;
  const bad = parameters.findLast(({ name }) => !Number.isFinite(outputs[gradientLengthOf(name)]![0]!));
  if (Number.isFinite(loss) && bad === undefined) return;
  const layer = (bad ?? parameters.at(-1)!).layer.name;
  const problem = Number.isFinite(loss)
    ? `the gradient of "${layer}" is not finite`
    : `the loss is ${loss}, from "${layer}" on`;
  throw new SpikewireError('learning', `training step ${step}`, problem, 'a lower --learning-rate');
}

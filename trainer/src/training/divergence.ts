import { SpikewireError } from '@spikewire/models';
import type { NumberArrays } from '../backend/backend.ts';
import type { LearnedParameter } from '../lowering/learned.ts';
import { gradientLengthOf } from './programs.ts';

/**
 * Throws `learning`, naming node and step, where the loss or a gradient is no longer a finite number. Gradients go from
 * the output to the input and take what is wrong along, so that the node next to the output is the one.
 */
export function refuseDivergence(outputs: NumberArrays, learned: readonly LearnedParameter[], step: number): void {
  const loss = outputs.loss![0]!;
  const bad = learned.findLast(({ name }) => !Number.isFinite(outputs[gradientLengthOf(name)]![0]!));
  if (Number.isFinite(loss) && bad === undefined) return;
  const { node } = bad ?? learned.at(-1)!;
  const problem = Number.isFinite(loss)
    ? `the gradient of "${node}" is not finite`
    : `the loss is ${loss}, from "${node}" on`;
  throw new SpikewireError('learning', `training step ${step}`, problem, 'a lower --learning-rate');
}

import { SpikewireError } from '@spikewire/models';
import type { NumberArrays } from '../backend/backend.ts';
import type { LearnedParameter } from '../lowering/learned.ts';
import { gradientLengthOf, NEXT } from './programs.ts';

/**
 * Size of a learned number beyond which float32 has no fractions: no threshold of a neuron makes a difference there.
 */
const LARGEST = 2 ** 24;
/** Numbers of an array that are looked at in a step; in the next ones come the others. */
const LOOKED_AT = 256;

/**
 * Throws `learning`, naming node and step, where the loss or a gradient is no longer a finite number, or what is
 * learned has grown beyond 2²⁴. Gradients go from the output to the input and take what is wrong along, so that the
 * node next to the output is the one.
 */
export function refuseDivergence(outputs: NumberArrays, learned: readonly LearnedParameter[], step: number): void {
  const loss = outputs.loss![0]!;
  const expected = 'a lower --learning-rate, or other options nearer their defaults';
  const refuse = (problem: string) => new SpikewireError('learning', `training step ${step}`, problem, expected);
  const bad = learned.findLast(({ name }) => !Number.isFinite(outputs[gradientLengthOf(name)]![0]!));
  if (!Number.isFinite(loss)) throw refuse(`the loss is ${loss}, from "${(bad ?? learned.at(-1)!).node}" on`);
  if (bad !== undefined) throw refuse(`the gradient of "${bad.node}" is not finite`);
  for (const { name, node, key } of learned.toReversed()) {
    const large = largeAmong(outputs[NEXT + name]!, step);
    if (large !== undefined) throw refuse(`the ${key} of "${node}" has a number as large as ${large.toPrecision(2)}`);
  }
}

function largeAmong(numbers: Float32Array, step: number): number | undefined {
  const every = Math.ceil(numbers.length / LOOKED_AT);
  for (let k = step % every; k < numbers.length; k += every) {
    if (!(Math.abs(numbers[k]!) <= LARGEST)) return numbers[k]!;
  }
  return undefined;
}

import { add, filled, scale } from '../graph/elementwise.ts';
import { gradientsOf } from '../graph/gradients.ts';
import { type Program, programOf } from '../graph/program.ts';
import { sumOfSquares } from '../graph/squares.ts';
import { sumTo } from '../graph/sums.ts';
import { sumOf } from '../graph/time.ts';
import { given, type Value } from '../graph/value.ts';
import { clipped } from './clipping.ts';
import { lowerPlan, type TrainingPlan } from './plan.ts';

/** Name of an optimiser's array of a parameter. */
export const slotOf = (parameter: string, slot: string) => `${parameter}/${slot}`;

/** Name of the squared length of a parameter's gradient, a scalar output. */
export const gradientLengthOf = (parameter: string) => `${parameter}/gradient`;

/** Prefix of the outputs that are the arrays of the next step. */
export const NEXT = 'next/';

/**
 * The forward half in evaluation form: the inputs, `targets` [batch, classes], the parameters and the running arrays of
 * nodes of training in; `losses` [batch] and `answers` [batch, classes] out.
 */
export function forwardProgram(plan: TrainingPlan, batch: number): Program {
  const { losses, answers } = forward(plan, batch, false);
  return programOf({ losses, answers });
}

/**
 * A whole step of training as one program: forward, backward, update. In besides what the forward half takes:
 * `stepSize` and `rate`, the drawn arrays of nodes of training and the optimiser's arrays. Out besides what it gives:
 * `loss`, the lengths of the gradients, and every array anew.
 */
export function trainingProgram(plan: TrainingPlan, batch: number): Program {
  const { net, losses, answers } = forward(plan, batch, true);
  const mean = scale(sumTo(losses, []), 1 / batch);
  const loss = plan.regularisers.reduce((sum, regulariser) => add(sum, regulariser(net)), mean);
  const gradients = gradientsOf(loss, filled([], 1), [...net.parameters.values()]);
  const sizes = { stepSize: given('stepSize', []), rate: given('rate', []) };
  const squares = gradients.map(sumOfSquares);
  const used = plan.clip === undefined ? gradients : clipped(gradients, sumOf(squares), plan.clip);
  const outputs: Record<string, Value> = { loss, losses, answers };
  for (const [index, [name, parameter]] of [...net.parameters].entries()) {
    const gradient = used[index]!;
    const slots = plan.optimiser.slots.map((slot) => [slot, given(slotOf(name, slot), parameter.shape)] as const);
    const next = plan.optimiser.update(parameter, Object.fromEntries(slots), gradient, sizes);
    outputs[NEXT + name] = next.parameter;
    for (const [slot, value] of Object.entries(next.slots)) outputs[NEXT + slotOf(name, slot)] = value;
    outputs[gradientLengthOf(name)] = squares[index]!;
  }
  for (const [name, value] of net.next) outputs[NEXT + name] = value;
  return programOf(outputs);
}

function forward(plan: TrainingPlan, batch: number, learns: boolean) {
  const net = lowerPlan(plan, batch, learns);
  return { net, ...plan.loss.of(net.answer, given('targets', [batch, plan.classes])) };
}

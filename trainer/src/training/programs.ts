import type { Shape } from '@spikewire/models';
import { gradientsOf } from '../graph/gradients.ts';
import { add, filled, scale } from '../graph/operations/elementwise.ts';
import { sumOfSquares } from '../graph/operations/squares.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import { given, type Value } from '../graph/operations/value.ts';
import { type Program, programOf } from '../graph/program.ts';
import type { LoweredGraph } from '../lowering/lower.ts';
import { clipped } from './clipping.ts';
import { lowerPlan, type TrainingPlan } from './plan.ts';

/** Name of an optimiser's array of a parameter. */
export const slotOf = (parameter: string, slot: string) => `${parameter}/${slot}`;

/** Name of the squared length of a parameter's gradient, a scalar output. */
export const gradientLengthOf = (parameter: string) => `${parameter}/gradient`;

/** Name of a parameter's gradient that a part of a batch gives. */
const gradientOf = (parameter: string) => `gradient/${parameter}`;

/** Name under which the update takes what a part gives. */
export const ofPart = (part: number, name: string) => `${part}/${name}`;

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
  const next = [...net.next].map(([name, value]) => [NEXT + name, value] as const);
  const changed = updated(plan, net.parameters, gradientsIn(net, loss));
  return programOf({ loss, losses, answers, ...changed, ...Object.fromEntries(next) });
}

/**
 * Forward and backward over `rows` of the samples of a batch, as a program: what the whole step takes but for the
 * optimiser, and `losses`, `answers`, and the share of these samples in `loss` and gradients.
 */
export function partProgram(plan: TrainingPlan, rows: number, batch: number): Program {
  const { net, losses, answers } = forward(plan, rows, true);
  const loss = scale(sumTo(losses, []), 1 / batch);
  const gradients = gradientsIn(net, loss);
  const named = [...net.parameters.keys()].map((name, index) => [gradientOf(name), gradients[index]!] as const);
  return programOf({ loss, losses, answers, ...Object.fromEntries(named) });
}

/** The rest of the step, from `loss` and gradients of so many parts, which are added first to last. */
export function updateProgram(plan: TrainingPlan, parts: number): Program {
  const sum = (name: string, shape: Shape) =>
    sumOf(Array.from({ length: parts }, (_, part) => given(ofPart(part, name), shape)));
  const parameters = new Map(plan.learned.map(({ name, shape }) => [name, given(name, shape)] as const));
  const gradients = plan.learned.map(({ name, shape }) => sum(gradientOf(name), shape));
  return programOf({ loss: sum('loss', []), ...updated(plan, parameters, gradients) });
}

function gradientsIn({ parameters }: LoweredGraph, loss: Value): Value[] {
  return gradientsOf(loss, filled([], 1), [...parameters.values()]);
}

/** The arrays of parameters and optimiser after a step, and the lengths of the gradients, by name. */
function updated(
  plan: TrainingPlan,
  parameters: ReadonlyMap<string, Value>,
  gradients: readonly Value[],
): Record<string, Value> {
  const sizes = { stepSize: given('stepSize', []), rate: given('rate', []) };
  const squares = gradients.map(sumOfSquares);
  const used = plan.clip === undefined ? gradients : clipped(gradients, sumOf(squares), plan.clip);
  const outputs: Record<string, Value> = {};
  for (const [index, [name, parameter]] of [...parameters].entries()) {
    const gradient = used[index]!;
    const slots = plan.optimiser.slots.map((slot) => [slot, given(slotOf(name, slot), parameter.shape)] as const);
    const next = plan.optimiser.update(parameter, Object.fromEntries(slots), gradient, sizes);
    outputs[NEXT + name] = next.parameter;
    for (const [slot, value] of Object.entries(next.slots)) outputs[NEXT + slotOf(name, slot)] = value;
    outputs[gradientLengthOf(name)] = squares[index]!;
  }
  return outputs;
}

function forward(plan: TrainingPlan, batch: number, learns: boolean) {
  const net = lowerPlan(plan, batch, learns);
  return { net, ...plan.loss.of(net.answer, given('targets', [batch, plan.classes]), net.inputs) };
}

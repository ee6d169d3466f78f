import { softmaxCrossEntropy } from '../graph/cross-entropy.ts';
import { filled } from '../graph/elementwise.ts';
import { gradientsOf } from '../graph/gradients.ts';
import { type Program, programOf } from '../graph/program.ts';
import { sumOfSquares } from '../graph/sums.ts';
import { given, type Value } from '../graph/value.ts';
import { buildNetwork, type NetworkPlan } from '../network/network.ts';
import { adamUpdate } from '../optimisers/adam.ts';

/** Names of the optimiser's arrays of a parameter. */
export const meanOf = (parameter: string) => `${parameter}/mean`;
export const squareOf = (parameter: string) => `${parameter}/square`;

/** Name of the squared length of a parameter's gradient, a scalar output. */
export const gradientLengthOf = (parameter: string) => `${parameter}/gradient`;

/** Prefix of the outputs that are the arrays of the next step. */
export const NEXT = 'next/';

/**
 * A whole step of training as one program: forward, backward, update. In: `input`, `targets` [batch, classes], `stepSize`, all
 * parameters and the optimiser's arrays. Out: `loss`, `logits`, the lengths of the gradients, and every array anew.
 */
export function trainingProgram(plan: NetworkPlan, batch: number): Program {
  const { logits, parameters } = buildNetwork(plan, batch);
  const loss = softmaxCrossEntropy(logits, given('targets', logits.shape));
  const gradients = gradientsOf(loss, filled([], 1), [...parameters.values()]);
  const stepSize = given('stepSize', []);
  const outputs: Record<string, Value> = { loss, logits };
  for (const [place, [name, parameter]] of [...parameters].entries()) {
    const gradient = gradients[place]!;
    const mean = given(meanOf(name), parameter.shape);
    const square = given(squareOf(name), parameter.shape);
    const next = adamUpdate({ parameter, mean, square }, gradient, stepSize);
    outputs[NEXT + name] = next.parameter;
    outputs[NEXT + meanOf(name)] = next.mean;
    outputs[NEXT + squareOf(name)] = next.square;
    outputs[gradientLengthOf(name)] = sumOfSquares(gradient);
  }
  return programOf(outputs);
}

/** The forward half: in `input` and the parameters, out `logits`. */
export function forwardProgram(plan: NetworkPlan, batch: number): Program {
  return programOf({ logits: buildNetwork(plan, batch).logits });
}

import { type FeedbackDeclaration, RandomGenerator, type ResolvedGraph, SpikewireError } from '@spikewire/models';

/** How the errors of a net reach the neurons behind a learned connection: a fixed matrix, [outputs][errors]. */
export interface Feedback {
  readonly errors: number;
  readonly matrix: Float64Array;
}

/** Sets `signal` to matrix · errors. */
export function feedBack({ errors, matrix }: Feedback, given: ArrayLike<number>, signal: Float64Array): void {
  for (let output = 0; output < signal.length; output++) {
    let sum = 0;
    for (let e = 0; e < errors; e++) sum += matrix[output * errors + e]! * given[e]!;
    signal[output] = sum;
  }
}

/**
 * Makes the matrix of a declaration: standard normal numbers over √errors (feedback alignment; Lillicrap et al. 2016),
 * or the weights that another connection of the model has at the start, as they are (forward) or transposed (backward).
 * Throws `learning` where there is no such connection or its sizes do not fit.
 */
export function feedbackOf(
  declaration: FeedbackDeclaration,
  { nodes }: ResolvedGraph,
  outputs: number,
  where: string,
): Feedback {
  if ('random' in declaration) {
    const { random: errors, seed = 1 } = declaration;
    const generator = new RandomGenerator(seed, where);
    const spread = 1 / Math.sqrt(errors);
    return { errors, matrix: Float64Array.from({ length: outputs * errors }, () => spread * generator.nextNormal()) };
  }
  const { through, direction } = declaration;
  const found = nodes.find(({ name }) => name === through);
  if (found?.kind.role !== 'connection') {
    throw new SpikewireError('learning', `${where}.feedback`, `names "${through}"`, 'a connection node with weights');
  }
  const connectivity = found.kind.connect(found.node, found.inputShape);
  const { weights, gain } = connectivity;
  const forward = direction === 'forward';
  const reached = forward ? connectivity.outputs : connectivity.inputs;
  if (weights === undefined || reached !== outputs) {
    const problem = `goes ${direction} through "${through}" to ${reached} neurons`;
    throw new SpikewireError('learning', `${where}.feedback`, problem, `${outputs}, those behind the connection`);
  }
  const errors = forward ? connectivity.inputs : connectivity.outputs;
  const matrix = new Float64Array(outputs * errors);
  for (let input = 0; input < connectivity.inputs; input++) {
    connectivity.forEachSynapse(input, (output, k) => {
      const index = forward ? output * errors + input : input * errors + output;
      matrix[index]! += gain * weights[k]!;
    });
  }
  return { errors, matrix };
}

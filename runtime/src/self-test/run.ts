import { type Model, type SelfTest, SpikewireError } from '@spikewire/models';
import type { Engine } from '../engine/engine.ts';
import { differenceOf, isExactFor, toleranceOf } from './difference.ts';
import { answerOf, inputOf } from './vector.ts';

/**
 * Runs the self-test vectors of a model on an engine, on a net of their own that has learned nothing. Returns how many were run:
 * all, or none where the engine computes an integer model with real numbers, of which the vectors say nothing.
 *
 * @throws `unsupported`, naming vector and event, where an answer is not the expected one: exact in an integer model; in a float
 * model every spike at its step, and states that are handed on within 0.1 % of the largest
 */
export function runSelfTests(model: Model, engine: Engine): number {
  const { selfTests } = model;
  if (selfTests.length === 0 || !isExactFor(model, engine)) return 0;
  const network = engine.load(model);
  network.learning = false;
  for (const [index, test] of selfTests.entries()) {
    const answer = answerOf(network, test.steps, inputOf(test, network.graph));
    refuseDifference(`selfTests[${index}] on ${engine.name}`, test, answer, toleranceOf(model));
  }
  return selfTests.length;
}

function refuseDifference(where: string, test: SelfTest, answer: SelfTest['output'], tolerance: number): void {
  const difference = differenceOf(test.output, answer, tolerance);
  if (difference === undefined) return;
  const { node, came, expected } = difference;
  throw new SpikewireError('unsupported', `${where}, output "${node}"`, `gave ${came}`, expected);
}

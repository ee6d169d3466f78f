import { type Model, type SelfTest, SpikewireError } from '@spikewire/models';
import type { Engine, RunningNetwork } from '../engine/engine.ts';
import { type Answer, differenceOf, isExactFor, toleranceOf } from './difference.ts';
import { answerOf, inputOf } from './vector.ts';

/**
 * Runs the self-test vectors of a model on an engine, on a net of their own that has learned nothing. Returns how many were run:
 * all, or none where the engine computes an integer model with real numbers, of which the vectors say nothing.
 *
 * @throws `unsupported`, naming vector and event, where an answer is not the expected one: exact in an integer model; in a float
 * model every spike at its step, and states that are handed on within 0.1 % of the largest
 */
export function runSelfTests(model: Model, engine: Engine): number {
  if (!hasSelfTestsFor(model, engine)) return 0;
  for (const { engine: name, network } of candidatesOf(engine.load(model), engine)) answerAll(model, name, network);
  return model.selfTests.length;
}

/** The same on a net that is about to start, which is afterwards as it was before. */
export function selfTest(network: RunningNetwork, engine: Engine): number {
  const { model } = network;
  if (!hasSelfTestsFor(model, engine)) return 0;
  for (const { engine: name, network: each } of candidatesOf(network, engine)) {
    const [state, { learning }] = [each.save(), each];
    answerAll(model, name, each);
    each.restore(state);
    each.learning = learning;
  }
  return model.selfTests.length;
}

function hasSelfTestsFor(model: Model, engine: Engine): boolean {
  return model.selfTests.length > 0 && isExactFor(model, engine);
}

function candidatesOf(network: RunningNetwork, { name }: Engine): NonNullable<RunningNetwork['candidates']> {
  return network.candidates ?? [{ engine: name, network }];
}

function answerAll(model: Model, engine: string, network: RunningNetwork): void {
  network.learning = false;
  for (const [index, test] of model.selfTests.entries()) {
    const answer = answerOf(network, test.steps, inputOf(test, network.graph), test.membranes?.keys() ?? []);
    refuseDifference(`selfTests[${index}] on ${engine}`, test, answer, toleranceOf(model));
  }
}

function refuseDifference(where: string, test: SelfTest, answer: Answer, tolerance: number): void {
  const difference = differenceOf(test, answer, tolerance);
  if (difference === undefined) return;
  const { where: place, came, expected } = difference;
  throw new SpikewireError('unsupported', `${where}, ${place}`, `gave ${came}`, expected);
}

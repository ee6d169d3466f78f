import { type Model, type SelfTest, SpikewireError } from '@spikewire/models';
import type { Engine, RunningNetwork } from '../engine.ts';
import { nextTurn } from '../next-turn.ts';
import { type Answer, differenceOf, isExactFor, toleranceOf } from './difference.ts';
import { answerInTurns, inputOf } from './vector.ts';

/** Events kept beyond those that are expected: enough to say what came, and not what fills the memory. */
const SURPLUS = 1000;

/**
 * Runs the self-test vectors of a model on an engine, on a net of their own that has learned nothing. Returns how many
 * were run: all, or none where the engine computes an integer model with real numbers, of which the vectors say
 * nothing.
 *
 * @throws `unsupported`, naming vector and event, where an answer is not the expected one: exact in an integer model;
 * in a float model every spike at its step, and states that are handed on within 0.1 % of the largest
 */
export function runSelfTests(model: Model, engine: Engine): number {
  if (!hasSelfTestsFor(model, engine)) return 0;
  for (const { engine: name, network } of candidatesOf(engine.load(model), engine)) {
    for (const _ of answerAll(model, name, network));
  }
  return model.selfTests.length;
}

/**
 * The same on a net that is about to start, which is afterwards as it was before, in turns between which other things
 * may happen. Rejects with `unsupported` also when `signal` is aborted before the end.
 */
export async function selfTest(network: RunningNetwork, engine: Engine, signal?: AbortSignal): Promise<number> {
  const { model } = network;
  if (!hasSelfTestsFor(model, engine)) return 0;
  for (const where of selfTesting(network, engine)) {
    await nextTurn();
    if (signal?.aborted) throw new SpikewireError('unsupported', 'self-tests', `were stopped in ${where}`, 'their end');
  }
  return model.selfTests.length;
}

function* selfTesting(network: RunningNetwork, engine: Engine): Generator<string, void> {
  const { model } = network;
  for (const { engine: name, network: each } of candidatesOf(network, engine)) {
    const [state, { learning }] = [each.save(), each];
    yield* answerAll(model, name, each);
    each.restore(state);
    each.learning = learning;
  }
}

function hasSelfTestsFor(model: Model, engine: Engine): boolean {
  return model.selfTests.length > 0 && isExactFor(model, engine);
}

function candidatesOf(network: RunningNetwork, { name }: Engine): NonNullable<RunningNetwork['candidates']> {
  return network.candidates ?? [{ engine: name, network }];
}

/** Gives between turns where it is. */
function* answerAll(model: Model, engine: string, network: RunningNetwork): Generator<string, void> {
  network.learning = false;
  for (const [index, test] of model.selfTests.entries()) {
    const where = `selfTests[${index}] on ${engine}`;
    const input = inputOf(test, network.graph);
    const expected = [...test.output.values()].reduce((sum, { shape }) => sum + shape[0]!, 0);
    const answering = answerInTurns(network, test.steps, input, test.membranes?.keys() ?? [], expected + SURPLUS);
    let turn = answering.next();
    for (; turn.done !== true; turn = answering.next()) yield where;
    refuseDifference(where, test, turn.value, toleranceOf(model));
  }
}

function refuseDifference(where: string, test: SelfTest, answer: Answer, tolerance: number): void {
  const difference = differenceOf(test, answer, tolerance);
  if (difference === undefined) return;
  const { where: spot, came, expected } = difference;
  throw new SpikewireError('unsupported', `${where}, ${spot}`, `gave ${came}`, expected);
}

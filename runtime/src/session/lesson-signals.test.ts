import { referenceEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { decoderKinds, parseModel, resolveGraph } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { LessonSignals } from './lesson-signals.ts';
import { Session } from './session.ts';
import type { Lesson } from './teaching.ts';

/** A classifier of two classes over two channels; hidden and output layer learn as the case says. */
function modelWith(learning: Record<string, unknown>, decoder = 'count') {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      fc: {
        type: 'Linear',
        weight: [
          [0.9, 0.1],
          [0.1, 0.9],
          [0.8, 0.8],
        ],
      },
      hidden: { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1 },
      decode: {
        type: 'Linear',
        weight: [
          [1, 0, 0.5],
          [0, 1, 0.5],
        ],
      },
      cell: { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1 },
      out: { type: 'Output', shape: [2] },
    },
    edges: chain('in', 'fc', 'hidden', 'decode', 'cell', 'out'),
    learning,
    encoder: { in: { type: 'direct', range: [-1, 1], span: 'unit' } },
    decoder: { out: { type: decoder } },
    sample: { steps: 20, between: 'reset' },
    labels: ['ok', 'fault'],
  });
}

const rstdp = { rule: 'rstdp', aPlus: 0.1, aMinus: 0.05, tauEligibility: 0.5 };
const reward = (value: number): Lesson => ({ kind: 'reward', value, time: undefined });
const label = (name: string): Lesson => ({ kind: 'label', label: name, time: undefined });
const target = (...values: number[]): Lesson => ({
  kind: 'target',
  values: Float64Array.from(values),
  time: undefined,
});
const error = (...values: number[]): Lesson => ({ kind: 'error', values: Float64Array.from(values), time: undefined });

/** A session that has answered one reading of class "ok". */
async function answered(learning: Record<string, unknown>, decoder = 'count') {
  const model = modelWith(learning, decoder);
  const executor = new InProcessExecutor(referenceEngine, model);
  const session = new Session(model, executor, { clock: () => 0 });
  const { result } = await session.feed({ time: 1, values: Float64Array.of(1, -0.8) });
  if (decoder !== 'linear') expect(result).toBe('ok');
  return { session, weights: (name: string) => Array.from(executor.network.readWeights(name)) };
}

/** What a lesson changes at a connection. */
async function changeBy(
  lesson: Lesson,
  learning: Record<string, unknown>,
  connection: string,
  decoder = 'count',
): Promise<number[]> {
  const { session, weights } = await answered(learning, decoder);
  const before = weights(connection);
  expect(await session.teach(lesson)).toBe('applied');
  expect(session.failure).toBeUndefined();
  return weights(connection).map((weight, k) => weight - before[k]!);
}

describe('lessons', () => {
  it('a reward reaches reward-modulated connections in proportion, whatever its sign', async () => {
    const full = await changeBy(reward(1), { fc: rstdp }, 'fc');
    const half = await changeBy(reward(-0.5), { fc: rstdp }, 'fc');
    expect(full.some((change) => change !== 0)).toBe(true);
    half.forEach((change, k) => {
      expect(change).toBeCloseTo(-0.5 * full[k]!, 12);
    });
  });

  // One that is itself taught names no class before.
  const classifiers = decoderKinds.filter(
    ({ type, classifies, reads }) => classifies && reads === 'spikes' && type !== 'teachable',
  );

  it.each(classifiers.map(({ type }) => type))(
    'a label rewards by 1 where %s named that class and by −1 where it named another',
    async (decoder) => {
      const change = (lesson: Lesson) => changeBy(lesson, { fc: rstdp }, 'fc', decoder);
      const good = await change(reward(1));
      const bad = await change(reward(-1));
      expect(good).not.toEqual(bad);
      expect(await change(label('ok'))).toEqual(good);
      expect(await change(label('fault'))).toEqual(bad);
    },
  );

  it('a label is not a reward for an answer that names no class, remembered or not', async () => {
    const { session } = await answered({ fc: rstdp }, 'linear');
    const refusal = 'lesson: is a label, which no rule of this net takes';
    await expect(session.teach(label('ok'))).rejects.toThrow(refusal);
    await expect(session.teach({ kind: 'label', label: 'ok', time: 0 })).rejects.toThrow(refusal);
  });

  it('a label means to each connection what its rule takes', async () => {
    const learning = {
      fc: { rule: 'eprop', feedback: { through: 'decode', direction: 'backward' } },
      decode: rstdp,
    };
    expect((await changeBy(label('fault'), learning, 'fc')).some((change) => change !== 0)).toBe(true);
    expect((await changeBy(label('fault'), learning, 'decode')).some((change) => change !== 0)).toBe(true);
    // An error of numbers says nothing to the one, a reward nothing to the other.
    expect((await changeBy(error(1, 0), learning, 'decode')).every((change) => change === 0)).toBe(true);
    expect((await changeBy(reward(1), learning, 'fc')).every((change) => change === 0)).toBe(true);
  });

  it('a target is what a spiking output should have sent in the last step', async () => {
    const change = await changeBy(target(0, 1), { decode: { rule: 'resume', a: 0.5, amplitude: 0 } }, 'decode');
    expect(change.map((each) => Math.round(1e9 * each) / 1e9 + 0)).toEqual([0, 0, 0, 0.5, 0.5, 0.5]);
  });

  it.each([
    [
      { fc: rstdp },
      target(0, 1),
      'lesson: is a target, which no rule of this net takes; expected {"reward"} or {"label"}',
    ],
    [
      { decode: { rule: 'pes' } },
      reward(1),
      'lesson: is a reward, which no rule of this net takes; expected {"label"}',
    ],
    [{ decode: { rule: 'resume' } }, target(0, 1e308), 'lesson.target: has 1e+308; expected at most 100'],
    [{ decode: { rule: 'resume' } }, error(0, 1), 'lesson: is an error, which no rule of this net takes'],
    [{ fc: { rule: 'stdp', aPlus: 1, aMinus: 1 } }, label('ok'), 'and this net has no rule that takes lessons'],
    [{ fc: rstdp }, reward(1e6), 'lesson.reward: is 1000000; expected at most 100'],
    [{ fc: rstdp }, label('odd'), 'lesson.label: is "odd"; expected ok, fault'],
  ])('with the rules %j refuses %j and goes on', async (learning, lesson, message) => {
    const { session } = await answered(learning);
    await expect(session.teach(lesson)).rejects.toThrow(message);
    expect(session.failure).toBeUndefined();
    await session.feed({ time: 2, values: Float64Array.of(0, 1) });
  });

  it('refuses a net whose rule takes another number of errors than it answers with', () => {
    const model = modelWith({ fc: { rule: 'eprop' } });
    const graph = resolveGraph(model.graph, model.semantics);
    expect(() => new LessonSignals(model, graph, { size: 2, elements: 2 })).toThrow(
      'learning of "fc": takes 3 errors, and the net answers with 2 numbers; expected as many, or a feedback from the',
    );
    // Where an answer is other numbers than those of the Output, no error of an element follows from it.
    expect(new LessonSignals(model, graph, { size: 1, elements: 2 }).takingErrors).toEqual([]);
  });
});

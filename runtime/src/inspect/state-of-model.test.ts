import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clockedEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { classifierModel, type Model, RandomGenerator, readModel, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KeptSession } from '../session/kept/kept-session.ts';
import { learnedModel } from './state-of-model.ts';

const source = inProcess(clockedEngine);
const LEVELS: Readonly<Record<string, number>> = { low: -1.5, middle: 0, high: 1.5 };
const names = Object.keys(LEVELS);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-learned-'));
});
afterEach(() => rm(folder, { recursive: true }));

function untaught(running: boolean): Model {
  const standardise = { mean: 0, deviation: 1 };
  return classifierModel({
    channels: [{ name: 'level', unit: 'm' }],
    labels: names,
    standardise,
    running,
    neurons: 40,
  });
}

async function answersOf(model: Model, readings: readonly number[], store: string, isTaught = false) {
  const kept = await KeptSession.open(writeModel(model), source, { store: join(store, 'net') });
  const answers: unknown[] = [];
  for (const [time, value] of readings.entries()) {
    const outcome = await kept.feed({ time, values: Float64Array.of(value) });
    answers.push('result' in outcome ? outcome.result : undefined);
    const label = names.find((name) => Math.abs(LEVELS[name]! - value) < 0.5)!;
    if (isTaught) await kept.teach({ kind: 'label', label, time });
  }
  await kept.close();
  return answers;
}

function levels(count: number, seed: number): number[] {
  const random = new RandomGenerator(seed, 'levels');
  return Array.from({ length: count }, () => LEVELS[names[random.nextInteger(3)]!]! + 0.4 * random.nextUniform() - 0.2);
}

it('a model with what its net was taught knows it without the state', async () => {
  const model = untaught(false);
  await answersOf(model, levels(60, 1), join(folder, 'taught'), true);
  const learned = await learnedModel(model, join(folder, 'taught'));
  expect(learned.notes).toEqual([]);
  const readings = levels(40, 2);
  const right = readings.map((value) => names.find((name) => Math.abs(LEVELS[name]! - value) < 0.5));
  const whole = readModel(writeModel(learned.model));
  const answers = await answersOf(whole, readings, join(folder, 'a'));
  expect(answers.filter((answer, k) => answer === right[k]).length).toBeGreaterThanOrEqual(38);
  const before = await answersOf(model, readings, join(folder, 'b'));
  expect(before.filter((answer, k) => answer === right[k]).length).toBeLessThan(20);
});

it('says that running features begin anew', async () => {
  const model = untaught(true);
  await answersOf(model, levels(30, 1), join(folder, 'taught'), true);
  const { notes } = await learnedModel(model, join(folder, 'taught'));
  expect(notes).toEqual([expect.stringContaining('running features are not in the file')]);
});

it('a net that was taught nothing is as it was', async () => {
  const model = untaught(false);
  await answersOf(model, levels(5, 1), join(folder, 'untaught'));
  const { model: same, notes } = await learnedModel(model, join(folder, 'untaught'));
  expect([same.base, notes]).toEqual([undefined, []]);
});

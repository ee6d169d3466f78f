import { engines, selfTest } from '@spikewire/engine';
import type { Engine } from '@spikewire/engine/network';
import type { Model } from '@spikewire/models';
import type { Check, CheckResult } from './check.ts';

/** Whether this machine computes a model as it was meant: its self-test vectors, on every engine that they speak of. */
export const model: Check = {
  name: 'model',
  look: async ({ model: asked, signal }) => (asked === undefined ? [] : judgeModel(asked.name, asked.model, signal)),
};

async function judgeModel(name: string, tested: Model, signal?: AbortSignal): Promise<CheckResult | CheckResult[]> {
  const { length } = tested.selfTests;
  const attempts = engines.map((engine) => ({ engine, refusal: refusalOf(engine, tested) }));
  const able = attempts.flatMap(({ engine, refusal }) => (refusal === undefined ? [engine] : []));
  if (able.length === 0) {
    const advice = 'change the model as this error says, or update spikewire';
    return { state: 'bad', found: `${name}: ${attempts[0]!.refusal}`, advice };
  }
  if (length === 0) {
    const found = `${name}: runs on ${able.map((engine) => engine.name).join(', ')}; has no self-test vectors`;
    return { state: 'note', found, advice: 'spikewire train writes them; in code, recordSelfTests makes them' };
  }
  const outcomes: ({ readonly engine: string } & Outcome)[] = [];
  for (const engine of able) outcomes.push({ engine: engine.name, ...(await tryOn(engine, tested, signal)) });
  const failures = outcomes.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  if (failures.length > 0) {
    const advice = 'copy the model again; do not use it here if it fails again';
    return failures.map((failure) => ({ state: 'bad', found: `${name}: ${failure}`, advice }));
  }
  const passed = outcomes.filter(({ run }) => run > 0).map(({ engine }) => engine);
  const vectors = `${length} self-test ${length === 1 ? 'vector' : 'vectors'}`;
  if (passed.length > 0) return { state: 'ok', found: `${name}: ${vectors} passed on ${passed.join(', ')}` };
  return {
    state: 'bad',
    found: `${name}: its self-tests do not apply to any engine of this version`,
    advice: 'update spikewire',
  };
}

/** Why an engine does not run a model; undefined where it does. */
function refusalOf(engine: Engine, tested: Model): string | undefined {
  try {
    engine.load(tested);
    return undefined;
  } catch (problem) {
    return (problem as Error).message;
  }
}

interface Outcome {
  readonly run: number;
  readonly failure?: string;
}

async function tryOn(engine: Engine, tested: Model, signal?: AbortSignal): Promise<Outcome> {
  try {
    return { run: await selfTest(engine.load(tested), engine, signal) };
  } catch (problem) {
    if (signal?.aborted) throw problem;
    return { run: 0, failure: (problem as Error).message };
  }
}

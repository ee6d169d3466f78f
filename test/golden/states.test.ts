import { readFileSync } from 'node:fs';
import { learnedWeight, readLearned, readModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { describe, expect, it } from 'vitest';
import { readGolden } from './data.ts';

/*
 * States that earlier builds wrote (write-states.mjs) and every later one must read: form 1 is that of 0.1.0. With each
 * are the weights that the net had learned and the results of its next readings.
 */

const LEARNED = 'reading/decode';

function read(name: string): Uint8Array {
  return readFileSync(new URL(`data/states/${name}`, import.meta.url));
}

/** A session on a state of `data/states/`, and what happened when it was restored. */
async function restored(state: string, form: string, engine: string) {
  const model = readModel(read(`${form}.spike`));
  const executor = new InProcessExecutor(engineNamed(engine), model);
  const session = new Session(model, executor);
  return { session, network: executor.network, ...(await session.restore(read(`${state}.state`))) };
}

async function nextResults(session: Session, readings = 5): Promise<number[][]> {
  const results: number[][] = [];
  for (let k = 60; k < 60 + readings; k++) {
    const { result } = await session.feed({ time: 1000 * k, values: Float64Array.of(20 + Math.sin(k / 3)) });
    results.push([...(result as Float64Array)]);
  }
  return results;
}

describe.each([1, 2])('a state of form %i', (version) => {
  it.each([
    ['float', 'reference'],
    ['float', 'clocked'],
    ['float', 'event'],
    ['int8', 'clocked'],
  ])('of a %s net on %s goes on bit for bit', async (form, engine) => {
    const state = `${version}-${form}-${engine}`;
    const { weights, results } = readGolden(`states/${state.slice(2)}.json`) as {
      weights: number[];
      results: number[][];
    };
    const { session, network, notes, learnedOnly } = await restored(state, form, engine);
    expect({ notes, learnedOnly, sequence: session.sequence }).toEqual({
      notes: 'notes',
      learnedOnly: undefined,
      sequence: 60,
    });
    expect([...network.readWeights(LEARNED)]).toEqual(weights);
    expect(await nextResults(session)).toEqual(results);
  });
});

describe('a state of another engine', () => {
  it('of form 1 is refused with the reason, and nothing has changed', async () => {
    const problem = 'state: is of version 1, which only the engine that wrote it can read; expected version 2';
    await expect(restored('1-float-clocked', 'float', 'reference')).rejects.toThrow(problem);
  });

  it('of form 2 goes on with what was learned, and the range and the monitor with it', async () => {
    const { weights } = readGolden('states/float-clocked.json') as { weights: number[] };
    const { session, network, learnedOnly } = await restored('2-float-clocked', 'float', 'reference');
    expect([...network.readWeights(LEARNED)]).toEqual(weights);
    expect(learnedOnly).toMatchObject({ because: 'state: belongs to engine "clocked"; expected "reference"' });
    expect(session.sequence).toBe(60);
    expect(session.warmUp.done).toBe(session.warmUp.of);
    for (const [result] of await nextResults(session)) expect(Math.abs(result! - 20)).toBeLessThan(2);
  });

  it('can be read by whoever knows models only', () => {
    for (const state of ['2-float-clocked', '2-int8-clocked', '2-float-event']) {
      const { weights } = readGolden(`states/${state.slice(2)}.json`) as { weights: number[] };
      const learned = readLearned(read(`${state}.state`)).get(LEARNED)!;
      expect(weights.map((_, k) => learnedWeight(learned, k))).toEqual(weights);
    }
  });
});

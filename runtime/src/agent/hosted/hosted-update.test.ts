import { referenceEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { classifierModel, writeModel } from '@spikewire/models';
import { afterEach, expect, it } from 'vitest';
import type { Watched } from '../../host/index.ts';
import { openSession } from '../../session/kept/open-session.ts';
import { readNetModel } from '../../session/net-model.ts';
import { CarriedNets } from './hosted-update.ts';

const baseOf = (seed: number) =>
  readNetModel(
    writeModel(
      classifierModel({
        channels: [{ name: 'level', unit: 'm' }],
        labels: ['low', 'high'],
        standardise: { mean: 0, deviation: 1 },
        running: false,
        seed,
      }),
    ),
  );
const [FORMER, NEXT] = [baseOf(1), baseOf(2)];
const LESSONS = 10;
const opened = (base = NEXT) => openSession(base, inProcess(referenceEngine), { keepLessons: true });

let nets: CarriedNets;
afterEach(() => nets.close());

/** The state of a net that was taught some lessons. */
async function taughtState(): Promise<Uint8Array> {
  const session = await opened(FORMER);
  for (let k = 0; k < LESSONS; k++) {
    await session.feed({ time: k, values: Float64Array.of(k % 2) });
    await session.teach({ kind: 'label', label: k % 2 === 0 ? 'low' : 'high', time: k });
  }
  return session.save();
}

it.each([
  ['carry', true],
  ['carry', false],
  ['rebase', true],
  ['reset', true],
  [null, true],
] as const)('a net that ran beside, with %s, goes on as it is unless it lacks lessons (%s)', async (how, lacks) => {
  const own = await (await opened()).save();
  const beside = { stateOf: async () => own, lacksLessons: () => lacks } as unknown as Watched;
  nets = new CarriedNets({ memory: 2 ** 30, source: inProcess(referenceEngine) });
  nets.begin({ former: FORMER, next: NEXT, carrying: how }, beside);
  const state = await nets.carryOver('', { digest: FORMER.digest, state: await taughtState() });
  if (how !== 'carry' || !lacks) return expect(state).toBe(own); // these bases do not allow to add a difference
  const session = await opened();
  await session.restore(state!);
  expect(session.taught!.figures.labels).toBe(LESSONS);
});

it('a net whose newest state is of a model that was left goes on with what the former one has left', async () => {
  nets = new CarriedNets({ memory: 2 ** 30, source: inProcess(referenceEngine) });
  nets.begin({ former: FORMER, next: NEXT, carrying: 'carry' });
  const state = await taughtState();
  expect(await nets.carryOver('', { digest: baseOf(3).digest, state })).toBeUndefined();
  expect(await nets.carryOver('', { digest: FORMER.digest, state })).toBeDefined();
});

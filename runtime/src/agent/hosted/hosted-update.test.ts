import { referenceEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { classifierModel, SpikewireError, writeModel } from '@spikewire/models';
import { expect, it } from 'vitest';
import { Host, type Watched } from '../../host/index.ts';
import { openSession } from '../../session/kept/open-session.ts';
import { readNetModel } from '../../session/net-model.ts';
import type { WayEnd } from '../trial/trial.ts';
import { CarriedNets, HostedUpdate } from './hosted-update.ts';

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
  nets = new CarriedNets({ memory: 2 ** 30, openSource: async () => inProcess(referenceEngine) });
  nets.begin({ former: FORMER, next: NEXT, carrying: how }, beside);
  const state = await nets.carryOver('', { digest: FORMER.digest, state: await taughtState() });
  if (how !== 'carry' || !lacks) return expect(state).toBe(own); // these bases do not allow to add a difference
  const session = await opened();
  await session.restore(state!);
  expect(session.taught!.figures.labels).toBe(LESSONS);
});

// What watched nets take is shared out equally among them.
it.each([
  [3.5, ['carry', 'rebase', 'reset']],
  [2.5, ['carry', 'rebase']],
  [1.5, ['carry']],
])('where there is memory for %d nets beside, these ways run: %j, and the others wait', async (times, expected) => {
  const memory = Math.ceil(times * NEXT.demand);
  const host = await Host.open({ bytes: FORMER.bytes }, { net: '', device: 'reference', threads: 0, memory });
  nets = new CarriedNets({ memory, openSource: async () => inProcess(referenceEngine) });
  try {
    const update = new HostedUpdate(host, FORMER.bytes, nets, { memory });
    const ends: WayEnd[] = [];
    const watch = (ways: readonly ('carry' | 'rebase' | 'reset')[]) =>
      update.watch({ bytes: NEXT.bytes, name: 'next', isFormer: false }, ways, { pair() {}, judge() {} }, (_, end) => {
        ends.push(end);
      });
    expect(await watch(['carry', 'rebase', 'reset'])).toEqual(expected);
    expect([...update.figures().keys()]).toEqual(expected);
    expect(await watch(['reset'])).toEqual(['reset']);
    expect(ends).toEqual([]);
  } finally {
    await host.close();
  }
});

it('a base that does not fit at all ends all ways, for this machine’s sake', async () => {
  const host = await Host.open({ bytes: FORMER.bytes }, { net: '', device: 'reference', threads: 0 });
  nets = new CarriedNets({ memory: 2 ** 30, openSource: async () => inProcess(referenceEngine) });
  const update = new HostedUpdate(host, FORMER.bytes, nets, { memory: 2 ** 30 });
  host.watch = async () => {
    throw new SpikewireError('budget', 'next', 'needs 2 MB', 'at most 1 MB');
  };
  const ends: WayEnd[] = [];
  const base = { bytes: NEXT.bytes, name: 'next', isFormer: false };
  expect(await update.watch(base, ['carry', 'reset'], { pair() {}, judge() {} }, (_, end) => ends.push(end))).toEqual(
    [],
  );
  expect(ends.map(({ cause }) => cause)).toEqual(['machine', 'machine']);
  await host.close();
});

it('a net whose newest state is of a model that was left goes on with what the former one has left', async () => {
  nets = new CarriedNets({ memory: 2 ** 30, openSource: async () => inProcess(referenceEngine) });
  nets.begin({ former: FORMER, next: NEXT, carrying: 'carry' });
  const state = await taughtState();
  expect(await nets.carryOver('', { digest: baseOf(3).digest, state })).toBeUndefined();
  expect(await nets.carryOver('', { digest: FORMER.digest, state })).toBeDefined();
});

it('the place where lessons are taught again is open as long as it has users', async () => {
  const events: string[] = [];
  const openSource = async () => {
    events.push('open');
    return { ...inProcess(referenceEngine), close: async () => void events.push('close') };
  };
  nets = new CarriedNets({ memory: 2 ** 30, openSource });
  const state = await taughtState();
  const carry = (carrying: 'carry' | 'rebase') => nets.carry(carrying, FORMER, state, NEXT, '');
  expect(await Promise.all([carry('carry'), carry('carry')])).toEqual([expect.anything(), expect.anything()]);
  expect(events).toEqual(['open', 'close']);
  await expect(nets.carry('carry', FORMER, Uint8Array.of(1), NEXT, '')).rejects.toThrow();
  expect(events).toEqual(['open', 'close', 'open', 'close']);
});
